"""Search with numpy: one matrix product with all vectors, or with those the filter keeps."""

from pathlib import Path

import numpy as np

from bench.peers.vectors.stores.store import StoreAnswer
from bench.vectors.filter_cells import Columns, FilterCell
from bench.vectors.grown_vectors import Vectors


class NumpyStore:
    """Exact search."""

    efforts = (0,)

    def build(self, vectors: Vectors, columns: Columns, folder: Path) -> None:
        self._vectors, self._columns = np.array(vectors), dict(columns)

    def search(self, vector: Vectors, cell: FilterCell | None, effort: int, k: int) -> StoreAnswer:
        rows = None
        vectors = self._vectors
        if cell is not None:
            rows = np.flatnonzero(self._columns[cell.column] == cell.number)
            vectors = vectors[rows]
        similar = vectors @ vector
        count = min(k, len(similar))
        nearest = np.argpartition(-similar, count - 1)[:count]
        nearest = nearest[np.argsort(-similar[nearest])]
        return StoreAnswer((nearest if rows is None else rows[nearest]).tolist())

    def size_bytes(self) -> int:
        return self._vectors.nbytes + sum(cells.nbytes for cells in self._columns.values())

    def close(self) -> None:
        return None
