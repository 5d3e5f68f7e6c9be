"""Guards the trust desk: everything under /trust needs a sign-in, pages yet to be written too."""

import functools
from collections.abc import Callable
from pathlib import Path
from typing import ParamSpec, TypeVar
from urllib.parse import urlencode, urlsplit

from apiflask import APIFlask
from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from app.accounts.errors import Forbidden, SignInNeeded
from app.accounts.reviewers import Reviewer, Reviewers
from app.accounts.session_key import session_key
from app.accounts.sessions import (
    EXTENSION_KEY,
    SESSION_S,
    DeskSessions,
    SessionGuard,
    current_reviewer,
)
from app.accounts.sign_in_tries import SignInTries
from app.http.content_negotiation import wants_page

DESK = "/trust"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
OPEN_ENDPOINTS = frozenset(
    {"sign_in.show_form", "sign_in.sign_in", "invitations.show_form", "invitations.accept"}
)
"""Endpoints open without sign-in."""

P = ParamSpec("P")
R = TypeVar("R")


def install(app: APIFlask, folder: Path, key_setting: str = "") -> None:
    """Guard everything under /trust; raises InvalidSetting for a bad session key.

    `folder` has the accounts, and the session key unless `key_setting` is one.
    """
    key = session_key(folder, key_setting)
    app.secret_key = key
    app.session_interface = DeskSessions()
    app.config.update(
        SESSION_COOKIE_NAME="lookalike_desk",
        SESSION_COOKIE_PATH=DESK,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=SESSION_S,
        SESSION_REFRESH_EACH_REQUEST=False,
    )
    app.extensions[EXTENSION_KEY] = SessionGuard(
        Reviewers(folder), SignInTries(folder, key), folder / "ended-sessions"
    )

    @app.before_request
    def guard() -> Response | None:
        rule = request.url_rule.rule if request.url_rule else ""
        if not (is_desk(request.path) or is_desk(rule)):
            return None
        if request.method not in SAFE_METHODS and not is_from_own_page():
            raise Forbidden("this request did not come from the desk's own pages: open the desk")
        return None if request.endpoint in OPEN_ENDPOINTS else ask_to_sign_in()

    @app.after_request
    def forbid_caching(response: Response) -> Response:
        if is_desk(request.path) and not (response.mimetype or "").startswith("image/"):
            response.headers["Cache-Control"] = "no-store"
        return response

    @app.context_processor
    def template_values() -> dict[str, Reviewer | None]:
        return {"signed_in": current_reviewer() if is_desk(request.path) else None}


def is_desk(path: str) -> bool:
    """Say whether a path or a rule lies under /trust."""
    return path == DESK or path.startswith(f"{DESK}/")


def ask_to_sign_in() -> Response | None:
    """Return None for a reviewer who is signed in, else a redirect to the sign-in page.

    Raises SignInNeeded for programs.
    """
    if current_reviewer() is not None:
        return None
    if not wants_page():
        raise SignInNeeded("sign in at /trust/sign-in")
    if request.method == "GET":
        fields = {"next": request.full_path.rstrip("?")}
    else:
        # The body of a POST is lost, but after signing in the reader comes back to the desk.
        fields = {"next": DESK, "ended": "yes"}
    return redirect(f"{url_for('sign_in.show_form')}?{urlencode(fields)}", 303)


def sign_in_required(view: Callable[P, R]) -> Callable[P, R | Response]:
    """Let only reviewers and admins use this view; others are sent to sign in."""

    @functools.wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R | Response:
        if (answer := ask_to_sign_in()) is not None:
            return answer
        return view(*args, **kwargs)

    return guarded


def admin_required(view: Callable[P, R]) -> Callable[P, R | Response]:
    """Let only admins use this view; raises Forbidden for other reviewers."""

    @functools.wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R | Response:
        account = current_reviewer()
        if account is not None and not account.is_admin:
            raise Forbidden("only an admin may do this: ask one of them")
        return view(*args, **kwargs)

    return sign_in_required(guarded)


def is_from_own_page() -> bool:
    """Say whether a browser sent this request from one of our own pages.

    Sec-Fetch-Site cannot be set by a page; a browser that does not send it (plain http elsewhere
    than on loopback) sends Origin. With neither it is no browser, and only browsers have sessions.
    """
    if site := request.headers.get("Sec-Fetch-Site"):
        return site == "same-origin"
    origin = urlsplit(request.headers.get("Origin", ""))
    return origin.scheme in ("http", "https") and origin.netloc == request.host
