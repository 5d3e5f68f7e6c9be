"""Simulated clicks as the documents that searches and shoppers' browsers leave behind."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import numpy as np

from bench.experiments.simulated_clicks import HITS, SimulatedClicks
from features.base import Json
from mappings.events.event_documents import (
    RecordedQuery,
    RecordedRequest,
    RecordedResults,
    SearchRecord,
    search_event,
)

START = datetime(2026, 11, 1, tzinfo=UTC)
QUERIES = 50
"""Different words that are searched for."""

PRODUCTS = 60
"""Different products that a query finds."""


def searches_of(clicks: SimulatedClicks) -> Iterator[tuple[str, Json]]:
    """Yield id and document of every search, as the search log has it."""
    impressions = clicks.impressions
    for session in range(len(impressions.clicked) // HITS):
        rows = range(session * HITS, (session + 1) * HITS)
        scores = tuple(
            {
                name: round(float(score), 4)
                for name, score in zip(impressions.clauses, impressions.scores[row], strict=True)
                if score > 0
            }
            for row in rows
        )
        record = SearchRecord(
            RecordedRequest(f"search-{session}", START + timedelta(seconds=session), 10.0),
            RecordedQuery(_query_id(session), _words(session), size=HITS, page=1),
            None,
            RecordedResults(HITS, tuple((_product(row), 1.0) for row in rows), scores=scores),
        )
        yield f"search-{session}", search_event(record)


def events_of(clicks: SimulatedClicks) -> Iterator[tuple[str, Json]]:
    """Yield id and document of every impression and click."""
    impressions = clicks.impressions
    for row in range(len(impressions.clicked)):
        session = row // HITS
        for action, happened in (("impression", True), ("click", impressions.clicked[row] > 0)):
            if happened:
                yield (
                    f"{action}-{row}",
                    _event(action, session, row, int(impressions.position[row])),
                )


def _event(action: str, session: int, row: int, position: int) -> Json:
    at = (START + timedelta(seconds=session)).isoformat(timespec="milliseconds")
    return {
        "@timestamp": at,
        "timestamp": at,
        "event": {"id": f"{action}-{row}"},
        "action_name": action,
        "query_id": _query_id(session),
        "user_query": _words(session),
        "event_attributes": {
            "object": {"object_id": _product(row)},
            "position": {"ordinal": position},
        },
    }


def _query_id(session: int) -> str:
    return f"query-{session}"


def _words(session: int) -> str:
    return f"words {session % QUERIES}"


def _product(row: int) -> str:
    """Return the product of a hit: the hits of a search differ, those of its next time overlap."""
    session, place = divmod(row, HITS)
    order = np.random.default_rng(session).permutation(PRODUCTS)
    return f"p{order[place]}"
