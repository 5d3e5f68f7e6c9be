"""What shoppers ask and do, in User Behavior Insights 1.3.0: two data streams and their fields.

A document has UBI's fields (https://github.com/o19s/ubi, schema/1.3.0) and, for Elasticsearch and
for data quality, `@timestamp` and `event`. UBI leaves attributes free; here those that are reported
on have fields of their own, and any other is in `attributes`, which is flattened: names that
clients make up never widen the mapping.

Names are for ever, as in `event_documents`.
"""

from collections.abc import Mapping

from features.base import Feature, Json
from features.capabilities import Conclusive, Measurable
from mappings.events.event_documents import RETENTION_DAYS
from mappings.events.event_mapping import BOOLEAN, FLOAT, KEYWORD, LONG, object_of, stream_template

QUERIES_DATASET, EVENTS_DATASET = "lookalike.ubi_queries", "lookalike.ubi_events"
QUERIES, EVENTS = f"logs-{QUERIES_DATASET}-default", f"logs-{EVENTS_DATASET}-default"
PATTERN = "logs-lookalike.ubi_*"
"""Both streams, for rights and deletions."""

SAME_PHOTO = "same_photo"

FLATTENED = {"type": "flattened", "ignore_above": 1024}
DATE = {"type": "date"}


def index_templates(features: Mapping[str, Feature]) -> dict[str, Json]:
    """Return name → index template of both data streams; `features` are those in use."""
    about = {QUERIES_DATASET: "Queries of shoppers", EVENTS_DATASET: "Events of shoppers"}
    fields = {QUERIES_DATASET: query_properties(features), EVENTS_DATASET: event_properties()}
    return {
        f"logs-{dataset}": stream_template(
            f"logs-{dataset}-*",
            f"{about[dataset]}, in User Behavior Insights 1.3.0",
            fields[dataset],
            retention_days=RETENTION_DAYS,
        )
        for dataset in fields
    }


def photo_feature(features: Mapping[str, Feature]) -> Feature | None:
    """Return the feature whose match says that two pictures are one photo; None without one."""
    return next(
        (
            feature
            for feature in features.values()
            if isinstance(feature, Conclusive)
            and isinstance(feature, Measurable)
            and feature.relation == SAME_PHOTO
        ),
        None,
    )


def query_properties(features: Mapping[str, Feature]) -> dict[str, Json]:
    """Return the fields of a query. `picture` holds the hash that groups query pictures."""
    feature = photo_feature(features)
    hashes = {"hash": feature.mapping()} if feature else {}
    lookalike = object_of(
        **dict.fromkeys(("plan", "model", "experiment", "variant", "picture_group"), KEYWORD),
        regions=LONG,
        pictures=LONG,
        page=LONG,
        total=LONG,
        low_confidence=BOOLEAN,
        filters=FLATTENED,
    )
    return {
        **_shared(),
        "object_id_field": KEYWORD,
        "query_response_id": KEYWORD,
        "query_response_hit_ids": KEYWORD,
        "query_attributes": object_of(lookalike=lookalike, attributes=FLATTENED),
        "picture": object_of(group=KEYWORD, **hashes),
    }


def event_properties() -> dict[str, Json]:
    """Return the fields of an event."""
    attributes = object_of(
        object=object_of(
            **dict.fromkeys(
                ("object_id", "object_id_type", "object_id_field", "internal_id"), KEYWORD
            )
        ),
        position=object_of(ordinal=LONG, xy=object_of(x=FLOAT, y=FLOAT)),
        **dict.fromkeys(("experiment", "variant", "category", "currency"), KEYWORD),
        known=BOOLEAN,
        joined=BOOLEAN,
        price={"type": "double"},
        quantity=LONG,
        attributes=FLATTENED,
    )
    return {
        **_shared(),
        "action_name": KEYWORD,
        "message": {"type": "text"},
        "message_type": KEYWORD,
        "event_attributes": attributes,
    }


def _shared() -> dict[str, Json]:
    names = ("application", "query_id", "session_id", "client_id")
    return {
        "@timestamp": DATE,
        "timestamp": DATE,
        "event": object_of(id=KEYWORD, dataset=KEYWORD, ingested=DATE),
        **dict.fromkeys(names, KEYWORD),
        "user_query": {**KEYWORD, "fields": {"text": {"type": "text", "analyzer": "cjk"}}},
    }
