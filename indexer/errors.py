"""Errors of feeds."""

from core.errors import LookalikeError


class RebuildRefused(LookalikeError):
    """A rebuild has so few products that it would nearly empty the shop."""

    code = "rebuild_refused"


class FeedUnreadable(LookalikeError):
    """A feed cannot be read at all."""

    code = "feed_unreadable"


class PositionLost(LookalikeError):
    """A source no longer knows where its changes were read last: it must be read as a whole."""

    code = "position_lost"
