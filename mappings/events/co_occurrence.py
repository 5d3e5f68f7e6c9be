"""Which products shoppers looked at, or bought, in the same visits: counted by aggregations.

How sure it is that two products go together is Dunning's log-likelihood ratio (Accurate Methods for
the Statistics of Surprise and Coincidence, 1993), over the visits that had both, one or neither:
what everybody looks at goes with nothing in particular.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log

from features.base import Json
from mappings.events.counting import counting_body

VIEWED = ("view", "click")
BOUGHT = ("add_to_cart", "purchase")

DAYS = 90
MOST_SESSIONS = 10_000
"""Latest visits of a product that are looked at."""

CANDIDATES = 200
PRECISION = 40_000
"""Visits up to which Elasticsearch counts exactly, nearly."""

LEAST_SESSIONS = 3
"""Visits that must have both products."""

LEAST_RATIO = 10.83
"""Log-likelihood ratio above which chance explains less than one pair in a thousand."""

SESSION, OBJECT = "session_id", "event_attributes.object.object_id"


@dataclass(frozen=True)
class RelatedProduct:
    """A product that goes with another: in how many visits, and how surely."""

    id: str
    sessions: int
    ratio: float


def sessions_body(key: str, actions: Sequence[str]) -> Json:
    """Return the search for the visits in which a product was acted on, the latest first."""
    latest = {"latest": {"max": {"field": "@timestamp"}}}
    terms = {"field": SESSION, "size": MOST_SESSIONS, "order": {"latest": "desc"}}
    return _counting(
        actions, [{"term": {OBJECT: key}}], {"sessions": {"terms": terms, "aggs": latest}}
    )


def read_sessions(answer: Json) -> list[str]:
    """Return the visits."""
    return [str(bucket["key"]) for bucket in _buckets(answer, "sessions")]


def companions_body(key: str, actions: Sequence[str], sessions: Sequence[str]) -> Json:
    """Return the search for the products of these visits, but for the product itself."""
    terms = {
        "field": OBJECT,
        "size": CANDIDATES,
        "min_doc_count": LEAST_SESSIONS,
        "exclude": [key],
    }
    filters: list[Json] = [
        {"terms": {SESSION: list(sessions)}},
        {"term": {"event_attributes.known": True}},
    ]
    return _counting(actions, filters, {"products": {"terms": terms, "aggs": _visits()}})


def totals_body(actions: Sequence[str], ids: Sequence[str]) -> Json:
    """Return the search for all visits, and for those of these products."""
    terms = {"field": OBJECT, "size": len(ids), "include": list(ids)}
    return _counting(actions, [], {**_visits(), "products": {"terms": terms, "aggs": _visits()}})


def read_visits(answer: Json) -> dict[str, int]:
    """Return product → number of visits."""
    return {
        str(bucket["key"]): bucket["visits"]["value"] for bucket in _buckets(answer, "products")
    }


def read_total(answer: Json) -> int:
    """Return the number of all visits."""
    return int(answer.get("aggregations", {}).get("visits", {}).get("value", 0))


def related_products(
    sessions: int, together: Mapping[str, int], visits: Mapping[str, int], total: int
) -> list[RelatedProduct]:
    """Return the products that surely go together, the surest first.

    `sessions` is the number of the product's visits, `together` product → visits that have it too,
    `visits` product → all its visits, `total` all visits.
    """
    found = []
    for key, shared in together.items():
        own = max(visits.get(key, 0), shared)
        is_attracted = shared * total > sessions * own
        ratio = log_likelihood_ratio(
            shared, sessions - shared, own - shared, total - sessions - own + shared
        )
        if shared >= LEAST_SESSIONS and is_attracted and ratio >= LEAST_RATIO:
            found.append(RelatedProduct(key, shared, round(ratio, 2)))
    return sorted(found, key=lambda product: (-product.ratio, product.id))


def log_likelihood_ratio(shared: int, first: int, second: int, neither: int) -> float:
    """Return G², 0 for independent products; the four counts are of disjoint visits.

    Counts below 0, which come of approximate ones, count as 0.
    """
    cells = [max(0, count) for count in (shared, first, second, neither)]
    rows = (cells[0] + cells[1], cells[2] + cells[3])
    columns = (cells[0] + cells[2], cells[1] + cells[3])
    matrix = _entropy(cells)
    return max(0.0, 2 * (_entropy(rows) + _entropy(columns) - matrix))


def _entropy(counts: Sequence[int]) -> float:
    """Return the entropy of counts times their sum, in nats."""
    total = sum(counts)
    return sum(-count * log(count / total) for count in counts if count)


def _counting(actions: Sequence[str], filters: Sequence[Json], aggregations: Json) -> Json:
    """Return the search for the aggregations of what visits did lately."""
    acted: list[Json] = [
        {"terms": {"action_name": list(actions)}},
        {"range": {"@timestamp": {"gte": f"now-{DAYS}d/d"}}},
        {"exists": {"field": SESSION}},
    ]
    return counting_body([*acted, *filters], aggregations)


def _visits() -> dict[str, Json]:
    return {"visits": {"cardinality": {"field": SESSION, "precision_threshold": PRECISION}}}


def _buckets(answer: Json, name: str) -> list[Json]:
    buckets: list[Json] = answer.get("aggregations", {}).get(name, {}).get("buckets", [])
    return buckets
