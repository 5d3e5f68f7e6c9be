"""Errors of benches."""

from core.errors import LookalikeError


class LabelsUnreadable(LookalikeError):
    """A file of labels is not of the form its set has."""

    code = "labels_unreadable"


class TooFewClicks(LookalikeError):
    """Shoppers have not clicked enough for what should be learned from it."""

    code = "too_few_clicks"
