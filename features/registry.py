"""Finds the features: built-ins and plug-ins come through the same entry-point group.

An entry point of the group ``lookalike.features`` names a callable that takes an `Environment`
and returns a `Feature`, or None where a feature that must be set up first is not; the entry point's
name is the feature's.
"""

from collections.abc import Iterable, Iterator, Mapping

from core import plug_ins
from core.environment import Environment
from core.errors import InvalidSetting, UnknownName
from core.plug_ins import PlugInProblem
from core.setting import Setting
from features.base import Feature
from features.capabilities import Identified, Relocatable
from features.contract import NAME_PATTERN, feature_violations
from features.remote.client import FeatureClient
from features.remote.feature import is_computed_remotely, with_service
from features.remote.messages import Lane
from features.remote.settings import RemoteSettings

SETTINGS = (
    Setting(
        "LOOKALIKE_FEATURES", "all installed and set up", "features in use, separated by commas"
    ),
    Setting(
        "LOOKALIKE_NEXT_EMBEDDING_MODEL",
        "",
        "the next embedding model, prepared beside the one in service; every other "
        "`LOOKALIKE_EMBEDDING_…` has its `LOOKALIKE_NEXT_EMBEDDING_…` too",
    ),
    Setting(
        "LOOKALIKE_NEXT_EMBEDDING_HEAD",
        "",
        "the next embedding head, for the same model or the next one",
    ),
)


GROUP = "lookalike.features"

PREFIX = "LOOKALIKE_"
NEXT_PREFIX = "LOOKALIKE_NEXT_"
MACHINE_SETTINGS = frozenset({"INTERPRETERS", "THREADS"})
"""Settings that say how a model runs on this machine, whichever model it is."""


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
        """Return the feature of this name; raises UnknownName with the known ones."""
        if name not in self._features:
            raise UnknownName("feature", name, self._features)
        return self._features[name]

    def with_feature(self, feature: Feature) -> "Registry":
        """Return these features, with `feature` in place of the one of its name."""
        return Registry(feature if name == feature.name else one for name, one in self.items())


def load(environment: Environment, lane: Lane = Lane.BATCH) -> Registry:
    """Build every installed feature, or those that LOOKALIKE_FEATURES names, in name order.

    With LOOKALIKE_FEATURE_URL, a service computes some of them; `lane` says whether somebody waits
    for the values of these.

    A feature of another package that cannot be used is left out, with an error in the log. Raises
    UnknownName for a feature that is not installed, InvalidSetting for one that is named and not
    set up, and whatever the constructor of one of ours raises: a feature that was asked for and
    cannot work must not be missing in silence.
    """
    registry, problems = load_usable(environment)
    plug_ins.log_problems(problems)
    return _with_service(registry, environment, lane)


def _with_service(registry: Registry, environment: Environment, lane: Lane) -> Registry:
    """Return the features, those that a service computes with their values from there."""
    settings = RemoteSettings.from_env(environment)
    if settings is None:
        return registry
    for name in settings.names:
        registry.resolve(name)
    client = FeatureClient(settings, lane)
    return Registry(
        with_service(one, client) if is_computed_remotely(one, settings.names) else one
        for one in registry.values()
    )


def load_usable(environment: Environment) -> tuple[Registry, list[PlugInProblem]]:
    """Do what `load` does, and return why plug-ins were left out in place of logging it."""
    installed, problems = plug_ins.installed(GROUP)
    features: list[Feature] = []
    for name in environment.names("LOOKALIKE_FEATURES", tuple(installed)):
        if name not in installed:
            raise UnknownName("feature", name, installed)
        feature, problem = plug_ins.build(installed[name], environment, feature_violations)
        if problem is not None:
            problems.append(problem)
        elif feature is not None:
            features.append(feature)
        elif name in environment.names("LOOKALIKE_FEATURES"):
            raise InvalidSetting(
                f"LOOKALIKE_FEATURES names {name}, which is not set up: its settings begin with "
                f"{PREFIX}{name.upper()}_"
            )
    return Registry(features), problems


def find_problems(environment: Environment) -> list[PlugInProblem]:
    """Return why features of other packages would be left out, without building any of ours."""
    installed, problems = plug_ins.installed(GROUP)
    for name in environment.names("LOOKALIKE_FEATURES", tuple(installed)):
        if name in installed and not plug_ins.is_ours(installed[name]):
            _, problem = plug_ins.build(installed[name], environment, feature_violations)
            problems += [problem] if problem else []
    return problems


def load_next(environment: Environment, registry: Registry) -> tuple[Feature, ...]:
    """Build the next version of every feature that LOOKALIKE_NEXT_<FEATURE>_* describe.

    Raises InvalidSetting for a feature that cannot be held twice, and what its constructor raises.
    """
    installed, _ = plug_ins.installed(GROUP)
    features: list[Feature] = []
    for name in registry:
        settings = _next_environment(environment, name)
        if settings is not None:
            feature: Feature = installed[name].load()(settings)
            if not (isinstance(feature, Relocatable) and isinstance(feature, Identified)):
                raise InvalidSetting(f"{NEXT_PREFIX}{name.upper()}_*: {name} cannot be held twice")
            features.append(feature)
    return tuple(features)


def _next_environment(environment: Environment, name: str) -> Environment | None:
    """Return the settings of a feature's next version; None where there are none.

    A version that names a model of its own inherits none of the present one's settings; a version
    that names none differs from the present one only in what is set.
    """
    present, coming = f"{PREFIX}{name.upper()}_", f"{NEXT_PREFIX}{name.upper()}_"
    base = {key: value for key, value in environment.values.items() if value.strip()}
    changes = {present + k.removeprefix(coming): v for k, v in base.items() if k.startswith(coming)}
    if not changes:
        return None
    if f"{present}MODEL" in changes:
        base = {
            key: value
            for key, value in base.items()
            if not key.startswith(present) or key.removeprefix(present) in MACHINE_SETTINGS
        }
    return Environment({**base, **changes})
