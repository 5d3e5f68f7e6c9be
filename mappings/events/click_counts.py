"""How often products were shown and clicked, by query and position, counted by Elasticsearch."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from features.base import Json
from mappings.events.counting import counting_body

PAGE = 10_000
"""Buckets of a composite aggregation read at a time."""

FIELDS = {
    "query": "user_query",
    "product": "event_attributes.object.object_id",
    "position": "event_attributes.position.ordinal",
    "action": "action_name",
}


@dataclass(frozen=True)
class ClickCount:
    """One product at one position (from 1) of one query's hits."""

    query: str
    product: str
    position: int
    impressions: int = 0
    clicks: int = 0


def counts_body(max_rank: int, since: str, after: Json = None) -> Json:
    """Return the search for a page of counts. `since` is a date of Elasticsearch's, as now-30d.

    What is read is what OpenSearch's search relevance reads for its judgements: events of the
    actions impression and click with a query, a product and a position of at most `max_rank`.
    """
    filters: list[Json] = [
        {"terms": {"action_name": ["impression", "click"]}},
        {"range": {FIELDS["position"]: {"gte": 1, "lte": max_rank}}},
        {"range": {"timestamp": {"gte": since}}},
    ]
    sources = [{name: {"terms": {"field": field}}} for name, field in FIELDS.items()]
    page = {"size": PAGE, "sources": sources, **({"after": after} if after else {})}
    return counting_body(filters, {"counts": {"composite": page}})


def read_counts(
    search: Callable[[Json], Json], max_rank: int, since: str = "now-30d"
) -> Iterator[ClickCount]:
    """Yield the counts, those of impressions and those of clicks apart; raises what `search` does.

    `search` runs a body over the events of shoppers.
    """
    after: Json = None
    while True:
        answer = search(counts_body(max_rank, since, after)).get("aggregations", {})
        counts = answer.get("counts", {})
        for bucket in counts.get("buckets", []):
            key, number = bucket["key"], int(bucket["doc_count"])
            is_click = key["action"] == "click"
            yield ClickCount(
                key["query"],
                key["product"],
                int(key["position"]),
                0 if is_click else number,
                number if is_click else 0,
            )
        if not (after := counts.get("after_key")):
            return
