"""Search with annoy: random projection trees. It cannot filter, so more rows are fetched first."""

from pathlib import Path

from annoy import AnnoyIndex

from bench.peers.vectors.stores.store import StoreAnswer
from bench.vectors.filter_cells import Columns, FilterCell
from bench.vectors.grown_vectors import Vectors

TREES = 50


class AnnoyStore:
    """The effort is the number of rows fetched; `search_k` is annoy's default."""

    efforts = (10, 30, 100, 300, 1_000, 3_000, 10_000, 30_000, 100_000)

    def build(self, vectors: Vectors, columns: Columns, folder: Path) -> None:
        self._path = folder / "trees.ann"
        building = AnnoyIndex(vectors.shape[1], "angular")
        building.set_seed(7)
        for row, vector in enumerate(vectors):
            building.add_item(row, vector)
        building.build(TREES)
        building.save(str(self._path))
        building.unload()
        self._index = AnnoyIndex(vectors.shape[1], "angular")
        self._index.load(str(self._path))
        self._columns = dict(columns)

    def search(self, vector: Vectors, cell: FilterCell | None, effort: int, k: int) -> StoreAnswer:
        rows = self._index.get_nns_by_vector(vector, max(effort, k))
        if cell is not None:
            cells = self._columns[cell.column]
            rows = [row for row in rows if cells[row] == cell.number]
        return StoreAnswer(rows[:k])

    def size_bytes(self) -> int:
        return self._path.stat().st_size + sum(cells.nbytes for cells in self._columns.values())

    def close(self) -> None:
        self._index.unload()
