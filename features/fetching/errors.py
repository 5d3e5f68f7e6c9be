"""Errors of fetching pictures."""

from core.errors import LookalikeError


class AddressRefused(LookalikeError):
    """An address must not be fetched."""

    code = "address_refused"


class FetchFailed(LookalikeError):
    """A picture could not be fetched."""

    code = "fetch_failed"
