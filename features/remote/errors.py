"""Errors of a feature service's clients."""

from core.errors import LookalikeError


class FeatureMismatch(LookalikeError):
    """The feature service has another version or model of a feature."""

    code = "feature_mismatch"


class FeatureFailed(Exception):
    """A feature stumbled over a picture at the service, as it might have done here.

    No LookalikeError, so that it costs what a failure here costs: the picture, not the load.
    """
