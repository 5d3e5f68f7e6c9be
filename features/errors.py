"""Errors of features and their models."""

from core.errors import LookalikeError


class ModelUnavailable(LookalikeError):
    """A feature's model is missing, or cannot be built or read."""

    code = "model_unavailable"
