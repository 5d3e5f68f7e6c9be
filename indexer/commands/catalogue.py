"""Opens the catalogue for a command."""

from collections.abc import Iterable

from core.environment import Environment
from features import registry
from features.base import Feature
from features.registry import Registry
from mappings.catalogue import versions
from mappings.catalogue.catalogue import Catalogue
from mappings.catalogue.shop_fields import load_fields
from mappings.engine.connection import EngineSettings, connect


def open_catalogue(
    environment: Environment, features: Registry, coming: Iterable[Feature] = ()
) -> Catalogue:
    """Return the catalogue with these features; `coming` are next versions of some."""
    settings, fields = EngineSettings.from_env(environment), load_fields(environment)
    return Catalogue(connect(settings), features, settings.index, settings.shards, coming, fields)


def open_in_service(environment: Environment, features: Registry) -> tuple[Catalogue, Registry]:
    """Return the catalogue and its features as searches use them: the versions in service."""
    meta = open_catalogue(environment, features).meta()
    coming = registry.load_next(environment, features)
    in_service = versions.features_in_service(features, coming, meta)
    return open_catalogue(environment, in_service), in_service
