"""The token that a program sends as `Authorization: Bearer TOKEN`."""

import hmac

from flask import request


def sent_token() -> str | None:
    """Return the token of the current request; None without one."""
    authorization = request.authorization
    if authorization is None or authorization.type != "bearer":
        return None
    return authorization.token


def is_token(candidate: str | None, token: str) -> bool:
    """Say whether a token that was sent is the right one; takes as long for a wrong one."""
    return hmac.compare_digest((candidate or "").encode(), token.encode())
