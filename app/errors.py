"""The only place that knows HTTP status codes: errors become RFC 9457 problem documents."""

import logging
from collections.abc import Mapping
from http import HTTPStatus

from apiflask import APIFlask
from flask import Response, json, request
from werkzeug.exceptions import HTTPException

from app.request_id import request_id
from features import errors

log = logging.getLogger(__name__)

STATUS: Mapping[type[errors.LookalikeError], int] = {
    errors.InvalidSetting: 500,
    errors.UnsupportedImage: 415,
    errors.UnreadableImage: 422,
    errors.ImageTooLarge: 413,
    errors.InvalidQuery: 422,
    errors.UnknownName: 400,
    errors.ModelMismatch: 409,
    errors.ModelUnavailable: 503,
    errors.NotFound: 404,
    errors.IndexMissing: 503,
    errors.IndexBlocked: 503,
    errors.EngineUnavailable: 503,
    errors.EngineRefused: 500,
    errors.Busy: 503,
    errors.AddressRefused: 422,
    errors.FetchFailed: 422,
    errors.FeedUnreadable: 422,
    errors.NodeFailed: 503,
}


def problem(status: int, code: str, detail: str, retry_after_s: int | None = None) -> Response:
    """Return a problem document: what happened, what to do, and the id to quote."""
    body = {
        "type": f"urn:lookalike:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": detail,
        "request_id": request_id(),
    }
    response = Response(json.dumps(body), status, content_type="application/problem+json")
    if retry_after_s is not None:
        response.headers["Retry-After"] = str(retry_after_s)
    return response


def install(app: APIFlask) -> None:
    """Serve every error as a problem document, also those of Flask itself."""

    @app.errorhandler(errors.LookalikeError)
    def ours(error: errors.LookalikeError) -> Response:
        status = STATUS[type(error)]
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            log.warning("%s: %s", error.code, error)
        return problem(status, error.code, str(error), error.retry_after_s)

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> Response:
        status = error.code or HTTPStatus.INTERNAL_SERVER_ERROR
        code = HTTPStatus(status).phrase.lower().replace(" ", "_")
        answer = problem(status, code, error.description or HTTPStatus(status).description)
        if status == HTTPStatus.METHOD_NOT_ALLOWED:
            answer.headers.update(dict(error.get_headers()) | {"Content-Type": answer.content_type})
        return answer

    @app.errorhandler(Exception)
    def unforeseen(error: Exception) -> Response:
        log.exception("unforeseen error in %s %s", request.method, request.path, exc_info=error)
        detail = "something went wrong on our side; quote the request_id when you report it"
        return problem(500, "error", detail)
