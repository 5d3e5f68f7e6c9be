"""Builds the feature service from the settings."""

from core.environment import Environment
from features.embedding.device import AUTO, VARIABLE
from features.registry import load
from features.service.service import FeatureService
from features.service.settings import ServiceSettings


def build_service(environment: Environment) -> FeatureService:
    """Return the service with every installed feature, computed in this process, on its GPU.

    Raises InvalidSetting, and what the features' constructors raise.
    """
    # A service that asked another one, or itself, would answer nothing.
    own = {VARIABLE: AUTO, **environment.values, "LOOKALIKE_FEATURE_URL": ""}
    return FeatureService(load(Environment(own)), ServiceSettings.from_env(environment))
