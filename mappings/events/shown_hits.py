"""Hits that searches showed, with the scores of their clauses, and which of them were clicked."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from features.base import Json
from mappings.engine.paging import search_pages

PAGE = 1_000

Search = Callable[[Json], Json]


@dataclass(frozen=True)
class ShownHit:
    """A hit: its product, its position over all pages (from 1), and each clause's score, 0 to 1."""

    product: str
    position: int
    scores: Mapping[str, float]


@dataclass(frozen=True)
class ShownPage:
    """One page of a search, in the order in which it was shown."""

    query_id: str
    hits: tuple[ShownHit, ...]


def read_shown(search: Search, since: str) -> Iterator[ShownPage]:
    """Yield pages whose hits have scores; `search` runs a body over the log of searches.

    `since` is a date of Elasticsearch's, such as now-30d. Raises what `search` does.
    """
    body: Json = {
        "query": {
            "bool": {
                "filter": [
                    {"term": {"event.action": "search"}},
                    {"exists": {"field": "lookalike.hits.id"}},
                    {"range": {"@timestamp": {"gte": since}}},
                ]
            }
        },
        "sort": [{"@timestamp": "asc"}, {"event.id": "asc"}],
        "track_total_hits": False,
        "_source": ["lookalike.query", "lookalike.hits"],
    }
    for hits in search_pages(search, body, PAGE):
        for hit in hits:
            page = _page(hit["_source"]["lookalike"])
            if page.hits:
                yield page


def read_clicks(search: Search, since: str) -> set[tuple[str, str]]:
    """Return query id and product of every click; `search` runs a body over shoppers' events."""
    body: Json = {
        "query": {
            "bool": {
                "filter": [
                    {"term": {"action_name": "click"}},
                    {"exists": {"field": "query_id"}},
                    {"range": {"@timestamp": {"gte": since}}},
                ]
            }
        },
        "sort": [{"@timestamp": "asc"}, {"event.id": "asc"}],
        "track_total_hits": False,
        "_source": ["query_id", "event_attributes.object.object_id"],
    }
    return {
        (hit["_source"]["query_id"], hit["_source"]["event_attributes"]["object"]["object_id"])
        for hits in search_pages(search, body, PAGE)
        for hit in hits
        if hit["_source"].get("event_attributes", {}).get("object")
    }


def _page(recorded: Json) -> ShownPage:
    query = recorded["query"]
    skipped = (int(query.get("page") or 1) - 1) * int(query.get("size") or 0)
    hits = tuple(
        ShownHit(hit["id"], skipped + int(hit["rank"]), hit["scores"])
        for hit in recorded["hits"]
        if hit.get("scores")
    )
    return ShownPage(query.get("id", ""), hits)
