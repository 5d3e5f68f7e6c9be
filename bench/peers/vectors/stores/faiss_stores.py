"""Search with faiss: Flat (exact), HNSW and IVF, each filtered by a bitmap of rows.

The bitmap is built for each question from a column in memory, as a real request would.
"""

import math
from pathlib import Path
from typing import Any

import faiss
import numpy as np

from bench.peers.vectors.stores.store import DOUBLING, EF_CONSTRUCTION, M, StoreAnswer
from bench.vectors.filter_cells import Columns, FilterCell
from bench.vectors.grown_vectors import Vectors

THREADS = 1
"""OpenMP threads. With two in this process the exact index lost half of its answers without a
filter, and IVF's training never ended (faiss-cpu 1.15.1).
Single questions are no faster with two."""


class FaissFlatStore:
    """Exact search."""

    efforts: tuple[int, ...] = (0,)

    def build(self, vectors: Vectors, columns: Columns, folder: Path) -> None:
        faiss.omp_set_num_threads(THREADS)
        self._index = self._made(len(vectors), vectors.shape[1])
        self._index.train(vectors)
        self._index.add(vectors)
        self._columns = dict(columns)

    def search(self, vector: Vectors, cell: FilterCell | None, effort: int, k: int) -> StoreAnswer:
        selector = None
        if cell is not None:
            bits = np.packbits(self._columns[cell.column] == cell.number, bitorder="little")
            selector = faiss.IDSelectorBitmap(bits)
        parameters = self._asked(effort, selector)
        _, rows = self._index.search(vector[None], k, params=parameters)
        return StoreAnswer([int(row) for row in rows[0] if row >= 0])

    def size_bytes(self) -> int:
        cells = sum(cells.nbytes for cells in self._columns.values())
        return int(faiss.serialize_index(self._index).nbytes) + cells

    def close(self) -> None:
        return None

    def _made(self, count: int, dims: int) -> Any:
        return faiss.IndexFlatIP(dims)

    def _asked(self, effort: int, selector: Any) -> Any:
        return faiss.SearchParameters(sel=selector)


class FaissHnswStore(FaissFlatStore):
    """HNSW graph; the effort is efSearch."""

    efforts = DOUBLING

    def _made(self, count: int, dims: int) -> Any:
        index = faiss.IndexHNSWFlat(dims, M, faiss.METRIC_INNER_PRODUCT)
        index.hnsw.efConstruction = EF_CONSTRUCTION
        return index

    def _asked(self, effort: int, selector: Any) -> Any:
        return faiss.SearchParametersHNSW(efSearch=effort, sel=selector)


class FaissIvfStore(FaissFlatStore):
    """4·√n lists, as faiss advises below a million vectors; the effort is nprobe."""

    efforts = (1, 2, 4, 8, *DOUBLING)

    def _made(self, count: int, dims: int) -> Any:
        lists = max(1, min(round(4 * math.sqrt(count)), count // 39))
        self._coarse = faiss.IndexFlatIP(dims)
        return faiss.IndexIVFFlat(self._coarse, dims, lists, faiss.METRIC_INNER_PRODUCT)

    def _asked(self, effort: int, selector: Any) -> Any:
        return faiss.SearchParametersIVF(nprobe=min(effort, self._index.nlist), sel=selector)
