"""The application's settings with some of them changed."""

from dataclasses import fields, replace

from app.search.settings import SearchSettings
from app.settings import AppSettings
from core.environment import Environment

SEARCH = frozenset(part.name for part in fields(SearchSettings))


def changed_settings(environment: Environment, **changes: object) -> AppSettings:
    """Return the environment's settings with changes, which may name those of searches."""
    settings = AppSettings.from_env(environment)
    search = {name: changes.pop(name) for name in SEARCH & changes.keys()}
    return replace(settings, search=replace(settings.search, **search), **changes)
