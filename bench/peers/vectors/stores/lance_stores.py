"""Search with LanceDB: a table on disk with or without an IVF_HNSW_SQ index, and `prefilter`."""

from pathlib import Path
from typing import Any

import lancedb
import numpy as np
import pyarrow as pa
from lancedb.index import Bitmap, HnswSq

from bench.peers.vectors.stores.store import EF_CONSTRUCTION, M, StoreAnswer, folder_bytes
from bench.vectors.filter_cells import Columns, FilterCell
from bench.vectors.grown_vectors import Vectors

ROWS_A_PARTITION = 1_000_000
"""LanceDB's advice for graphs: few partitions, each a graph."""


class LanceFlatStore:
    """Exact search: no index over the vectors, one over each column."""

    efforts: tuple[int, ...] = (0,)

    def build(self, vectors: Vectors, columns: Columns, folder: Path) -> None:
        self._folder = folder
        values = pa.FixedSizeListArray.from_arrays(pa.array(vectors.ravel()), vectors.shape[1])
        table_columns = {"row": pa.array(np.arange(len(vectors))), "vector": values}
        table_columns |= {name: pa.array(cells) for name, cells in columns.items()}
        self._table = lancedb.connect(folder).create_table("products", pa.table(table_columns))
        for name in columns:
            self._table.create_index(name, config=Bitmap())
        self._index(len(vectors))

    def search(self, vector: Vectors, cell: FilterCell | None, effort: int, k: int) -> StoreAnswer:
        query = self._asked(self._table.search(vector).distance_type("cosine"), effort)
        if cell is not None:
            query = query.where(f"{cell.column} = {cell.number}", prefilter=True)
        answer = query.select(["row", "_distance"]).limit(k).to_arrow()
        return StoreAnswer(answer["row"].to_pylist())

    def size_bytes(self) -> int:
        return folder_bytes(self._folder)

    def close(self) -> None:
        return None

    def _index(self, count: int) -> None:
        return None

    def _asked(self, query: Any, effort: int) -> Any:
        return query.bypass_vector_index()


class LanceIndexedStore(LanceFlatStore):
    """The effort is ef, and the factor of k rows reranked by their full vectors."""

    efforts = (20, 50, 100, 200, 500, 1_000, 2_000, 5_000)

    def _index(self, count: int) -> None:
        self._partitions = max(1, round(count / ROWS_A_PARTITION))
        config = HnswSq(
            distance_type="cosine",
            num_partitions=self._partitions,
            m=M,
            ef_construction=EF_CONSTRUCTION,
        )
        self._table.create_index("vector", config=config)

    def _asked(self, query: Any, effort: int) -> Any:
        return query.nprobes(self._partitions).ef(effort).refine_factor(max(1, effort // 20))
