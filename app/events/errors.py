"""Errors of receiving shoppers' events."""

from core.errors import LookalikeError


class TooManyEvents(LookalikeError):
    """A request has more events, or more bytes, than are taken at once."""

    code = "too_many_events"
