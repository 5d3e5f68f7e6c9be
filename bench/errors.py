"""Errors of benches."""

from core.errors import LookalikeError


class LabelsUnreadable(LookalikeError):
    """A file of labels is not of the form its set has."""

    code = "labels_unreadable"
