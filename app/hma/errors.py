"""Errors of the hash-matching interface."""

from core.errors import LookalikeError


class TokenNeeded(LookalikeError):
    """The server has a token and the request does not carry it."""

    code = "token_needed"
