"""The door of the trust desk: who comes in, and how long they stay.

Everything under /trust is behind it, pages nobody has written yet included. A session is Flask's
signed cookie: it names the account and the stamp of its password, so it ends with either, after
SESSION_S, or by signing out, which leaves a mark on disk that every worker sees.
"""

import functools
import hashlib
import logging
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import ParamSpec, TypeVar, cast
from urllib.parse import urlencode, urlsplit

from apiflask import APIBlueprint, APIFlask
from flask import Flask, current_app, g, redirect, request, session, url_for
from flask.sessions import SecureCookieSessionInterface
from werkzeug.wrappers import Response

from app.accounts.errors import Forbidden, SignInNeeded
from app.accounts.reviewers import Reviewer, Reviewers, normalise_name, session_key
from app.accounts.sign_in_tries import SignInTries
from app.errors import wants_page
from app.pages.rendering import page
from app.settings import AppSettings

blueprint = APIBlueprint("sign_in", __name__, url_prefix="/trust", enable_openapi=False)
log = logging.getLogger(__name__)

KEY = "lookalike.door"
DESK = "/trust"
SESSION_S = 12 * 3600
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
OPEN = frozenset({"sign_in.form", "sign_in.enter"})
"""The only endpoints under /trust that nobody in particular may use."""

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True)
class SessionGuard:
    """What the door needs to remember; `ended` is a folder of marks, one a signed-out session."""

    reviewers: Reviewers
    tries: SignInTries
    ended: Path

    def has_ended(self, key: str) -> bool:
        """Say whether this session was signed out of."""
        return self._mark(key).exists()

    def end(self, key: str) -> None:
        """Sign a session out, wherever a copy of its cookie may be."""
        self.ended.mkdir(parents=True, exist_ok=True, mode=0o700)
        for mark in self.ended.iterdir():
            if time.time() - mark.stat(follow_symlinks=False).st_mtime > SESSION_S:
                mark.unlink(missing_ok=True)
        self._mark(key).touch()

    def _mark(self, key: str) -> Path:
        return self.ended / hashlib.sha256(key.encode()).hexdigest()


class DeskSessions(SecureCookieSessionInterface):
    """Flask's signed cookie, `Secure` wherever a browser would keep it so."""

    def get_cookie_secure(self, app: Flask) -> bool:
        """Return True unless this is plain http on the reader's own machine."""
        return request.scheme == "https" or not is_loopback(request.host)


def install(app: APIFlask, settings: AppSettings) -> None:
    """Put everything under /trust behind the door. Raises InvalidSetting for a bad session key."""
    folder = settings.state_dir
    key = session_key(folder, settings.session_key)
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
    app.extensions[KEY] = SessionGuard(
        Reviewers(folder), SignInTries(folder, key), folder / "ended-sessions"
    )
    app.register_blueprint(blueprint)

    @app.before_request
    def guard() -> Response | None:
        rule = request.url_rule.rule if request.url_rule else ""
        if not (is_desk(request.path) or is_desk(rule)):
            return None
        if request.method not in SAFE and not is_from_here():
            raise Forbidden("this did not come from the desk's own pages; open the desk, try again")
        return None if request.endpoint in OPEN else refusal()

    @app.after_request
    def keep_private(response: Response) -> Response:
        if is_desk(request.path) and not (response.mimetype or "").startswith("image/"):
            response.headers["Cache-Control"] = "no-store"
        return response

    @app.context_processor
    def known() -> dict[str, Reviewer | None]:
        return {"signed_in": current() if is_desk(request.path) else None}


def is_desk(path: str) -> bool:
    """Say whether a path or a rule lies under /trust."""
    return path == DESK or path.startswith(f"{DESK}/")


def current() -> Reviewer | None:
    """Return the account this request's session belongs to, or None."""
    if "reviewer" not in g:
        g.reviewer = _remembered()
    return cast("Reviewer | None", g.reviewer)


def _remembered() -> Reviewer | None:
    key, since = session.get("key"), session.get("since")
    if not isinstance(key, str) or not isinstance(since, int | float):
        return None
    account = session_guard().reviewers.find(str(session.get("name")))
    fresh = 0 <= time.time() - since < SESSION_S
    if account is None or account.stamp != session.get("stamp") or not fresh:
        return None
    return None if session_guard().has_ended(key) else account


def session_guard() -> SessionGuard:
    """Return the running application's door."""
    return cast(SessionGuard, current_app.extensions[KEY])


def reviewer() -> str:
    """Return the name of who is signed in; raises SignInNeeded."""
    if (account := current()) is None:
        raise SignInNeeded("sign in at /trust/sign-in")
    return account.name


def refusal() -> Response | None:
    """Return None for who is signed in, else the way to sign in; raises for programs."""
    if current() is not None:
        return None
    if not wants_page():
        raise SignInNeeded("sign in at /trust/sign-in")
    # What was to be sent is lost, but the way back to it is not.
    wanted = request.full_path.rstrip("?") if request.method == "GET" else DESK
    return redirect(f"{url_for('sign_in.form')}?{urlencode({'next': wanted})}", 303)


def required(view: Callable[P, R]) -> Callable[P, R | Response]:
    """Let only reviewers and admins see this view; others are sent to sign in."""

    @functools.wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R | Response:
        if (answer := refusal()) is not None:
            return answer
        return view(*args, **kwargs)

    return guarded


def admin_only(view: Callable[P, R]) -> Callable[P, R | Response]:
    """Let only admins use this view; raises Forbidden for other reviewers."""

    @functools.wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R | Response:
        account = current()
        if account is not None and not account.is_admin:
            raise Forbidden("only an admin may change the banks")
        return view(*args, **kwargs)

    return required(guarded)


def is_from_here() -> bool:
    """Say whether a browser sent this request from one of our own pages.

    Sec-Fetch-Site cannot be set by a page; a browser that does not send it (plain http elsewhere
    than on loopback) sends Origin. Neither means no browser, and only browsers have sessions.
    """
    if site := request.headers.get("Sec-Fetch-Site"):
        return site == "same-origin"
    origin = urlsplit(request.headers.get("Origin", ""))
    return origin.scheme in ("http", "https") and origin.netloc == request.host


def is_loopback(host: str) -> bool:
    """Say whether a Host header names the reader's own machine."""
    name = urlsplit(f"//{host}").hostname or ""
    try:
        return name == "localhost" or ip_address(name).is_loopback
    except ValueError:
        return False


@blueprint.get("/sign-in")
def form() -> Response:
    """Ask for name and password."""
    if current() is not None:
        return redirect(_wanted(request.args.get("next", "")), 303)
    return page(
        "trust/sign_in.html",
        failed="failed" in request.args,
        wanted=_wanted(request.args.get("next", "")),
    )


@blueprint.post("/sign-in")
def enter() -> Response:
    """Begin a new session; what an old one held is gone."""
    origin = urlsplit(request.headers.get("Origin", ""))
    if origin.scheme == "http" and not is_loopback(origin.netloc):
        raise Forbidden("a password needs https: open the desk over https, or at http://localhost")
    name = normalise_name(request.form.get("name", ""))[:64]
    wanted = _wanted(request.form.get("next", ""))
    address = request.remote_addr or ""
    session_guard().tries.begin(name, address)
    account = session_guard().reviewers.authenticate(name, request.form.get("password", ""))
    if account is None:
        log.warning("a sign-in at the trust desk failed")
        if not wants_page():
            raise SignInNeeded("name and password do not belong together")
        ways = {"failed": "yes", "next": wanted}
        return redirect(f"{url_for('sign_in.form')}?{urlencode(ways)}", 303)
    session_guard().tries.succeed(name, address)
    _end_session()
    session.permanent = True
    session.update(
        name=account.name, stamp=account.stamp, since=time.time(), key=secrets.token_urlsafe(16)
    )
    log.info("%s signed in at the trust desk", account.name)
    return redirect(wanted, 303)


@blueprint.post("/sign-out")
def leave() -> Response:
    """End the session here, and wherever else its cookie may be."""
    _end_session()
    return redirect(url_for("sign_in.form"), 303)


def _end_session() -> None:
    if isinstance(key := session.get("key"), str):
        session_guard().end(key)
    session.clear()


def _wanted(path: str) -> str:
    """Return where to go after signing in: only ever a page of the desk."""
    usable = is_desk(path.partition("?")[0]) and path.isprintable() and "\\" not in path
    return path if usable else DESK
