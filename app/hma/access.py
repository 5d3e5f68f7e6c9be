"""Who may call the interface, and the shape of its errors: ``{"message": …}``."""

from typing import cast

from apiflask import APIBlueprint, APIFlask
from flask import Response, current_app, jsonify
from werkzeug.exceptions import HTTPException

from app.accounts.bearer_token import is_token, sent_token
from app.accounts.errors import Forbidden, SignInNeeded
from app.errors import status_of
from app.hma.settings import HmaSettings
from core.errors import LookalikeError

EXTENSION_KEY = "lookalike_hma"
UNPROCESSABLE = 422
HOW_TO_OPEN = "set LOOKALIKE_HMA_TOKEN on the server to allow it"


def install(app: APIFlask, settings: HmaSettings) -> None:
    """Make these the settings of the interface."""
    app.extensions[EXTENSION_KEY] = settings


def hma_settings() -> HmaSettings:
    """Return the running application's settings of the interface."""
    return cast(HmaSettings, current_app.extensions[EXTENSION_KEY])


def new_blueprint(name: str, prefix: str) -> APIBlueprint:
    """Return a blueprint below /hma that asks for the token and has the interface's errors."""
    blueprint = APIBlueprint(f"hma_{name}", __name__, tag="Hash matching", url_prefix=prefix)
    blueprint.before_request(_check_token)
    blueprint.register_error_handler(LookalikeError, _domain_error)
    blueprint.register_error_handler(HTTPException, _http_error)
    return blueprint


def check_may_change() -> None:
    """Raise Forbidden where the server has no token: then nobody may change banks."""
    if not hma_settings().token:
        raise Forbidden(f"banks cannot be changed here: {HOW_TO_OPEN}")


def check_may_fetch() -> None:
    """Raise Forbidden where the server has no token: then nobody may have a URL fetched."""
    if not hma_settings().token:
        raise Forbidden(f"a url is not fetched here: send the file, or {HOW_TO_OPEN}")


def _check_token() -> None:
    token = hma_settings().token
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
