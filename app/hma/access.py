"""Who may call the interface, and the shape of its errors: ``{"message": …}``."""

from apiflask import APIBlueprint
from flask import Response, jsonify
from werkzeug.exceptions import HTTPException

from app.accounts.errors import Forbidden, SignInNeeded
from app.bearer_token import is_token, sent_token
from app.errors import status_of
from app.services import current_services
from core.errors import LookalikeError

UNPROCESSABLE = 422
HOW_TO_OPEN = "set LOOKALIKE_HMA_TOKEN on the server to allow it"


def new_blueprint(name: str, prefix: str) -> APIBlueprint:
    """Return a blueprint below /hma that asks for the token and has the interface's errors."""
    blueprint = APIBlueprint(f"hma_{name}", __name__, tag="Hash matching", url_prefix=prefix)
    blueprint.before_request(_check_token)
    blueprint.register_error_handler(LookalikeError, _domain_error)
    blueprint.register_error_handler(HTTPException, _http_error)
    return blueprint


def check_may_change() -> None:
    """Raise Forbidden where the server has no token: then nobody may change banks."""
    if not current_services().settings.hma.token:
        raise Forbidden(f"banks cannot be changed here: {HOW_TO_OPEN}")


def check_may_fetch() -> None:
    """Raise Forbidden where the server has no token: then nobody may have a URL fetched."""
    if not current_services().settings.hma.token:
        raise Forbidden(f"a url is not fetched here: send the file, or {HOW_TO_OPEN}")


def _check_token() -> None:
    token = current_services().settings.hma.token
    if token and not is_token(sent_token(), token):
        raise SignInNeeded("send the server's LOOKALIKE_HMA_TOKEN as Authorization: Bearer TOKEN")


def _domain_error(error: LookalikeError) -> Response:
    # The interface knows 400 for every bad value.
    status = 400 if status_of(error) == UNPROCESSABLE else status_of(error)
    return _message(str(error), status, error.retry_after_s)


def _http_error(error: HTTPException) -> Response:
    return _message(error.description or error.name, error.code or 500)


def _message(text: str, status: int, retry_after_s: int | None = None) -> Response:
    response = jsonify(message=text)
    response.status_code = status
    if retry_after_s is not None:
        response.headers["Retry-After"] = str(retry_after_s)
    return response
