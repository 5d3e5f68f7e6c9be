"""Errors of signing in and of rights."""

from core.errors import LookalikeError


class SignInNeeded(LookalikeError):
    """The request needs a signed-in reviewer."""

    code = "sign_in_needed"


class Forbidden(LookalikeError):
    """The reviewer lacks the right, or the request did not come from our own pages."""

    code = "forbidden"


class TooManyTries(LookalikeError):
    """Too many sign-ins failed: the next is allowed after `retry_after_s`."""

    code = "too_many_tries"
    retry_after_s = 60

    def __init__(self, message: str, retry_after_s: int = retry_after_s) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s
