"""The protocol of a store that finds nearest vectors under a filter."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from bench.vectors.filter_cells import Columns, FilterCell
from bench.vectors.grown_vectors import Vectors
from features.vector import HNSW

M, EF_CONSTRUCTION = HNSW["m"], HNSW["ef_construction"]
"""Every HNSW graph is built with the parameters of ours."""

DOUBLING = (16, 32, 64, 128, 256, 512, 1024, 2048, 4096)


@dataclass(frozen=True)
class StoreAnswer:
    """Rows, nearest first. `engine_ms` is the time that a server reports."""

    rows: list[int]
    engine_ms: float | None = None


class VectorStore(Protocol):
    """A way of finding nearest vectors; runs in its own process, called by one thread."""

    efforts: tuple[int, ...]
    """Values of its effort setting, cheapest first; a single 0 if it has none."""

    def build(self, vectors: Vectors, columns: Columns, folder: Path) -> None:
        """Index the vectors (of length one) and their cells, ready to answer.

        `folder` is empty and belongs to the store.
        """
        ...

    def search(self, vector: Vectors, cell: FilterCell | None, effort: int, k: int) -> StoreAnswer:
        """Return at most `k` rows, all in the cell if there is one."""
        ...

    def size_bytes(self) -> int:
        """Return the bytes on disk, or of the saved index if it is only in memory."""
        ...

    def close(self) -> None:
        """Release what outlives the process."""
        ...


def folder_bytes(folder: Path) -> int:
    """Return the bytes of all files below a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
