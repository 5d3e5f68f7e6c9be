"""Errors of feeds."""

from core.errors import LookalikeError


class RebuildRefused(LookalikeError):
    """A rebuild has so few products that it would nearly empty the shop."""

    code = "rebuild_refused"


class FeedUnreadable(LookalikeError):
    """A feed cannot be read at all."""

    code = "feed_unreadable"


class NothingToDo(LookalikeError):
    """What was asked for is done already."""

    code = "nothing_to_do"


class IndexReplaced(LookalikeError):
    """Another index was put in service while work on all of its products went on."""

    code = "index_replaced"


class PositionLost(LookalikeError):
    """A source no longer knows where its changes were read last: it must be read as a whole."""

    code = "position_lost"
