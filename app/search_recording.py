"""Records searches and duplicate checks in their logs, off the request path."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from flask import request as http_request

from app.contract.check_parameters import CheckParameters
from app.contract.presentation import image_url
from app.events.event_log import EventLog
from app.http.request_id import request_id
from app.http.visitor import current_visitor
from app.search.feature_cache import new_query_id
from app.search.parameter_types import recorded
from app.search.search_answer import SearchAnswer
from app.search.search_parameters import SearchParameters
from app.services import SharedServices
from app.trust.examination.duplicate_check import CheckResult
from app.trust.examination.evidence import LABELS
from mappings.events import event_documents as events
from mappings.events.ubi_documents import Exposure, ShopQuery, query_document

APPLICATIONS = {
    "storefront.front": "shop-front",
    "storefront.results": "shop-search",
    "product_page.product": "shop-similar",
}
"""Which part of the shop a query comes from, by endpoint; any other is `api`."""


def record_search(
    services: SharedServices,
    parameters: SearchParameters,
    answer: SearchAnswer,
) -> None:
    """Record one search in the logs that there are: of searches, and of what shoppers do."""
    if services.search_log is not None:
        services.search_log.record(events.search_event(_record(parameters, answer)))
    if services.shop_log is not None:
        services.shop_log.record(query_document(_shop_query(parameters, answer)))


def _record(parameters: SearchParameters, answer: SearchAnswer) -> events.SearchRecord:
    graph = answer.plan.approximate
    return events.SearchRecord(
        _request(answer.took_ms, answer.stages_ms),
        events.RecordedQuery(
            id=answer.query_id,
            features=answer.features,
            model=answer.model,
            pictures=answer.pictures,
            page=answer.page,
            experiment=answer.assignment.experiment if answer.assignment else "",
            variant=answer.assignment.variant if answer.assignment else "",
            **recorded(parameters),
        ),
        events.RecordedPlan(
            answer.plan.kind,
            answer.plan.estimated_products,
            graph.k if graph else None,
            graph.num_candidates if graph else None,
        ),
        _results(answer),
    )


def _shop_query(parameters: SearchParameters, answer: SearchAnswer) -> ShopQuery:
    visitor, part = current_visitor(), answer.assignment
    told = recorded(parameters)
    return ShopQuery(
        id=answer.query_id,
        at=datetime.now(UTC) - timedelta(milliseconds=answer.took_ms),
        application=APPLICATIONS.get(http_request.endpoint or "", "api"),
        words=events.normalise_words(parameters.q),
        object_id=next(iter(parameters.product_id), ""),
        pictures=answer.pictures - len(parameters.product_id),
        picture=answer.photo_hash,
        regions=len(parameters.crop),
        page=answer.page,
        filters=told["filters"],
        plan=answer.plan.kind,
        model=answer.model,
        total=answer.results.total,
        hits=tuple(hit.id for hit in answer.results.hits),
        low_confidence=answer.low_confidence,
        client_id=visitor.client_id if visitor else "",
        session_id=visitor.session_id if visitor else "",
        exposure=Exposure(part.experiment, part.variant) if part else None,
    )


def record_check(log: EventLog | None, parameters: CheckParameters, result: CheckResult) -> None:
    """Record one duplicate check, if there is a log."""
    if log is None:
        return
    labels = [match.label for match in result.matches]
    best = result.matches[0].finding.picture.image_id if result.matches else None
    record = events.DuplicateCheckRecord(
        _request(result.took_ms, result.stages_ms),
        events.RecordedQuery(
            id=result.query_id, pictures=result.pictures, page=1, **recorded(parameters)
        ),
        events.RecordedResults(
            total=len(result.matches),
            hits=tuple(
                (match.finding.picture.product_id, match.finding.p_same_photo)
                for match in result.matches
            ),
            thumbnail=image_url(best) if best else None,
        ),
        {label: labels.count(label) for label in LABELS},
    )
    log.record(events.duplicate_event(record))


def _request(took_ms: float, stages_ms: Mapping[str, float]) -> events.RecordedRequest:
    return events.RecordedRequest(
        event_id=new_query_id(),
        at=datetime.now(UTC) - timedelta(milliseconds=took_ms),
        took_ms=round(took_ms, 3),
        request_id=request_id(),
        client_address=http_request.remote_addr or "",
        user_agent_name=http_request.user_agent.browser or "",
        stages_ms={name: round(ms, 3) for name, ms in stages_ms.items()},
    )


def _results(answer: SearchAnswer) -> events.RecordedResults:
    page = answer.results
    first = page.hits[0].image_id if page.hits else None
    return events.RecordedResults(
        total=page.total,
        hits=tuple((hit.id, round(hit.score, 6)) for hit in page.hits),
        scores=tuple(
            {name: round(signal.get("score", 0.0), 4) for name, signal in hit.signals.items()}
            for hit in page.hits
        ),
        thumbnail=image_url(first) if first else None,
        low_confidence=answer.low_confidence,
        partial=page.partial,
    )
