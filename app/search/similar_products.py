"""What looks like a stored product: found once, and again when any product has changed."""

from dataclasses import replace

from app.search.feature_cache import new_query_id
from app.search.search_answer import SearchAnswer
from app.search.search_parameters import SimilarParameters
from app.search.search_request import SearchRequest
from app.search.searcher import Searcher
from core.bounded_cache import BoundedCache
from core.expiring import ExpiringValue
from features.base import Json
from mappings.catalogue.catalogue import Catalogue

MOST_ANSWERS = 500
"""Answers in memory in each worker: 24 hits take about 100 kB."""

ANSWER_S = 600.0
"""An answer is found again at the latest after this: what it rests on beside products changes too,
as a calibration does."""

CHANGE_S = 1.0
"""How often the index is asked whether it has changed: by so much a page may lag behind it."""

CHANGES: Json = {
    "size": 0,
    "track_total_hits": True,
    "aggs": {"changes": {"sum": {"field": "_seq_no"}}},
}
"""Every write gives its document a higher number, so the sum and the count tell states apart."""


class SimilarProducts:
    """Answers of searches by a stored product. Thread-safe; one per worker and model."""

    def __init__(self, searcher: Searcher, catalogue: Catalogue) -> None:
        self._searcher = searcher
        self._catalogue = catalogue
        self._state = ExpiringValue(self._read_state, CHANGE_S)
        self._answers: BoundedCache[tuple[str, str], SearchAnswer] = BoundedCache(
            MOST_ANSWERS, ANSWER_S
        )

    def search(self, parameters: SimilarParameters) -> SearchAnswer:
        """Return what a search returns, under a query id of its own. Raises as a search does."""
        key = (self._state.current(), parameters.model_dump_json())
        answer = self._answers.get(key)
        if answer is None:
            answer = self._searcher.search(SearchRequest(parameters))
            self._answers.store({key: answer})
            return answer
        return replace(answer, query_id=new_query_id(), took_ms=0.0, stages_ms={})

    def _read_state(self) -> str:
        answer = self._catalogue.search(CHANGES)
        changes = answer["aggregations"]["changes"]["value"]
        return f"{answer['hits']['total']['value']} {changes}"
