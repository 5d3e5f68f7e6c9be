"""Searches that count events by aggregations and list none of them."""

from collections.abc import Sequence

from features.base import Json


def counting_body(filters: Sequence[Json], aggregations: Json) -> Json:
    """Return the search for the aggregations of what passes all filters."""
    return {
        "size": 0,
        "track_total_hits": False,
        "query": {"bool": {"filter": list(filters)}},
        "aggs": aggregations,
    }
