"""Exact or approximate: which way one request finds its nearest pictures.

`script_score` compares with every filtered picture: exact, and its cost grows with their number.
`knn` walks an HNSW graph: fast, and loses neighbours, most of all around 1 % selectivity. So the
planner goes exact as long as that is affordable. It knows the index only through a summary
(`Census`), taken off the request path, so that one request is enough.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from features.base import Approximate, Json
from mappings.filters import TERMS, Filters
from mappings.products import PICTURES

EXACT_LIMIT = 100_000
"""Pictures up to which exact comparison is the default: see docs/decisions/0002."""

CENSUS_VALUES = 2_000
"""Values counted per field; a rarer value's count is bounded by the smallest counted one."""


@dataclass(frozen=True)
class Census:
    """How many products and pictures the index holds, in all and per common filter value."""

    products: int = 0
    pictures: int = 0
    counts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    def estimate(self, filters: Filters) -> int:
        """Return an upper bound on the filtered products: the tightest single filter's count.

        A price range or a seen colour does not narrow it. An upper bound errs towards the
        approximate plan only where exact comparison might cost too much.
        """
        bound = self.products
        for name, values in filters.terms.items():
            counted = self.counts.get(name, {})
            full = len(counted) >= CENSUS_VALUES
            unseen = min(counted.values(), default=0) if full else 0
            bound = min(bound, sum(counted.get(value, unseen) for value in values))
        return bound


@dataclass(frozen=True)
class Plan:
    """How a request runs. `kind` is `exact`, `approximate`, `words` or `browse`."""

    kind: str
    estimated_products: int
    approximate: Approximate | None = None


def choose(census: Census, filters: Filters, *, size: int, exact_limit: int = EXACT_LIMIT) -> Plan:
    """Return the plan for a request with pictures."""
    products = census.estimate(filters)
    per_product = census.pictures / census.products if census.products else 1.0
    if products * per_product <= exact_limit:
        return Plan("exact", products)
    k = max(200, 4 * size)
    return Plan("approximate", products, Approximate(k, num_candidates=min(10_000, 4 * k)))


def census_body() -> Json:
    """Return the search that counts the index."""
    counts = {name: {"terms": {"field": name, "size": CENSUS_VALUES}} for name in TERMS}
    pictures = {"pictures": {"nested": {"path": PICTURES}}}
    return {"size": 0, "track_total_hits": True, "aggs": counts | pictures}


def read_census(answer: Json) -> Census:
    """Return the census from the answer to `census_body`."""
    found = answer["aggregations"]
    return Census(
        products=answer["hits"]["total"]["value"],
        pictures=found["pictures"]["doc_count"],
        counts={
            name: {str(b["key"]): int(b["doc_count"]) for b in found[name]["buckets"]}
            for name in TERMS
        },
    )
