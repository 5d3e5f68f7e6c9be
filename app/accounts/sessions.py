"""Sessions of the trust desk: who is signed in, for how long, and how a session ends.

A session is Flask's signed cookie. It names the account and the stamp of its password, so it ends
with either of them, after SESSION_S, or by signing out, which leaves a mark on disk that every
worker sees.
"""

import hashlib
import secrets
import time
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

from flask import Flask, current_app, g, request, session
from flask.sessions import SecureCookieSessionInterface

from app.accounts.errors import SignInNeeded
from app.accounts.reviewers import Reviewer, Reviewers
from app.accounts.sign_in_tries import SignInTries

EXTENSION_KEY = "lookalike.session_guard"
SESSION_S = 12 * 3600


@dataclass(frozen=True)
class SessionGuard:
    """Accounts, failed sign-ins, and `ended_folder` with a mark for each session signed out of."""

    reviewers: Reviewers
    tries: SignInTries
    ended_folder: Path

    def has_ended(self, key: str) -> bool:
        """Say whether this session was signed out of."""
        return self._mark(key).exists()

    def end(self, key: str) -> None:
        """Sign a session out, wherever a copy of its cookie may be."""
        self.ended_folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for mark in self.ended_folder.iterdir():
            if time.time() - mark.stat(follow_symlinks=False).st_mtime > SESSION_S:
                mark.unlink(missing_ok=True)
        self._mark(key).touch()

    def _mark(self, key: str) -> Path:
        return self.ended_folder / hashlib.sha256(key.encode()).hexdigest()


class DeskSessions(SecureCookieSessionInterface):
    """Flask's signed cookie, `Secure` except over plain http on the reader's own machine."""

    def get_cookie_secure(self, app: Flask) -> bool:
        """Return True unless a browser would not send the cookie back."""
        return request.scheme == "https" or not is_loopback(request.host)


def session_guard() -> SessionGuard:
    """Return the running application's session guard."""
    return cast(SessionGuard, current_app.extensions[EXTENSION_KEY])


def current_reviewer() -> Reviewer | None:
    """Return the account this request's session belongs to, or None."""
    if "reviewer" not in g:
        g.reviewer = _reviewer_of_session()
    return cast("Reviewer | None", g.reviewer)


def reviewer_name() -> str:
    """Return the name of the reviewer who is signed in; raises SignInNeeded."""
    if (account := current_reviewer()) is None:
        raise SignInNeeded("sign in at /trust/sign-in")
    return account.name


def begin_session(account: Reviewer) -> None:
    """Begin a new session for an account; an earlier one of this browser ends."""
    end_session()
    session.permanent = True
    session.update(
        name=account.name, stamp=account.stamp, since=time.time(), key=secrets.token_urlsafe(16)
    )


def end_session() -> None:
    """End this browser's session, also where its cookie was copied to."""
    if isinstance(key := session.get("key"), str):
        session_guard().end(key)
    session.clear()


def is_loopback(host: str) -> bool:
    """Say whether a Host header names the reader's own machine."""
    name = urlsplit(f"//{host}").hostname or ""
    try:
        return name == "localhost" or ip_address(name).is_loopback
    except ValueError:
        return False


def _reviewer_of_session() -> Reviewer | None:
    key, since = session.get("key"), session.get("since")
    if not isinstance(key, str) or not isinstance(since, int | float):
        return None
    account = session_guard().reviewers.find(str(session.get("name")))
    is_fresh = 0 <= time.time() - since < SESSION_S
    if account is None or account.stamp != session.get("stamp") or not is_fresh:
        return None
    return None if session_guard().has_ended(key) else account
