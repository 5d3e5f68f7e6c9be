"""The only place that knows HTTP status codes: errors become RFC 9457 problem documents.

A browser that asked for a page gets the same problem as a page, with the same status.
"""

import logging
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import TypeAlias

from apiflask import APIFlask
from flask import Response, json, request
from werkzeug.exceptions import HTTPException

from app.accounts.errors import Forbidden, SignInNeeded, TooManyTries
from app.events.errors import TooManyEvents
from app.http.content_negotiation import PROBLEM_TYPE, wants_page
from app.http.request_id import request_id
from app.search.errors import PhotoExpired
from app.trust.errors import BankExists, CaseTaken
from core.errors import (
    Busy,
    EngineRefused,
    EngineUnavailable,
    FeatureServiceUnavailable,
    IndexBlocked,
    IndexMissing,
    InvalidQuery,
    InvalidSetting,
    LookalikeError,
    NotFound,
    UnknownCurrency,
    UnknownName,
)
from features.base import Json
from features.embedding.errors import LeakySplit, TooFewPhotos
from features.errors import ModelUnavailable
from features.fetching.errors import AddressRefused, FetchFailed
from features.imaging.errors import ImageTooLarge, UnreadableImage, UnsupportedImage
from features.remote.errors import FeatureMismatch
from indexer.ledger.errors import LedgerUnavailable
from indexer.live.errors import KeyInUse, KeyReused, ProductRefused
from mappings.catalogue.errors import ModelMismatch

log = logging.getLogger(__name__)

STATUS: Mapping[type[LookalikeError], int] = {
    AddressRefused: 403,
    BankExists: 403,
    Busy: 503,
    CaseTaken: 409,
    EngineRefused: 500,
    EngineUnavailable: 503,
    FeatureMismatch: 409,
    FeatureServiceUnavailable: 503,
    FetchFailed: 502,
    Forbidden: 403,
    ImageTooLarge: 413,
    IndexBlocked: 503,
    IndexMissing: 503,
    InvalidQuery: 422,
    InvalidSetting: 500,
    KeyInUse: 409,
    KeyReused: 422,
    LedgerUnavailable: 503,
    LeakySplit: 422,
    ModelMismatch: 409,
    ModelUnavailable: 503,
    NotFound: 404,
    PhotoExpired: 404,
    ProductRefused: 422,
    SignInNeeded: 401,
    TooFewPhotos: 422,
    TooManyEvents: 413,
    TooManyTries: 429,
    UnknownCurrency: 400,
    UnknownName: 400,
    UnreadableImage: 422,
    UnsupportedImage: 415,
}
"""Every error of the layers an endpoint can call; a plug-in's own error has its base's status."""


RenderProblem: TypeAlias = Callable[[Mapping[str, Json]], Response]
"""Renders a problem document as a page."""


def problem_response(
    status: int, code: str, detail: str, retry_after_s: int | None = None
) -> Response:
    """Return a problem document: what happened, what to do, and the id to quote when reporting."""
    body = {
        "type": f"urn:lookalike:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": detail,
        "request_id": request_id(),
    }
    response = Response(json.dumps(body), status, content_type=PROBLEM_TYPE)
    if retry_after_s is not None:
        response.headers["Retry-After"] = str(retry_after_s)
    return response


def status_of(error: LookalikeError) -> int:
    """Return the status of an error's class, or of its nearest base; 500 for an unlisted one."""
    bases = (kind for kind in type(error).__mro__ if kind in STATUS)
    return next((STATUS[kind] for kind in bases), int(HTTPStatus.INTERNAL_SERVER_ERROR))


def install(app: APIFlask, render: RenderProblem | None = None) -> None:
    """Serve every error as a problem document, also those of Flask itself.

    With `render`, browsers get a page.
    """

    def for_client(answer: Response) -> Response:
        if render is None or not wants_page():
            return answer
        page = render(answer.get_json())
        page.status_code = answer.status_code
        for name in ("Retry-After", "Allow"):
            if name in answer.headers:
                page.headers[name] = answer.headers[name]
        return page

    @app.errorhandler(LookalikeError)
    def domain_error(error: LookalikeError) -> Response:
        status = status_of(error)
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            log.warning("%s: %s", error.code, error)
        return for_client(problem_response(status, error.code, str(error), error.retry_after_s))

    @app.errorhandler(HTTPException)
    def http_error(error: HTTPException) -> Response:
        status = error.code or HTTPStatus.INTERNAL_SERVER_ERROR
        # Werkzeug's own name: Python's phrase for a status has changed between versions.
        code = error.name.lower().replace(" ", "_")
        answer = problem_response(status, code, error.description or HTTPStatus(status).description)
        if status == HTTPStatus.METHOD_NOT_ALLOWED:
            answer.headers.update(dict(error.get_headers()) | {"Content-Type": answer.content_type})
        return for_client(answer)

    @app.errorhandler(Exception)
    def unexpected_error(error: Exception) -> Response:
        log.exception("unexpected error in %s %s", request.method, request.path, exc_info=error)
        detail = "something went wrong on our side; quote the request_id when you report it"
        return for_client(problem_response(500, "error", detail))
