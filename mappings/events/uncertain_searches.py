"""Searches by photo without a good answer, from the log of searches, the least certain first."""

from collections.abc import Iterator
from dataclasses import dataclass

from features.base import Json

MOST = 500
"""Searches that are read, the newest first."""


@dataclass(frozen=True)
class UncertainSearch:
    """A search whose best hit was a guess. `products` are its hits, best first.

    `margin` is how much the best scored above the second: the smaller, the less certain.
    """

    query_id: str
    products: tuple[str, ...]
    margin: float


def uncertain_body(age_s: int) -> Json:
    """Return the search for searches by one photo, at most so old, whose best hit was a guess."""
    return {
        "size": MOST,
        "track_total_hits": False,
        "sort": [{"@timestamp": "desc"}],
        "_source": ["lookalike.query.id", "lookalike.hits"],
        "query": {
            "bool": {
                "filter": [
                    {"term": {"event.action": "search"}},
                    {"term": {"lookalike.query.pictures": 1}},
                    {"term": {"lookalike.low_confidence": True}},
                    {"range": {"@timestamp": {"gte": f"now-{age_s}s"}}},
                ],
                "must_not": [
                    {"range": {"lookalike.query.page": {"gt": 1}}},
                    {"exists": {"field": "lookalike.query.words"}},
                ],
            }
        },
    }


def read_uncertain(answer: Json) -> Iterator[UncertainSearch]:
    """Yield the searches of an answer, the least certain first."""
    searches = [_search(hit["_source"]["lookalike"]) for hit in answer["hits"]["hits"]]
    yield from sorted(searches, key=lambda found: found.margin)


def _search(recorded: Json) -> UncertainSearch:
    hits = recorded.get("hits") or []
    scores = [float(hit["score"]) for hit in hits[:2]]
    margin = scores[0] - scores[-1] if len(scores) > 1 else 1.0
    products = tuple(str(hit["id"]) for hit in hits)
    return UncertainSearch(recorded["query"]["id"], products, margin)
