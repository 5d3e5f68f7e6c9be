"""Bounds on how many products a filter keeps, from counts taken off the request path."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from features.base import Json
from mappings.catalogue.fields import PRODUCT_FIELDS, ProductFields
from mappings.catalogue.products import PICTURES
from mappings.catalogue.recall import RecallTable
from mappings.catalogue.search_terms import COLOURS
from mappings.search.filters import Filters
from mappings.words.folding import fold

COUNTED_VALUES = 2_000
"""Values counted per field; a rarer value's count is bounded by the smallest counted one."""


@dataclass(frozen=True)
class Bounds:
    """A filter keeps at least `low` and at most `high` products."""

    low: int
    high: int


@dataclass(frozen=True)
class IndexStatistics:
    """How many products and pictures the index holds, in all and per common filter value.

    `recall` is what was measured of the index, None where nothing was.
    """

    products: int = 0
    pictures: int = 0
    counts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    recall: RecallTable | None = None

    def bounds(self, filters: Filters) -> Bounds:
        """Return bounds on the products that a filter keeps; equal ones where that is known.

        Of several conditions the tightest bounds from above, and Bonferroni's inequality from
        below: what each leaves out might be left out by no other.
        """
        conditions = [self._values(name, values) for name, values in filters.terms.items()]
        left_out = len(filters.excluded_ids) + sum(self.products - one.low for one in conditions)
        unknown = (
            filters.picture_terms or filters.excluded_terms or filters.ranges or filters.conditions
        )
        if unknown or filters.price_min is not None or filters.price_max is not None:
            left_out = self.products
        high = min((one.high for one in conditions), default=self.products)
        return Bounds(min(high, max(0, self.products - left_out)), high)

    def _values(self, name: str, values: tuple[str, ...]) -> Bounds:
        """Return bounds for one field: it holds one of several values, or more than one."""
        if name not in self.counts:
            # Too many values to count beforehand, such as the products of one photo.
            return Bounds(0, self.products)
        counted = self.counts[name]
        unseen = min(counted.values(), default=0) if len(counted) >= COUNTED_VALUES else 0
        # The index counts values folded to one spelling.
        keys = [fold(value) for value in values]
        high = sum(counted.get(key, unseen) for key in keys)
        low = max((counted.get(key, 0) for key in keys), default=0)
        return Bounds(low, min(self.products, high))


def statistics_body(fields: ProductFields = PRODUCT_FIELDS) -> Json:
    """Return the search that counts the index, and the values of its facets."""
    counts = {
        name: {"terms": {"field": name, "size": COUNTED_VALUES}}
        for name in (*fields.counted_values, COLOURS)
    }
    pictures = {"pictures": {"nested": {"path": PICTURES}}}
    return {"size": 0, "track_total_hits": True, "aggs": counts | pictures}


def read_statistics(answer: Json, recall: RecallTable | None = None) -> IndexStatistics:
    """Return the statistics from the answer to `statistics_body`."""
    aggregations = answer["aggregations"]
    return IndexStatistics(
        products=answer["hits"]["total"]["value"],
        pictures=aggregations["pictures"]["doc_count"],
        counts={
            name: {
                fold(str(bucket["key"])): int(bucket["doc_count"]) for bucket in counted["buckets"]
            }
            for name, counted in aggregations.items()
            if "buckets" in counted
        },
        recall=recall,
    )


def count_body(filters: Filters) -> Json:
    """Return the search that counts what a filter keeps; 1 to 2 ms, and cached by the engine."""
    return {
        "size": 0,
        "track_total_hits": True,
        "query": {"bool": {"filter": filters.clauses()}},
    }
