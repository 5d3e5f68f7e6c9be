"""Errors of feeds and of fetching pictures."""

from core.errors import LookalikeError


class AddressRefused(LookalikeError):
    """An address must not be fetched."""

    code = "address_refused"


class FetchFailed(LookalikeError):
    """A picture could not be fetched."""

    code = "fetch_failed"


class RebuildRefused(LookalikeError):
    """A rebuild has so few products that it would nearly empty the shop."""

    code = "rebuild_refused"


class FeedUnreadable(LookalikeError):
    """A feed cannot be read at all."""

    code = "feed_unreadable"
