"""Ours: the product's own index, planner, query body and answer, over HTTP to Elasticsearch."""

from dataclasses import replace
from pathlib import Path

from bench.cells import Cell, Columns, documents
from bench.vector_stores.store import Found
from bench.vectors import Projected, Vectors
from features.base import Approximate
from features.environment import Environment
from features.registry import Registry
from mappings import plan as planning
from mappings import query as queries
from mappings import results
from mappings.catalogue import Catalogue
from mappings.connection import EngineSettings, connect
from mappings.filters import Filters
from mappings.plan import Plan
from mappings.query import Query, Signal

AT_ONCE = 2_000
PATIENCE_MS = 120_000
"""The first exact question about a million vectors reads them all from disk."""


class Planned:
    """What a search of ours does: the planner chooses."""

    efforts: tuple[int, ...] = (0,)

    def __init__(self, environment: Environment, feature: Projected) -> None:
        settings = replace(EngineSettings.from_env(environment), timeout_ms=PATIENCE_MS)
        self._registry = Registry([feature])
        self._gateway = connect(settings)
        self._catalogue = Catalogue(self._gateway, self._registry, settings.index, settings.shards)
        self._feature = feature

    def build(self, vectors: Vectors, columns: Columns, folder: Path) -> None:
        if not self._gateway.indices(f"{self._catalogue.alias}-*"):
            self._fill(vectors, columns)
        self._census = planning.read_census(self._catalogue.search(planning.census_body()))

    def _fill(self, vectors: Vectors, columns: Columns) -> None:
        self._catalogue.begin_rebuild()
        for start in range(0, len(vectors), AT_ONCE):
            refused = self._catalogue.write(documents(vectors, columns, start, start + AT_ONCE))
            if refused:
                raise RuntimeError(f"refused: {next(iter(refused.items()))}")
        self._catalogue.promote()

    def search(self, vector: Vectors, cell: Cell | None, effort: int, k: int) -> Found:
        filters = cell.filters() if cell else Filters()
        query = Query(
            plan=self.plan(filters, effort, k),
            signals=(Signal(self._feature, vector.tolist(), 1.0),),
            filters=filters,
            size=k,
        )
        answer = self._catalogue.search(queries.body(query, self._registry))
        page = results.read(answer, query)
        return Found([int(hit.id) for hit in page.hits], page.took_ms)

    def plan(self, filters: Filters, effort: int, k: int) -> Plan:
        """Return how one question is answered."""
        return planning.choose(self._census, filters, size=k)

    def size_bytes(self) -> int:
        return int(self._catalogue.summary()["bytes"])

    def close(self) -> None:
        self._gateway.close()


class Exact(Planned):
    """Every filtered picture is compared."""

    def plan(self, filters: Filters, effort: int, k: int) -> Plan:
        return Plan("exact", self._census.estimate(filters))


class Walked(Planned):
    """The HNSW graph, whatever the planner would choose; the dial is num_candidates."""

    efforts = (50, 100, 200, 400, 800, 1_600, 3_200, 6_400)

    def plan(self, filters: Filters, effort: int, k: int) -> Plan:
        neighbours = Approximate(k=max(k, min(effort, 200)), num_candidates=effort)
        return Plan("approximate", self._census.estimate(filters), neighbours)
