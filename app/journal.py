"""Runs searches and checks, and writes each into the search log, off the request path."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from flask import request

from app.duplicates import RUNGS, Check
from app.presentation import image_url
from app.remembered import new_key
from app.request_id import request_id
from app.searcher import Answer, SearchRequest
from app.services import Services
from mappings import events


def searched(shared: Services, wanted: SearchRequest) -> Answer:
    """Run a search, record it, and return its answer."""
    answer = shared.searcher.search(wanted)
    if shared.search_log is None:
        return answer
    plan = answer.plan
    graph = plan.approximate
    record = events.SearchRecord(
        _request(answer.took_ms, answer.stages_ms),
        _query(wanted, answer),
        events.Plan(
            plan.kind,
            plan.estimated_products,
            graph.k if graph else None,
            graph.num_candidates if graph else None,
        ),
        _results(answer),
    )
    shared.search_log.record(events.search_event(record))
    return answer


def checked(shared: Services, wanted: SearchRequest) -> Check:
    """Run a duplicate check, record it, and return its answer."""
    check = shared.duplicates.check(wanted)
    if shared.search_log is None:
        return check
    answer = check.answer
    labels = [match.label for match in check.matches]
    record = events.DuplicateRecord(
        _request(answer.took_ms, answer.stages_ms),
        _query(wanted, answer),
        _results(answer),
        {rung: labels.count(rung) for rung in RUNGS},
    )
    shared.search_log.record(events.duplicate_event(record))
    return check


def _request(took_ms: float, stages_ms: Mapping[str, float]) -> events.Request:
    return events.Request(
        event_id=new_key(),
        at=datetime.now(UTC) - timedelta(milliseconds=took_ms),
        took_ms=round(took_ms, 3),
        request_id=request_id(),
        client_address=request.remote_addr or "",
        user_agent_name=request.user_agent.browser or "",
        stages_ms={name: round(ms, 3) for name, ms in stages_ms.items()},
    )


def _query(wanted: SearchRequest, answer: Answer) -> events.Query:
    filters = {name: list(values) for name, values in wanted.filters.items()}
    prices = {"price_min": wanted.price_min, "price_max": wanted.price_max}
    return events.Query(
        id=answer.query_id,
        words=wanted.words,
        filters=filters | {name: bound for name, bound in prices.items() if bound is not None},
        features=answer.features,
        pictures=answer.pictures,
        crops=tuple(crop for crop in wanted.crops if crop is not None),
        size=wanted.size,
        page=answer.page,
    )


def _results(answer: Answer) -> events.Results:
    page = answer.results
    first = page.hits[0].image_id if page.hits else None
    return events.Results(
        total=page.total,
        hits=tuple((hit.id, round(hit.score, 6)) for hit in page.hits),
        thumbnail=image_url(first) if first else None,
        low_confidence=answer.low_confidence,
        partial=page.partial,
    )
