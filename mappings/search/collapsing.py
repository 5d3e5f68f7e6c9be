"""Several products as one hit: the variants of a product, or all that show one photo.

The product that matches best stands for its group, so that "red hoodie" shows the red one.
Elasticsearch can't combine this with `search_after`, so pages are skipped by number of hits.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from features.base import Json
from mappings.catalogue.products import CARD_GROUP, ITEM_GROUP, PHOTO_GROUP, VARIANT_GROUP
from mappings.search.query import Query

COLLAPSE_FIELDS: Mapping[str, str] = {
    "photo": PHOTO_GROUP,
    "group": VARIANT_GROUP,
    "group_or_photo": CARD_GROUP,
}
"""How products become one hit → the field whose value they share."""

BY_VARIANTS = ("group", "group_or_photo")
"""Ways that show one of a product's variants."""

BY_PHOTO = ("photo", "group_or_photo")
"""Ways that show one of the products with the same photo."""

MAX_RESULT_WINDOW = 10_000
"""Elasticsearch's `index.max_result_window`: pages of groups end there."""

SIBLINGS = "siblings"
GROUPS, UNGROUPED = "item groups", "products without a group"
COUNT = "count of hits"
"""Names of aggregations; no facet's name has a space."""

PRECISION = 40_000
"""Groups up to which Elasticsearch's count is nearly exact; its greatest `precision_threshold`."""

EXACT_GROUPS = 1_000
"""Groups up to which a count is called exact: it is off by one in one of a hundred at most."""


@dataclass(frozen=True)
class Total:
    """How many hits there are; `is_exact` is False where it is an estimate."""

    hits: int
    is_exact: bool = True


def collapse(query: Query) -> dict[str, Json]:
    """Return what makes the products of one group a single hit."""
    if query.collapse not in COLLAPSE_FIELDS:
        return {}
    groups: Json = {"field": COLLAPSE_FIELDS[query.collapse]}
    if query.collapse in BY_PHOTO:
        groups["inner_hits"] = {"name": SIBLINGS, "size": 0}
    return {"collapse": groups}


def skip(query: Query) -> dict[str, Json]:
    """Return what begins a page after a number of hits; nothing for a first page."""
    if not query.skip:
        return {}
    return {
        "from": query.skip,
        "size": max(0, min(query.size, MAX_RESULT_WINDOW - query.skip)),
    }


def is_counted(query: Query) -> bool:
    """Say whether the pages of a query begin after a number of hits, not at a sort position."""
    return query.collapse in COLLAPSE_FIELDS or query.order != "closest" or query.skip > 0


def count_hits(query: Query, post_filter: Json | None) -> dict[str, Json]:
    """Return the aggregations that count the hits, where they are not the products found.

    Variants count once. Products that show one photo count one by one: their number is exact.
    """
    if query.collapse not in BY_VARIANTS:
        return {}
    counts = hit_counts()
    # Aggregations don't see what only filters the hits.
    return {COUNT: {"filter": post_filter, "aggs": counts}} if post_filter else counts


def read_total(answer: Json, query: Query) -> Total:
    """Return how many hits there are on all pages."""
    products = int(answer["hits"]["total"]["value"])
    if query.collapse not in BY_VARIANTS:
        return Total(products)
    counted = answer["aggregations"]
    counted = counted.get(COUNT, counted)
    return Total(min(read_hits(counted), products), int(counted[GROUPS]["value"]) <= EXACT_GROUPS)


def hit_counts() -> dict[str, Json]:
    """Return the aggregations that count products, the variants of one as one."""
    return {
        GROUPS: {"cardinality": {"field": ITEM_GROUP, "precision_threshold": PRECISION}},
        UNGROUPED: {"missing": {"field": ITEM_GROUP}},
    }


def read_hits(counts: Mapping[str, Json]) -> int:
    """Return how many hits the answer to `hit_counts` counts."""
    return int(counts[UNGROUPED]["doc_count"]) + int(counts[GROUPS]["value"])
