"""The queries that events name: what was asked, and in which experiment."""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from core.bounded_cache import BoundedCache
from core.errors import IndexMissing
from features.base import Json
from mappings.events.ubi_mapping import QUERIES

QUERIES_CACHED = 100_000
MAX_AGE_S = 24 * 3600.0
SEARCHABLE_AFTER_S = (2.0, 5.0)
"""How long after a page its query can be missing, mostly and at most: another worker writes it, and
searches find it with the next refresh, once a second."""


@dataclass(frozen=True)
class QueryOrigin:
    """What an event inherits of its query; `experiment` and `variant` are "" without one."""

    user_query: str
    experiment: str = ""
    variant: str = ""


class QueryOrigins:
    """Finds the queries of events: those written here from memory, any other by one search."""

    def __init__(
        self,
        search: Callable[[str, Json], Json],
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        """`search` runs a body over a data stream."""
        self._search = search
        self._pause = pause
        self._cache: BoundedCache[str, QueryOrigin] = BoundedCache(QUERIES_CACHED, MAX_AGE_S)

    def remember(self, documents: Iterable[Mapping[str, Json]]) -> None:
        """Remember queries that were written."""
        self._cache.store({document["query_id"]: _origin(document) for document in documents})

    def find(self, query_ids: Iterable[str], youngest_s: float) -> dict[str, QueryOrigin]:
        """Return query id → origin; a query that nobody recorded is left out.

        `youngest_s` is the age of the youngest event: for one that is very young, a query that is
        missing is waited for.
        """
        wanted = set(query_ids)
        found = self._cache.find(wanted)
        found |= self._search_for(wanted - found.keys())
        for age_s in SEARCHABLE_AFTER_S:
            missing = wanted - found.keys()
            if missing and youngest_s < age_s:
                self._pause(age_s - youngest_s)
                youngest_s = age_s
                found |= self._search_for(missing)
        return found

    def _search_for(self, query_ids: set[str]) -> dict[str, QueryOrigin]:
        if not query_ids:
            return {}
        body = {
            "size": len(query_ids),
            "track_total_hits": False,
            "query": {"bool": {"filter": [{"terms": {"query_id": sorted(query_ids)}}]}},
            "_source": ["query_id", "user_query", "query_attributes.lookalike"],
        }
        try:
            hits = self._search(QUERIES, body)["hits"]["hits"]
        except IndexMissing:  # nobody has asked anything yet
            return {}
        found = {hit["_source"]["query_id"]: _origin(hit["_source"]) for hit in hits}
        self._cache.store(found)
        return found


def _origin(document: Mapping[str, Json]) -> QueryOrigin:
    lookalike = document.get("query_attributes", {}).get("lookalike", {})
    return QueryOrigin(
        document["user_query"], lookalike.get("experiment", ""), lookalike.get("variant", "")
    )
