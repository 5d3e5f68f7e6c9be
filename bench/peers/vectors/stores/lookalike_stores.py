"""Search with this project: its index, searcher, planner and query, over HTTP."""

import tempfile
from contextlib import ExitStack
from pathlib import Path

from app.search.feature_cache import QueryFeatureCache, new_query_id
from app.search.search_parameters import SearchParameters
from app.search.search_request import SearchRequest
from app.services import build_services
from app.settings import AppSettings
from bench.peers.vectors.stores.store import StoreAnswer
from bench.vectors.filter_cells import Columns, FilterCell, documents
from bench.vectors.grown_vectors import ProjectedEmbedding, Vectors
from core.environment import Environment
from features.base import ApproximateSearch
from features.registry import Registry
from mappings.catalogue.catalogue import Catalogue
from mappings.catalogue.versions import models_tag
from mappings.engine.connection import EngineSettings, connect
from mappings.planning import measurement
from mappings.search import request_body as queries
from mappings.search import results
from mappings.search.filters import Filters
from mappings.search.plan import Plan
from mappings.search.query import Query, Signal

AT_ONCE = 2_000
PATIENCE_MS = "120000"
"""The first exact search over a million vectors reads them all from disk."""


class LookalikeStore:
    """The base of our stores: one shared index, filled by the first.

    It is filled as for a shop: written, merged, and measured for the planner.
    """

    efforts: tuple[int, ...] = (0,)

    def __init__(self, environment: Environment, feature: ProjectedEmbedding) -> None:
        self._environment = Environment(
            {**environment.values, "LOOKALIKE_ENGINE_TIMEOUT_MS": PATIENCE_MS}
        )
        settings = EngineSettings.from_env(self._environment)
        self._feature, self._registry = feature, Registry([feature])
        self._gateway = connect(settings)
        self._catalogue = Catalogue(self._gateway, self._registry, settings.index, settings.shards)

    def build(self, vectors: Vectors, columns: Columns, folder: Path) -> None:
        if self._gateway.indices(f"{self._catalogue.alias}-*"):
            return
        self._catalogue.begin_rebuild()
        for start in range(0, len(vectors), AT_ONCE):
            refused = self._catalogue.write(documents(vectors, columns, start, start + AT_ONCE))
            if refused:
                raise RuntimeError(f"refused: {next(iter(refused.items()))}")
        self._catalogue.promote()
        self._catalogue.merge()
        questions = min(
            measurement.QUERIES, max(measurement.MIN_QUERIES_PER_KIND, len(vectors) // 50)
        )
        table = measurement.measure(self._catalogue, self._registry, queries=questions)
        self._catalogue.store_recall_table(table)

    def size_bytes(self) -> int:
        return int(self._catalogue.summary()["bytes"])

    def close(self) -> None:
        self._gateway.close()


class PlannedStore(LookalikeStore):
    """A normal search: the planner chooses."""

    def __init__(self, environment: Environment, feature: ProjectedEmbedding) -> None:
        super().__init__(environment, feature)
        self._open = ExitStack()

    def build(self, vectors: Vectors, columns: Columns, folder: Path) -> None:
        super().build(vectors, columns, folder)
        state = self._open.enter_context(tempfile.TemporaryDirectory(prefix="lookalike-bench-"))
        settings = AppSettings.from_env(
            Environment({**self._environment.values, "LOOKALIKE_STATE_DIR": state})
        )
        services = build_services(settings, self._registry)
        self._open.callback(services.close)
        self._searcher = services.searcher
        folder = settings.state_dir / "queries"
        self._memory = QueryFeatureCache(
            folder, settings.search.query_features_ttl_s, models_tag(self._registry)
        )

    def search(self, vector: Vectors, cell: FilterCell | None, effort: int, k: int) -> StoreAnswer:
        # As with a picture, but without decoding and embedding. Caching its features for the next
        # page is part of every such search, so it counts.
        key = new_query_id()
        self._memory.store(key, [{self._feature.name: vector.tolist()}])
        terms = cell.filters().terms if cell else {}
        parameters = SearchParameters(
            picture=key,
            features=[self._feature.name],
            filter={name: list(values) for name, values in terms.items()},
            size=k,
        )
        answer = self._searcher.search(SearchRequest(parameters))
        return StoreAnswer([int(hit.id) for hit in answer.results.hits], answer.results.took_ms)

    def close(self) -> None:
        self._open.close()
        super().close()


class ExactStore(LookalikeStore):
    """Exact search, whatever the planner would choose."""

    def search(self, vector: Vectors, cell: FilterCell | None, effort: int, k: int) -> StoreAnswer:
        query = Query(
            plan=self.plan(effort),
            signals=(Signal(self._feature, vector.tolist(), 1.0),),
            filters=cell.filters() if cell else Filters(),
            size=k,
        )
        page = results.read_results(
            self._catalogue.search(queries.build_body(query, self._registry)), query
        )
        return StoreAnswer([int(hit.id) for hit in page.hits], page.took_ms)

    def plan(self, effort: int) -> Plan:
        """Return the plan for every question; its estimate is not used."""
        return Plan("exact", 0)


class CodedStore(ExactStore):
    """One-bit codes; the effort is the number of products that are then compared exactly."""

    efforts = (50, 100, 200, 400, 800, 1_600, 3_200, 6_400)

    def plan(self, effort: int) -> Plan:
        return Plan("approximate", 0, ApproximateSearch(effort, effort, 1))
