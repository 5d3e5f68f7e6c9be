"""Looks one signal up among the banks' entries: for programs that ask hundreds of times a second.

An entry has one picture, so that no inner hits are needed; what an answer needs of an entry are
numbers and keywords, which are read without its stored document.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from features.base import ClauseContext, Feature, Json
from mappings.catalogue.products import PICTURES, feature_path
from mappings.engine.gateway import Gateway
from mappings.trust.banks import MAX_MATCHES

FIELDS = ("bank", "list", "disabled_until")


@dataclass(frozen=True)
class EntryMatch:
    """An entry that a signal matches. `score` is that of the feature's clause.

    `disabled_until` is None for an entry from before there was such a field.
    """

    id: str
    bank: str
    list: str
    disabled_until: int | None
    score: float


def look_up_entries(
    gateway: Gateway, index: str, feature: Feature, value: Json
) -> list[EntryMatch]:
    """Return the entries that a feature's clause matches, at most MAX_MATCHES; the best first."""
    clause = feature.clause(value, ClauseContext(feature_path(feature)))
    body = {
        "query": {"nested": {"path": PICTURES, "score_mode": "max", "query": clause}},
        "size": MAX_MATCHES,
        "track_total_hits": False,
        "_source": False,
        "docvalue_fields": list(FIELDS),
    }
    return [_match(hit) for hit in gateway.search(index, body)["hits"]["hits"]]


def count_entries(gateway: Gateway, index: str, field: str) -> tuple[int, int]:
    """Return how many entries have a value of a picture's field, and when the newest was added.

    The time is in seconds since 1970; 0 where there is none.
    """
    exists = {"exists": {"field": f"{PICTURES}.{field}"}}
    body = {
        "query": {"nested": {"path": PICTURES, "query": exists}},
        "size": 0,
        "track_total_hits": True,
        "aggs": {"newest": {"max": {"field": "added_at"}}},
    }
    answer = gateway.search(index, body)
    newest = answer["aggregations"]["newest"]["value"]
    return int(answer["hits"]["total"]["value"]), int((newest or 0) / 1000)


def ids_of_list(gateway: Gateway, index: str, name: str, size: int) -> list[str]:
    """Return the ids of `size` entries of a list."""
    body = {"query": {"term": {"list": name}}, "size": size, "_source": False}
    return [hit["_id"] for hit in gateway.search(index, body)["hits"]["hits"]]


def ids_of_content(gateway: Gateway, index: str, number: int) -> list[str]:
    """Return the ids of the entries with this content id."""
    body = {"query": {"term": {"content_id": number}}, "size": 10, "_source": False}
    return [hit["_id"] for hit in gateway.search(index, body)["hits"]["hits"]]


def count_lists(gateway: Gateway, index: str) -> Mapping[str, tuple[int, int]]:
    """Return of each list how many entries it has, and when the newest was added (s since 1970)."""
    newest = {"newest": {"max": {"field": "added_at"}}}
    body = {
        "size": 0,
        "query": {"bool": {"must_not": {"term": {"list": ""}}}},
        "aggs": {"lists": {"terms": {"field": "list", "size": 1000}, "aggs": newest}},
    }
    buckets = gateway.search(index, body)["aggregations"]["lists"]["buckets"]
    return {
        bucket["key"]: (bucket["doc_count"], int(bucket["newest"]["value"] / 1000))
        for bucket in buckets
    }


def _match(hit: Json) -> EntryMatch:
    fields = hit.get("fields", {})
    disabled_until = fields.get("disabled_until")
    return EntryMatch(
        str(hit["_id"]),
        str(fields["bank"][0]),
        str(fields["list"][0]) if "list" in fields else "",
        int(disabled_until[0]) if disabled_until else None,
        float(hit["_score"]),
    )
