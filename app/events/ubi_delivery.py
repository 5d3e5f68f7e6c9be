"""Completes what shoppers asked and did, off the request path, and stores it in its data stream.

Queries get the group of their picture; events get what the shop knows itself: the product's
category and price, and the query that they say they follow. A client cannot make these up.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

from app.events.foreign_values import without_none
from app.events.picture_groups import PictureGroups
from app.events.product_facts import ProductFacts, ProductFactsReader
from app.events.query_origins import QueryOrigin, QueryOrigins
from features.base import Json
from mappings.events.ubi_documents import is_query
from mappings.events.ubi_mapping import EVENTS, QUERIES

CreateDocuments = Callable[[str, Sequence[tuple[str, Json]]], Mapping[str, str]]
"""Stores (id, document) pairs in a data stream; returns id → reason for those refused for good."""

FOLDER = "shop-events"
"""The folder of the state folder where documents wait for Elasticsearch."""

PRICED = frozenset({"add_to_cart", "purchase"})
"""Actions that have a price and a quantity; without one, the product's price and 1."""


class UbiDelivery:
    """Stores recorded queries and events. For one thread; raises what Elasticsearch's do."""

    def __init__(
        self,
        create: CreateDocuments,
        groups: PictureGroups,
        origins: QueryOrigins,
        products: ProductFactsReader,
    ) -> None:
        self._create = create
        self._groups = groups
        self._origins = origins
        self._products = products

    def __call__(self, batch: Sequence[tuple[str, Json]]) -> dict[str, str]:
        """Store a batch, its queries first; return id → reason for those refused for good."""
        queries = [(key, document) for key, document in batch if is_query(document)]
        events = [(key, document) for key, document in batch if not is_query(document)]
        refused: dict[str, str] = {}
        if queries:
            completed = self._groups.complete([document for _, document in queries])
            keys = [key for key, _ in queries]
            refused |= self._create(QUERIES, list(zip(keys, completed, strict=True)))
            self._origins.remember(completed)
        if events:
            refused |= self._create(EVENTS, self._completed(events))
        return refused

    def _completed(self, events: Sequence[tuple[str, Json]]) -> list[tuple[str, Json]]:
        documents = [document for _, document in events]
        query_ids = {document["query_id"] for document in documents if document.get("query_id")}
        origins = self._origins.find(query_ids, _youngest_s(documents)) if query_ids else {}
        objects = {key for document in documents if (key := _object_id(document))}
        facts = self._products.read(objects) if objects else {}
        return [
            (
                key,
                completed_event(
                    document, facts.get(_object_id(document)), origins.get(document.get("query_id"))
                ),
            )
            for key, document in events
        ]


def completed_event(
    document: Mapping[str, Json], facts: ProductFacts | None, origin: QueryOrigin | None
) -> Json:
    """Return an event with what the shop knows of its product and its query.

    `facts` is None for an unknown product, `origin` for an unknown query: both are said so.
    """
    attributes = dict(document["event_attributes"])
    if _object_id(document):
        attributes["known"] = facts is not None
    if facts is not None:
        if facts.category is not None:
            attributes["category"] = facts.category
        if document["action_name"] in PRICED and attributes.get("price") is None:
            attributes |= without_none({"price": facts.price, "currency": facts.currency})
    if document["action_name"] in PRICED:
        attributes.setdefault("quantity", 1)
    completed = {**document, "event_attributes": attributes}
    if document.get("query_id"):
        attributes["joined"] = origin is not None
    if origin is not None:
        completed["user_query"] = origin.user_query
        if origin.experiment:
            attributes |= {"experiment": origin.experiment, "variant": origin.variant}
    return completed


def _object_id(document: Mapping[str, Json]) -> str:
    return str(document["event_attributes"].get("object", {}).get("object_id", ""))


def _youngest_s(documents: Sequence[Mapping[str, Json]]) -> float:
    latest = max(document["event"]["ingested"] for document in documents)
    return (datetime.now(UTC) - datetime.fromisoformat(latest)).total_seconds()
