"""What the bench asks of whoever finds nearest vectors under a filter."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from bench.vectors.filter_cells import Columns, FilterCell
from bench.vectors.grown_vectors import Vectors
from features.vector import HNSW

M, EF_CONSTRUCTION = HNSW["m"], HNSW["ef_construction"]
"""Every HNSW graph is built with what ours is built with."""

DOUBLING = (16, 32, 64, 128, 256, 512, 1024, 2048, 4096)


@dataclass(frozen=True)
class StoreAnswer:
    """Rows, nearest first. `engine_ms` is the time a server says it took itself."""

    rows: list[int]
    engine_ms: float | None = None


class VectorStore(Protocol):
    """One way of finding nearest vectors; lives in a process of its own, asked by one thread."""

    efforts: tuple[int, ...]
    """Values of its own dial, cheapest first; a single 0 for one that has none."""

    def build(self, vectors: Vectors, columns: Columns, folder: Path) -> None:
        """Take in the vectors (of length one) and their cells, as far as to answer at once.

        `folder` is empty and its own. Memory is given back where the store keeps its own copy.
        """
        ...

    def search(self, vector: Vectors, cell: FilterCell | None, effort: int, k: int) -> StoreAnswer:
        """Return at most `k` rows, all of the cell if there is one."""
        ...

    def size_bytes(self) -> int:
        """Return how much it keeps on disk, or would, where it keeps everything in memory."""
        ...

    def close(self) -> None:
        """Give back what outlives the process."""
        ...


def folder_bytes(folder: Path) -> int:
    """Return the bytes of all files below a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
