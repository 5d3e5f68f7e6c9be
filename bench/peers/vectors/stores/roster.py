"""List the stores, and how each one filters."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version

from bench.peers.vectors.stores.store import VectorStore
from bench.vectors.grown_vectors import ProjectedEmbedding
from core.environment import Environment


@dataclass(frozen=True)
class StoreEntry:
    """A store: its class, the package to install, how it filters.

    `is_ours` marks those that search Elasticsearch and need its settings.
    """

    class_path: str
    package: str
    filtering: str
    is_exact: bool = False
    is_ours: bool = False

    def version(self) -> str | None:
        """Return the installed version, or None."""
        try:
            return version(self.package)
        except PackageNotFoundError:
            return None

    def build(
        self, environment: Environment, feature: Callable[[], ProjectedEmbedding]
    ) -> VectorStore:
        """Build the empty store. Raises ImportError if its package cannot be imported."""
        module, _, name = self.class_path.partition(":")
        make = getattr(import_module(f"bench.peers.vectors.stores.{module}"), name)
        store: VectorStore = make(environment, feature()) if self.is_ours else make()
        return store


BITMAP = "bitmap of rows (IDSelector)"
IN_REQUEST = "filter inside the query, planner's choice"

STORES: Mapping[str, StoreEntry] = {
    "ours": StoreEntry("lookalike_stores:PlannedStore", "lookalike", IN_REQUEST, is_ours=True),
    "ours-exact": StoreEntry(
        "lookalike_stores:ExactStore",
        "lookalike",
        "filter inside the query",
        is_exact=True,
        is_ours=True,
    ),
    "ours-knn": StoreEntry(
        "lookalike_stores:CodedStore", "lookalike", "filter inside `knn`", is_ours=True
    ),
    "numpy": StoreEntry(
        "numpy_store:NumpyStore", "numpy", "kept rows are copied out", is_exact=True
    ),
    "faiss-flat": StoreEntry("faiss_stores:FaissFlatStore", "faiss-cpu", BITMAP, is_exact=True),
    "faiss-hnsw": StoreEntry("faiss_stores:FaissHnswStore", "faiss-cpu", BITMAP),
    "faiss-ivf": StoreEntry("faiss_stores:FaissIvfStore", "faiss-cpu", BITMAP),
    "hnswlib": StoreEntry(
        "hnswlib_store:HnswlibStore", "hnswlib", "Python function asked for each row met"
    ),
    "annoy": StoreEntry(
        "annoy_store:AnnoyStore", "annoy", "none: fetched rows are filtered afterwards"
    ),
    "lancedb": StoreEntry(
        "lance_stores:LanceIndexedStore", "lancedb", "`where` with prefilter, bitmap index"
    ),
    "lancedb-flat": StoreEntry(
        "lance_stores:LanceFlatStore",
        "lancedb",
        "`where` with prefilter, bitmap index",
        is_exact=True,
    ),
    "milvus-lite": StoreEntry(
        "milvus_store:MilvusLiteStore", "milvus-lite", "expression, inverted index"
    ),
}
"""Name → store; the baseline first."""

BASELINE = "ours"
