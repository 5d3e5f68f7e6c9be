"""Search with hnswlib: an HNSW graph, filtered by a Python function called for each row met."""

from pathlib import Path

import hnswlib

from bench.peers.vectors.stores.store import DOUBLING, EF_CONSTRUCTION, M, StoreAnswer
from bench.vectors.filter_cells import Columns, FilterCell
from bench.vectors.grown_vectors import Vectors


class HnswlibStore:
    """The effort is ef. Its binding raises an error for fewer than k rows: counts as none."""

    efforts = DOUBLING

    def build(self, vectors: Vectors, columns: Columns, folder: Path) -> None:
        self._index = hnswlib.Index("ip", vectors.shape[1])
        self._index.init_index(len(vectors), EF_CONSTRUCTION, M, random_seed=7)
        self._index.add_items(vectors)
        self._columns = dict(columns)

    def search(self, vector: Vectors, cell: FilterCell | None, effort: int, k: int) -> StoreAnswer:
        self._index.set_ef(effort)
        try:
            if cell is None:
                rows, _ = self._index.knn_query(vector, k)
            else:
                is_kept = (self._columns[cell.column] == cell.number).__getitem__
                # More threads would wait for the interpreter, which the function needs.
                rows, _ = self._index.knn_query(vector, k, num_threads=1, filter=is_kept)
        except RuntimeError:
            return StoreAnswer([])
        return StoreAnswer([int(row) for row in rows[0]])

    def size_bytes(self) -> int:
        cells = sum(cells.nbytes for cells in self._columns.values())
        return int(self._index.index_file_size()) + cells

    def close(self) -> None:
        return None
