"""Runs searches and checks, and writes each into the search log, off the request path."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from flask import request

from app.contract.presentation import image_url
from app.request_id import request_id
from app.search.feature_cache import new_query_id
from app.search.search_request import SearchRequest
from app.search.searcher import SearchAnswer
from app.services import Services
from app.trust.examination.duplicate_check import CheckRequest, CheckResult
from app.trust.examination.evidence import LABELS
from features.base import Json
from mappings.events import event_documents


def searched(shared: Services, wanted: SearchRequest) -> SearchAnswer:
    """Run a search, record it, and return its answer."""
    answer = shared.searcher.search(wanted)
    if shared.search_log is None:
        return answer
    plan = answer.plan
    graph = plan.approximate
    record = event_documents.SearchRecord(
        _request(answer.took_ms, answer.stages_ms),
        _query(wanted, answer),
        event_documents.RecordedPlan(
            plan.kind,
            plan.estimated_products,
            graph.k if graph else None,
            graph.num_candidates if graph else None,
        ),
        _results(answer),
    )
    shared.search_log.record(event_documents.search_event(record))
    return answer


def checked(shared: Services, wanted: CheckRequest) -> CheckResult:
    """Run a duplicate check, record it, and return its answer."""
    check = shared.duplicate_check.check(wanted)
    if shared.search_log is None:
        return check
    labels = [match.label for match in check.matches]
    best = check.matches[0].finding.picture.image_id if check.matches else None
    record = event_documents.DuplicateCheckRecord(
        _request(check.took_ms, check.stages_ms),
        event_documents.RecordedQuery(
            id=check.query_id,
            words="",
            filters=_filters(wanted.filters, wanted.price_min, wanted.price_max),
            features=(),
            pictures=check.pictures,
            crops=(wanted.crop,) if wanted.crop else (),
            size=wanted.size,
            page=1,
        ),
        event_documents.RecordedResults(
            total=len(check.matches),
            hits=tuple(
                (m.finding.picture.product_id, m.finding.p_same_photo) for m in check.matches
            ),
            thumbnail=image_url(best) if best else None,
        ),
        {rung: labels.count(rung) for rung in LABELS},
    )
    shared.search_log.record(event_documents.duplicate_event(record))
    return check


def _request(took_ms: float, stages_ms: Mapping[str, float]) -> event_documents.RecordedRequest:
    return event_documents.RecordedRequest(
        event_id=new_query_id(),
        at=datetime.now(UTC) - timedelta(milliseconds=took_ms),
        took_ms=round(took_ms, 3),
        request_id=request_id(),
        client_address=request.remote_addr or "",
        user_agent_name=request.user_agent.browser or "",
        stages_ms={name: round(ms, 3) for name, ms in stages_ms.items()},
    )


def _query(wanted: SearchRequest, answer: SearchAnswer) -> event_documents.RecordedQuery:
    return event_documents.RecordedQuery(
        id=answer.query_id,
        words=wanted.words,
        filters=_filters(wanted.filters, wanted.price_min, wanted.price_max),
        features=answer.features,
        model=answer.model,
        pictures=answer.pictures,
        crops=tuple(crop for crop in wanted.crops if crop is not None),
        size=wanted.size,
        page=answer.page,
    )


def _filters(
    terms: Mapping[str, tuple[str, ...]], price_min: float | None, price_max: float | None
) -> dict[str, Json]:
    prices = {"price_min": price_min, "price_max": price_max}
    named: dict[str, Json] = {name: list(values) for name, values in terms.items()}
    return named | {name: bound for name, bound in prices.items() if bound is not None}


def _results(answer: SearchAnswer) -> event_documents.RecordedResults:
    page = answer.results
    first = page.hits[0].image_id if page.hits else None
    return event_documents.RecordedResults(
        total=page.total,
        hits=tuple((hit.id, round(hit.score, 6)) for hit in page.hits),
        thumbnail=image_url(first) if first else None,
        low_confidence=answer.low_confidence,
        partial=page.partial,
    )
