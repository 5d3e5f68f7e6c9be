"""Opens the catalogue for a command."""

from collections.abc import Iterable

from core.environment import Environment
from features import registry
from features.base import Feature
from features.registry import Registry
from mappings.catalogue import versions
from mappings.catalogue.catalogue import Catalogue
from mappings.engine.connection import EngineSettings, connect


def open_catalogue(
    settings: EngineSettings, features: Registry, coming: Iterable[Feature] = ()
) -> Catalogue:
    """Return the catalogue with these features; `coming` are next versions of some."""
    return Catalogue(connect(settings), features, settings.index, settings.shards, coming)


def open_in_service(environment: Environment, features: Registry) -> tuple[Catalogue, Registry]:
    """Return the catalogue and its features as searches use them: the versions in service."""
    settings = EngineSettings.from_env(environment)
    meta = open_catalogue(settings, features).meta()
    coming = registry.load_next(environment, features)
    in_service = versions.features_in_service(features, coming, meta)
    return open_catalogue(settings, in_service), in_service
