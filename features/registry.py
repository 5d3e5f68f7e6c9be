"""Finds the features: built-ins and strangers come through the same entry-point group.

An entry point of the group ``lookalike.features`` names a callable that takes an `Environment`
and returns a `Feature`; the entry point's name is the feature's.
"""

import logging
import re
from collections.abc import Iterable, Iterator, Mapping
from importlib.metadata import entry_points

from features.base import Feature
from features.environment import Environment
from features.errors import InvalidSetting, UnknownName

GROUP = "lookalike.features"
NAME = re.compile(r"[a-z][a-z0-9_]*")

log = logging.getLogger(__name__)


class Registry(Mapping[str, Feature]):
    """The features in use, by name, in a fixed order."""

    def __init__(self, features: Iterable[Feature]) -> None:
        self._features: dict[str, Feature] = {}
        for feature in features:
            if not NAME.fullmatch(feature.name):
                raise InvalidSetting(f"feature name {feature.name!r} is not {NAME.pattern}")
            if feature.name in self._features:
                raise InvalidSetting(f"two features are named {feature.name!r}")
            self._features[feature.name] = feature

    def __getitem__(self, name: str) -> Feature:
        return self._features[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._features)

    def __len__(self) -> int:
        return len(self._features)

    def named(self, name: str) -> Feature:
        """Return the feature a person named; raises UnknownName with the known ones."""
        if name not in self._features:
            raise UnknownName("feature", name, self._features)
        return self._features[name]


def load(environment: Environment) -> Registry:
    """Build every installed feature, or those that LOOKALIKE_FEATURES names, in name order.

    Raises UnknownName for a feature nobody installed, and whatever a feature's constructor
    raises: a feature that was asked for and cannot work must not be missing in silence.
    """
    installed = {}
    for entry in sorted(entry_points(group=GROUP), key=lambda entry: entry.name):
        if entry.name in installed:
            raise InvalidSetting(f"two packages install a feature named {entry.name!r}")
        installed[entry.name] = entry
    wanted = environment.names("LOOKALIKE_FEATURES", tuple(installed))
    for name in wanted:
        if name not in installed:
            raise UnknownName("feature", name, installed)
    return Registry(installed[name].load()(environment) for name in wanted)
