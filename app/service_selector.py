"""Chooses the model that answers a request, as recorded in the index and re-read every 2 seconds.

An index may hold two versions of a feature (`mappings.catalogue.versions`). Each version loaded
here has one set of services, and a request uses one set from beginning to end: a query is always
extracted with the model that it is compared by, also while the index is switched.
"""

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from app.http.visitor import current_visitor
from app.search.assigned_request import assigned_request
from app.search.feature_cache import QueryFeatureCache
from app.search.search_request import SearchRequest
from app.services import Services, services_for
from core.errors import LookalikeError
from core.expiring import ExpiringValue
from features.base import Feature, Json
from features.capabilities import Relocatable
from features.fingerprint import fingerprint
from features.registry import Registry
from mappings.catalogue import versions
from mappings.catalogue.errors import ModelMismatch
from mappings.catalogue.versions import ModelVersion

REFRESH_S = 2.0
"""A switch is noticed within this; one request in it waits for the answer, a few milliseconds."""

CURRENT, NEXT, PREVIOUS = "current", "next", "previous"
"""What a model can be called instead of its name."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class ServiceState:
    """The services that can answer, by the names of their models.

    `unloaded` are models that the index holds and this process has not loaded. `meta` is the
    index's `_meta.lookalike`; None before it was read.
    """

    current: Services
    by_name: Mapping[str, Services]
    unloaded: frozenset[str] = frozenset()
    meta: Mapping[str, Json] | None = None


class ModelServiceSelector:
    """Chooses services by model. Thread-safe."""

    def __init__(self, base: Services, clock: Callable[[], float] = time.monotonic) -> None:
        """`base` uses the features as they were built, each in the field of its name."""
        self._base = base
        self._state = ExpiringValue(self._refresh, REFRESH_S, clock)
        self._cache = QueryFeatureCache(
            base.settings.state_dir / "queries", base.settings.search.query_features_ttl_s
        )

    def current(self) -> Services:
        """Return the services of the model in service, or of the other where only that is loaded.

        While the index is missing or Elasticsearch is down, those that were last in service.
        """
        return self._state.current().current

    def for_request(self, request: SearchRequest) -> tuple[Services, SearchRequest]:
        """Return the services that answer a search, and the search with its cached pictures.

        A search is answered by the model it names, or else by the model that answered the page or
        the picture search it continues. Raises ModelMismatch for a model that the index does not
        hold or that is not loaded.
        """
        state = self._state.current()
        request = self._assigned(request, state)
        parameters = request.parameters
        if parameters.model:
            return _named(state, parameters.model), request
        tag = None
        if parameters.cursor:
            tag = parameters.cursor.model_tag
        elif parameters.picture and (earlier := self._cache.find(parameters.picture)):
            tag, request = earlier.model_tag, replace(request, earlier=earlier)
        if tag is None:
            return state.current, request
        same = (
            services
            for services in state.by_name.values()
            if versions.models_tag(services.registry) == tag
        )
        return next(same, state.current), request

    def _assigned(self, request: SearchRequest, state: ServiceState) -> SearchRequest:
        """Return the search as the shopper's variant of an experiment asks it.

        A variant whose model does not answer here is no reason to fail: the search takes no part.
        """
        if (visitor := current_visitor()) is None:
            return request
        assignment = self._base.shared.experiments.assignment(visitor.client_id)
        assigned = assigned_request(request, assignment, self._base.registry)
        model = assigned.parameters.model
        if model and model != request.parameters.model and model not in state.by_name:
            log.warning("a variant of an experiment needs the model %s, which is not here", model)
            return request
        return assigned

    def _refresh(self) -> ServiceState:
        try:
            meta = self._base.catalogue.meta()
        except LookalikeError as error:
            # A caller that needs the index gets the error from its own request.
            log.info("the index does not say which model is in service: %s", error)
            return self._state.latest or ServiceState(self._base, {})
        latest = self._state.latest
        if latest is not None and meta == latest.meta:
            return latest
        return self._read(meta)

    def _read(self, meta: Mapping[str, Json]) -> ServiceState:
        """Return the state that `_meta.lookalike` describes, with the services for it."""
        registry, unloaded = versions.without_filling(self._base.registry, meta), set()
        for version in versions.stored_versions(meta):
            if version.in_service:
                feature = self._loaded(version)
                registry = registry.with_feature(feature) if feature else registry
                unloaded |= set() if feature else {version.name}
        by_name = dict(self._standby(meta, registry))
        standby = versions.standby_version(meta)
        if standby and standby.name not in by_name:
            unloaded.add(standby.name)
        serving = _serving_name(meta, registry)
        if serving in unloaded and by_name:
            # The index holds the other model's values too, and they are complete.
            log.warning("%s is in service and not loaded here", serving)
            return ServiceState(next(iter(by_name.values())), by_name, frozenset(unloaded), meta)
        current = self._services(registry, serving)
        by_name = {serving: current, CURRENT: current, **by_name}
        return ServiceState(current, by_name, frozenset(unloaded), meta)

    def _standby(
        self, meta: Mapping[str, Json], registry: Registry
    ) -> Iterator[tuple[str, Services]]:
        """Yield the services of the standby version, by its name and by its role."""
        standby = versions.standby_version(meta)
        feature = self._loaded(standby) if standby else None
        if standby and feature:
            services = self._services(registry.with_feature(feature), standby.name)
            yield standby.name, services
            yield PREVIOUS if standby.was_in_service else NEXT, services

    def _loaded(self, version: ModelVersion) -> Feature | None:
        """Return the feature that makes a version's values, in its field; None if not loaded."""
        for feature in self._base.shared.all_features:
            if versions.is_version_of(feature, version):
                return versions.with_field(feature, version.field)
        return None

    def _services(self, registry: Registry, name: str) -> Services:
        """Return services for these features, the existing ones where there are any."""
        state = self._state.latest
        candidates = [self._base, *(state.by_name.values() if state else ())]
        fields = _fields(registry)
        same = (services for services in candidates if _fields(services.registry) == fields)
        return next(same, None) or services_for(self._base.shared, registry, name)


def _named(state: ServiceState, model: str) -> Services:
    if model in state.by_name:
        return state.by_name[model]
    if model in state.unloaded:
        raise ModelMismatch(
            f"the index holds {model!r}, and this server has not loaded it: set "
            "LOOKALIKE_NEXT_EMBEDDING_* and restart it"
        )
    raise ModelMismatch(
        f"the index holds no model {model[:80]!r}; it holds {', '.join(sorted(state.by_name))}"
    )


def _serving_name(meta: Mapping[str, Json], registry: Registry) -> str:
    """Return the name of the model in service, of the feature that has, or could have, two."""
    standby = versions.standby_version(meta)
    swappable = (
        {standby.feature}
        if standby
        else {n for n, f in registry.items() if isinstance(f, Relocatable)}
    )
    names = (
        version.name
        for version in versions.stored_versions(meta)
        if version.in_service and version.feature in swappable
    )
    return next(names, "")


def _fields(registry: Registry) -> dict[str, tuple[str, Json]]:
    return {
        name: (versions.field_of(feature), fingerprint(feature))
        for name, feature in registry.items()
    }
