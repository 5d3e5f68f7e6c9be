"""Finds the features: built-ins and strangers come through the same entry-point group.

An entry point of the group ``lookalike.features`` names a callable that takes an `Environment`
and returns a `Feature`, or None where a feature that must be set up first is not; the entry point's
name is the feature's.
"""

import logging
import re
from collections.abc import Iterable, Iterator, Mapping
from importlib.metadata import EntryPoint, entry_points

from core.environment import Environment
from core.errors import InvalidSetting, UnknownName
from features.base import Feature, Identified, Relocatable

GROUP = "lookalike.features"
NAME_PATTERN = re.compile(r"[a-z][a-z0-9_]*")

PREFIX = "LOOKALIKE_"
NEXT_PREFIX = "LOOKALIKE_NEXT_"
MACHINE_SETTINGS = frozenset({"INTERPRETERS", "THREADS"})
"""Settings that say how a model runs here, whichever it is."""

log = logging.getLogger(__name__)


class Registry(Mapping[str, Feature]):
    """The features in use, by name, in a fixed order."""

    def __init__(self, features: Iterable[Feature]) -> None:
        self._features: dict[str, Feature] = {}
        for feature in features:
            if not NAME_PATTERN.fullmatch(feature.name):
                raise InvalidSetting(f"feature name {feature.name!r} is not {NAME_PATTERN.pattern}")
            if feature.name in self._features:
                raise InvalidSetting(f"two features are named {feature.name!r}")
            self._features[feature.name] = feature

    def __getitem__(self, name: str) -> Feature:
        return self._features[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._features)

    def __len__(self) -> int:
        return len(self._features)

    def resolve(self, name: str) -> Feature:
        """Return the feature a person named; raises UnknownName with the known ones."""
        if name not in self._features:
            raise UnknownName("feature", name, self._features)
        return self._features[name]

    def with_feature(self, feature: Feature) -> "Registry":
        """Return these features, with `feature` in place of the one of its name."""
        return Registry(feature if name == feature.name else one for name, one in self.items())


def load(environment: Environment) -> Registry:
    """Build every installed feature, or those that LOOKALIKE_FEATURES names, in name order.

    Raises UnknownName for a feature nobody installed, InvalidSetting for one that is named and not
    set up, and whatever a feature's constructor raises: a feature that was asked for and cannot
    work must not be missing in silence.
    """
    installed = _installed()
    wanted = environment.names("LOOKALIKE_FEATURES", tuple(installed))
    for name in wanted:
        if name not in installed:
            raise UnknownName("feature", name, installed)
    made = [(name, installed[name].load()(environment)) for name in wanted]
    for name, feature in made:
        if feature is None and name in environment.names("LOOKALIKE_FEATURES"):
            raise InvalidSetting(
                f"LOOKALIKE_FEATURES names {name}, which is not set up: its settings begin with "
                f"{PREFIX}{name.upper()}_"
            )
    return Registry(feature for _, feature in made if feature is not None)


def load_next(environment: Environment, registry: Registry) -> tuple[Feature, ...]:
    """Build the next version of every feature that LOOKALIKE_NEXT_<FEATURE>_* describe.

    Raises InvalidSetting for a feature that cannot be held twice, and what its constructor raises.
    """
    found: list[Feature] = []
    for name in registry:
        settings = _next_environment(environment, name)
        if settings is not None:
            feature: Feature = _installed()[name].load()(settings)
            if not (isinstance(feature, Relocatable) and isinstance(feature, Identified)):
                raise InvalidSetting(f"{NEXT_PREFIX}{name.upper()}_*: {name} cannot be held twice")
            found.append(feature)
    return tuple(found)


def _next_environment(environment: Environment, name: str) -> Environment | None:
    """Return the settings of a feature's next version; None where there are none.

    One that names a model of its own has nothing of the present one's; one that names none differs
    from it in what is set alone.
    """
    present, coming = f"{PREFIX}{name.upper()}_", f"{NEXT_PREFIX}{name.upper()}_"
    given = {key: value for key, value in environment.values.items() if value.strip()}
    told = {present + k.removeprefix(coming): v for k, v in given.items() if k.startswith(coming)}
    if not told:
        return None
    if f"{present}MODEL" in told:
        given = {
            key: value
            for key, value in given.items()
            if not key.startswith(present) or key.removeprefix(present) in MACHINE_SETTINGS
        }
    return Environment({**given, **told})


def _installed() -> dict[str, EntryPoint]:
    installed: dict[str, EntryPoint] = {}
    for entry in sorted(entry_points(group=GROUP), key=lambda entry: entry.name):
        if entry.name in installed:
            raise InvalidSetting(f"two packages install a feature named {entry.name!r}")
        installed[entry.name] = entry
    return installed
