"""How a query and an event of User Behavior Insights 1.3.0 are written and read back."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from features.base import Json
from mappings.events.event_documents import HITS_LIMIT
from mappings.events.ubi_mapping import EVENTS_DATASET, QUERIES_DATASET

OBJECT_ID_FIELD = "id"
PICTURE_QUERY = "image"
PLAIN_PICTURE = "plain"
"""Stands for the group of a picture that has no hash, such as a blank one."""

INTERNAL = ("@timestamp", "event", "picture")
"""Fields that Elasticsearch and we need, and an export leaves out."""


@dataclass(frozen=True)
class Exposure:
    """The experiment that a shopper's search was part of, and the variant that answered it."""

    experiment: str
    variant: str


@dataclass(frozen=True)
class ShopQuery:
    """A shopper's query and its answer.

    `words` is "" for a query without words; `object_id` is the product that similar ones were
    asked for. `picture` is the query value of the hash that groups pictures, None where the picture
    has none. `regions` counts the pictures of which a part was searched with.
    """

    id: str
    at: datetime
    application: str
    words: str = ""
    object_id: str = ""
    pictures: int = 0
    picture: Json = None
    regions: int = 0
    page: int = 1
    filters: Mapping[str, Json] = field(default_factory=dict)
    plan: str = ""
    model: str = ""
    total: int = 0
    hits: tuple[str, ...] = ()
    low_confidence: bool = False
    client_id: str = ""
    session_id: str = ""
    exposure: Exposure | None = None


def query_document(query: ShopQuery) -> Json:
    """Return the document of a query.

    That of a picture without words says `image` until `with_group` names the group of its picture.
    """
    lookalike = {
        "plan": query.plan,
        "model": query.model,
        "regions": query.regions,
        "pictures": query.pictures,
        "page": query.page,
        "total": query.total,
        "filters": dict(query.filters),
        "low_confidence": query.low_confidence,
    }
    if query.exposure:
        lookalike |= {
            "experiment": query.exposure.experiment,
            "variant": query.exposure.variant,
        }
    document = {
        "timestamp": zoned(query.at),
        "query_id": query.id,
        "application": query.application,
        "user_query": _user_query(query),
        "object_id_field": OBJECT_ID_FIELD,
        "query_response_id": query.id,
        "query_response_hit_ids": list(query.hits[:HITS_LIMIT]),
        "query_attributes": {"lookalike": lookalike},
        **_pseudonyms(query.client_id, query.session_id),
        **internal_fields(f"query:{query.id}", query.at, QUERIES_DATASET),
    }
    if query.pictures:
        document["picture"] = {"hash": query.picture} if query.picture else {}
    return document


def with_group(document: Json, group: str, stored_hash: Json = None) -> Json:
    """Return a picture query's document with the group of its picture and the hash to keep."""
    attributes = document["query_attributes"]
    lookalike = {**attributes["lookalike"], "picture_group": group}
    words = document["user_query"]
    return {
        **document,
        "user_query": f"{PICTURE_QUERY}:{group}" if words == PICTURE_QUERY else words,
        "query_attributes": {**attributes, "lookalike": lookalike},
        "picture": {"group": group, **({"hash": stored_hash} if stored_hash else {})},
    }


def event_document(event: Mapping[str, Json], key: str, received_at: datetime) -> Json:
    """Return the document of an event in UBI's form; `key` is its own for good.

    Its `timestamp` has a zone.
    """
    at = datetime.fromisoformat(str(event["timestamp"]))
    return {**event, **internal_fields(key, at, EVENTS_DATASET, received_at)}


def event_key(client: str, event_id: str) -> str:
    """Return the key of an event that its sender named: two senders never share one."""
    return hashlib.sha256(f"{client}\n{event_id}".encode()).hexdigest()[:32]


def is_query(document: Mapping[str, Json]) -> bool:
    """Say whether a document is a query; else it is an event."""
    return "action_name" not in document


def exported(document: Mapping[str, Json]) -> Json:
    """Return a stored document as UBI has it; an event keeps its key, as `event_id`."""
    ubi = {name: value for name, value in document.items() if name not in INTERNAL}
    return ubi if is_query(document) else {**ubi, "event_id": document["event"]["id"]}


def zoned(at: datetime) -> str:
    """Return a time as UBI writes it: ISO 8601, to the millisecond, in UTC."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def internal_fields(
    key: str, at: datetime, dataset: str, received_at: datetime | None = None
) -> dict[str, Json]:
    """Return what a document of a data stream has beside UBI's fields."""
    received = {"ingested": zoned(received_at)} if received_at else {}
    return {
        "@timestamp": zoned(at),
        "event": {"id": key, "dataset": dataset, **received},
    }


def _user_query(query: ShopQuery) -> str:
    if words := query.words.strip():
        return words
    if query.pictures and not query.object_id:
        return PICTURE_QUERY
    return f"product:{query.object_id}" if query.object_id else ""


def _pseudonyms(client_id: str, session_id: str) -> dict[str, str]:
    pairs = {"client_id": client_id, "session_id": session_id}
    return {name: value for name, value in pairs.items() if value}
