"""The sign-in page of the trust desk, and signing out."""

import logging
from urllib.parse import urlsplit

from apiflask import APIBlueprint
from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from app.accounts.access import DESK, is_desk
from app.accounts.errors import Forbidden, SignInNeeded
from app.accounts.reviewers import normalise_name
from app.accounts.sessions import (
    begin_session,
    current_reviewer,
    end_session,
    is_loopback,
    session_guard,
)
from app.http.content_negotiation import wants_page
from app.pages.rendering import page

blueprint = APIBlueprint("sign_in", __name__, url_prefix="/trust", enable_openapi=False)
log = logging.getLogger(__name__)

MAX_NAME_LENGTH = 64
UNAUTHORIZED = 401


@blueprint.get("/sign-in")
def show_form() -> Response:
    """Ask for name and password."""
    target = _desk_path(request.args.get("next", ""))
    if current_reviewer() is not None:
        return redirect(target, 303)
    has_ended = request.args.get("ended") == "yes"
    return page("trust/sign_in.html", failed=False, ended=has_ended, name="", target=target)


@blueprint.post("/sign-in")
def sign_in() -> Response:
    """Begin a new session, or show the form again with the name that was typed."""
    refuse_plain_http()
    typed = request.form.get("name", "")[:MAX_NAME_LENGTH]
    name = normalise_name(typed)[:MAX_NAME_LENGTH]
    target = _desk_path(request.form.get("next", ""))
    address = request.remote_addr or ""
    guard = session_guard()
    guard.tries.begin(name, address)
    account = guard.reviewers.authenticate(name, request.form.get("password", ""))
    if account is None:
        log.warning("a sign-in at the trust desk failed")
        if not wants_page():
            raise SignInNeeded("wrong name or password")
        answer = page(
            "trust/sign_in.html", path=f"{DESK}/sign-in", failed=True, name=typed, target=target
        )
        answer.status_code = UNAUTHORIZED
        return answer
    guard.tries.succeed(name, address)
    begin_session(account)
    log.info("%s signed in at the trust desk", account.name)
    return redirect(target, 303)


@blueprint.post("/sign-out")
def sign_out() -> Response:
    """End the session here, and wherever else its cookie may be."""
    end_session()
    return redirect(url_for("sign_in.show_form"), 303)


def refuse_plain_http() -> None:
    """Raise Forbidden for a password sent over plain http from another machine."""
    origin = urlsplit(request.headers.get("Origin", ""))
    if origin.scheme == "http" and not is_loopback(origin.netloc):
        raise Forbidden("a password needs https: open the desk over https, or at http://localhost")


def _desk_path(path: str) -> str:
    """Return where to go after signing in: only ever a page of the desk."""
    is_usable = is_desk(path.partition("?")[0]) and path.isprintable() and "\\" not in path
    return path if is_usable else DESK
