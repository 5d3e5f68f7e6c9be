"""Who takes part, and how each keeps to a filter."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version

from bench.peers.vectors.stores.store import Store
from bench.vectors.grown_vectors import Projected
from core.environment import Environment


@dataclass(frozen=True)
class Entry:
    """A contestant: where its class is, what to install, how it filters.

    `is_ours` is one that asks Elasticsearch and needs to know where that is.
    """

    place: str
    package: str
    filtering: str
    is_exact: bool = False
    is_ours: bool = False

    def version(self) -> str | None:
        """Return the installed version, None where there is none."""
        try:
            return version(self.package)
        except PackageNotFoundError:
            return None

    def build(self, environment: Environment, feature: Callable[[], Projected]) -> Store:
        """Return the store, empty. Raises ImportError where its package cannot be loaded."""
        module, _, name = self.place.partition(":")
        make = getattr(import_module(f"bench.peers.vectors.stores.{module}"), name)
        store: Store = make(environment, feature()) if self.is_ours else make()
        return store


BITMAP = "bitmap of rows (IDSelector)"
IN_REQUEST = "filter inside the query, planner's choice"

ROSTER: Mapping[str, Entry] = {
    "ours": Entry("lookalike_stores:Planned", "lookalike", IN_REQUEST, is_ours=True),
    "ours-exact": Entry(
        "lookalike_stores:Exact",
        "lookalike",
        "filter inside the query",
        is_exact=True,
        is_ours=True,
    ),
    "ours-knn": Entry("lookalike_stores:Walked", "lookalike", "filter inside `knn`", is_ours=True),
    "numpy": Entry("numpy_store:Brute", "numpy", "kept rows are copied out", is_exact=True),
    "faiss-flat": Entry("faiss_stores:Flat", "faiss-cpu", BITMAP, is_exact=True),
    "faiss-hnsw": Entry("faiss_stores:Hnsw", "faiss-cpu", BITMAP),
    "faiss-ivf": Entry("faiss_stores:Ivf", "faiss-cpu", BITMAP),
    "hnswlib": Entry("hnswlib_store:Graph", "hnswlib", "Python function asked for each row met"),
    "annoy": Entry("annoy_store:Trees", "annoy", "none: fetched rows are filtered afterwards"),
    "lancedb": Entry("lance_stores:Indexed", "lancedb", "`where` with prefilter, bitmap index"),
    "lancedb-flat": Entry(
        "lance_stores:Scanned", "lancedb", "`where` with prefilter, bitmap index", is_exact=True
    ),
    "milvus-lite": Entry("milvus_store:Lite", "milvus-lite", "expression, inverted index"),
}
"""Name → contestant; the baseline first."""

BASELINE = "ours"
