"""Who a shopper is: two pseudonyms in a signed cookie of the shop's own, and no more.

`client_id` stands for a browser, `session_id` for one visit: it ends after half an hour without a
page. Both are random, and pages cannot read the cookie. A browser that asks not to be tracked (Do
Not Track, Global Privacy Control) has neither.
"""

import secrets
import time
from dataclasses import dataclass, replace

from apiflask import APIFlask
from flask import Response, g, has_request_context, request
from itsdangerous import BadSignature, URLSafeSerializer

from app.http.content_negotiation import wants_page

COOKIE = "lookalike_visitor"
SALT = "visitor"
CLIENT_S = 180 * 24 * 3600
"""Half a year, after which a browser becomes another client."""

SESSION_S = 30 * 60
RENEW_S = 60
"""The cookie is written again at most once a minute."""

UNVISITED = ("/trust", "/docs", "/static", "/images")
"""Paths that nobody visits as a shopper; their answers may be cached, so they set no cookie."""


@dataclass(frozen=True)
class Visitor:
    """A shopper's pseudonyms. `seen_at` is when the cookie was written, in seconds since 1970."""

    client_id: str
    session_id: str
    seen_at: int


def install(app: APIFlask, *, enabled: bool = True) -> None:
    """Give visitors of the shop's pages a cookie; without `enabled` nobody is a visitor."""
    assert app.secret_key, "the desk's access has set the key that signs cookies"
    serializer = URLSafeSerializer(app.secret_key, SALT)

    @app.before_request
    def read_cookie() -> None:
        g.visitor = None
        g.visitor_is_new = False
        if not enabled or is_untracked() or request.path.startswith(UNVISITED):
            return
        now = int(time.time())
        visitor = _read(serializer, request.cookies.get(COOKIE, ""))
        is_new = visitor is None or now - visitor.seen_at > RENEW_S
        if visitor is None:
            if not wants_page():
                return
            visitor = Visitor(_pseudonym(), _pseudonym(), now)
        elif now - visitor.seen_at > SESSION_S:
            visitor = replace(visitor, session_id=_pseudonym())
        g.visitor = replace(visitor, seen_at=now) if is_new else visitor
        g.visitor_is_new = is_new

    @app.after_request
    def write_cookie(response: Response) -> Response:
        if g.get("visitor_is_new"):
            text = serializer.dumps([g.visitor.client_id, g.visitor.session_id, g.visitor.seen_at])
            response.set_cookie(
                COOKIE,
                str(text),
                max_age=CLIENT_S,
                httponly=True,
                samesite="Lax",
                secure=request.is_secure,
            )
        return response


def current_visitor() -> Visitor | None:
    """Return who sends the current request; None for a program, or one who is not tracked."""
    return g.get("visitor") if has_request_context() else None


def is_untracked() -> bool:
    """Say whether the browser of the current request asks not to be tracked."""
    return request.headers.get("DNT") == "1" or request.headers.get("Sec-GPC") == "1"


def _read(serializer: URLSafeSerializer, text: str) -> Visitor | None:
    try:
        client_id, session_id, seen_at = serializer.loads(text)
    except (BadSignature, ValueError, TypeError):
        return None
    return Visitor(str(client_id), str(session_id), int(seen_at))


def _pseudonym() -> str:
    return secrets.token_urlsafe(16)
