"""Errors of the catalogue's index."""

from core.errors import LookalikeError


class ModelMismatch(LookalikeError):
    """The index was built with another model or feature version."""

    code = "model_mismatch"
