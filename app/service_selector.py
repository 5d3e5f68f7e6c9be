"""Which model answers: the index says, and is asked again every few seconds.

An index may hold two versions of a feature (`mappings.catalogue.versions`). For each that is loaded
here there is one set of services, and a request uses one from beginning to end: what a query is
seen with and what it is compared with never come apart, also while the index is switched.
"""

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from app import cursor as cursors
from app.search import feature_cache
from app.search.search_request import SearchRequest
from app.services import Services, services_for
from core.errors import LookalikeError
from core.expiring import ExpiringValue
from features.base import Feature, Json, Relocatable
from features.registry import Registry
from mappings.catalogue import versions
from mappings.catalogue.errors import ModelMismatch
from mappings.catalogue.versions import ModelVersion

REFRESH_S = 2.0
"""A switch is noticed within this; one request in it waits for the answer, a few milliseconds."""

CURRENT, NEXT, PREVIOUS = "current", "next", "previous"
"""What a model can be called beside its name."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class ServiceState:
    """What can answer, by the names of the models: that in service, and perhaps one beside it.

    `absent` are models the index holds and this process has not loaded. `meta` is what the index
    said; None before it said anything.
    """

    current: Services
    by_name: Mapping[str, Services]
    unloaded: frozenset[str] = frozenset()
    meta: Mapping[str, Json] | None = None


class ModelServiceSelector:
    """Chooses services by model. Thread-safe."""

    def __init__(self, base: Services, clock: Callable[[], float] = time.monotonic) -> None:
        """`base` sees with the features as they were built, each in the field of its name."""
        self._base = base
        self._state = ExpiringValue(self._ask, REFRESH_S, clock)
        self._memory = feature_cache.QueryFeatureCache(
            base.settings.state_dir / "queries", base.settings.query_features_ttl_s
        )

    def current(self) -> Services:
        """Return the services of the model in service, or of the one beside it if only that is had.

        Without an index, or an Elasticsearch that answers, those that were last in service.
        """
        return self._state.current().current

    def for_request(self, request: SearchRequest) -> Services:
        """Return the services a search is answered by: of the model it names, or began with.

        Raises ModelMismatch for a model that the index does not hold or that is not loaded.
        """
        state = self._state.current()
        if request.model:
            return _chosen(state, request.model)
        begun = self._begun(request)
        same = (one for one in state.by_name.values() if versions.models_tag(one.registry) == begun)
        return next(same, state.current)

    def _begun(self, request: SearchRequest) -> str | None:
        """Return the tag of the models that an earlier page or picture search was answered by."""
        if request.cursor:
            return cursors.decode_cursor(request.cursor).model_tag
        return self._memory.model_tag(request.picture) if request.picture else None

    def _ask(self) -> ServiceState:
        try:
            meta = self._base.catalogue.meta()
        except LookalikeError as error:
            # Whoever needs the index is told so by what it asks of it.
            log.info("the index does not say which model is in service: %s", error)
            return self._state.latest or ServiceState(self._base, {})
        known = self._state.latest
        if known is not None and meta == known.meta:
            return known
        return self._read(meta)

    def _read(self, meta: Mapping[str, Json]) -> ServiceState:
        """Return the state that `_meta.lookalike` describes, with the services for it."""
        registry, absent = self._base.registry, set()
        for version in versions.stored_versions(meta):
            if version.in_service:
                feature = self._loaded(version)
                registry = registry.with_feature(feature) if feature else registry
                absent |= set() if feature else {version.name}
        named = dict(self._further(meta, registry))
        aside = versions.standby_version(meta)
        if aside and aside.name not in named:
            absent.add(aside.name)
        serving = _told(meta, registry)
        if serving in absent and named:
            # The other model's values are held as well, and right in themselves.
            log.warning("%s is in service and not loaded here", serving)
            return ServiceState(next(iter(named.values())), named, frozenset(absent), meta)
        current = self._seeing(registry, serving)
        named = {serving: current, CURRENT: current, **named}
        return ServiceState(current, named, frozenset(absent), meta)

    def _further(
        self, meta: Mapping[str, Json], registry: Registry
    ) -> Iterator[tuple[str, Services]]:
        """Yield the services of the version beside, by its name and by what it is."""
        aside = versions.standby_version(meta)
        feature = self._loaded(aside) if aside else None
        if aside and feature:
            services = self._seeing(registry.with_feature(feature), aside.name)
            yield aside.name, services
            yield PREVIOUS if aside.was_in_service else NEXT, services

    def _loaded(self, version: ModelVersion) -> Feature | None:
        """Return the feature that gives a version's values, in its field, or None."""
        for feature in self._base.shared.all_features:
            if versions.is_version_of(feature, version):
                return versions.with_field(feature, version.field)
        return None

    def _seeing(self, registry: Registry, name: str) -> Services:
        """Return services that see with these features, those built before where there are any."""
        state = self._state.latest
        known = [self._base, *(state.by_name.values() if state else ())]
        wanted = _places(registry)
        same = (one for one in known if _places(one.registry) == wanted)
        return next(same, None) or services_for(self._base.shared, registry, name)


def _chosen(state: ServiceState, model: str) -> Services:
    if model in state.by_name:
        return state.by_name[model]
    if model in state.unloaded:
        raise ModelMismatch(
            f"the index holds {model!r}, and this server has not loaded it: set "
            "LOOKALIKE_NEXT_EMBEDDING_* and start it again"
        )
    raise ModelMismatch(
        f"the index holds no model {model[:80]!r}; it holds {', '.join(sorted(state.by_name))}"
    )


def _told(meta: Mapping[str, Json], registry: Registry) -> str:
    """Return the name of the model in service: of the feature held twice, or that could be."""
    aside = versions.standby_version(meta)
    twice = (
        {aside.feature} if aside else {n for n, f in registry.items() if isinstance(f, Relocatable)}
    )
    serving = (
        one.name
        for one in versions.stored_versions(meta)
        if one.in_service and one.feature in twice
    )
    return next(serving, "")


def _places(registry: Registry) -> dict[str, tuple[str, Json]]:
    return {
        name: (versions.field_of(feature), versions.fingerprint(feature))
        for name, feature in registry.items()
    }
