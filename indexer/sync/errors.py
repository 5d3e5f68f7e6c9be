"""Errors of keeping in step with a source."""

from core.errors import LookalikeError


class RemovalRefused(LookalikeError):
    """A source lacks so many of its products that it may be broken."""

    code = "removal_refused"
