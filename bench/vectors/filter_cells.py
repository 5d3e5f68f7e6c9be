"""Make filters of known selectivity over vectors, and compute the exact answers under them.

Every vector is in one cell of each size: of 2, 10, 100 and 1000 equal cells, so that a filter on a
cell keeps 50, 10, 1 or .1 %. There are two such divisions. `chance` assigns vectors at random: the
filter is independent of the question. `region` repeatedly cuts the space along the line between two
of its vectors: filtered to its own region, a question has its neighbours inside the filter
(`correlated`); filtered to the region that holds the fewest of them, it has them outside
(`anti-correlated`), which is where graph search loses recall.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bench.vectors.grown_vectors import Vectors
from features.base import Json
from features.embedding.feature import Embedding
from mappings.catalogue.products import PICTURES
from mappings.search.filters import Filters

SHARES = (0.5, 0.1, 0.01, 0.001)
PARTS = (2, 5, 10, 10)
"""Number of parts that each cell is cut into for the next smaller share."""

KINDS = ("independent", "correlated", "anti-correlated")
COLUMNS = {"chance": "brand", "region": "seller_id"}
"""Division → product field that stores the cells: a multi-valued keyword, one value per share."""

NEAR = 100
"""Number of nearest rows that define a question's neighbourhood."""

ROUNDING = 2e-6
"""Largest difference between two sums of the same 256 float32 products in different order."""

Cells = NDArray[np.int32]
Mask = NDArray[np.bool_]
Rows = NDArray[np.int64]


Columns = Mapping[str, Cells]
"""The number of every row's cell, by `FilterCell.column`."""


@dataclass(frozen=True)
class FilterCell:
    """One cell of a division; a filter keeps its rows."""

    division: str
    share: float
    number: int

    @property
    def column(self) -> str:
        """Return the name of the division into cells of this size."""
        return column_name(self.division, self.share)

    @property
    def value(self) -> str:
        """Return the field value of its products."""
        return f"{self.column}-{self.number}"

    def filters(self) -> Filters:
        """Return the filter on this cell."""
        return Filters({COLUMNS[self.division]: (self.value,)})


def column_name(division: str, share: float) -> str:
    """Return the name of a division into cells of one size, valid as a database column."""
    return f"{division}_{share:g}".replace(".", "_")


def cell_values(columns: Columns, row: int) -> dict[str, list[str]]:
    """Return product field → the row's cells, as `FilterCell.value` has them."""
    return {
        field: [f"{name}-{columns[name][row]}" for name in columns if division in name]
        for division, field in COLUMNS.items()
    }


def documents(vectors: Vectors, columns: Columns, start: int, end: int) -> list[Json]:
    """Return rows as products of one picture, with their cells; the id is the row's number."""
    return [
        {
            "id": str(row),
            "title": "",
            **cell_values(columns, row),
            PICTURES: [{"image_id": str(row), Embedding.name: vectors[row].tolist()}],
        }
        for row in range(start, min(end, len(vectors)))
    ]


@dataclass(frozen=True)
class VectorQuestion:
    """A vector of length one, its similarity to every stored row, and the nearest rows, nearest
    first."""

    vector: Vectors
    similar: Vectors
    near: Rows


class PartitionedVectors:
    """Vectors with their cells. `shares` are those with at least `k` vectors per cell."""

    def __init__(self, vectors: Vectors, *, k: int = 10, seed: int = 7) -> None:
        self.vectors = vectors
        self.shares = tuple(share for share in SHARES if len(vectors) * share >= k)
        self._chance = np.random.default_rng([seed, len(vectors), 1])
        self.cells: Mapping[str, Mapping[float, Cells]] = {
            "chance": self._cut(by_region=False),
            "region": self._cut(by_region=True),
        }
        self._middles = {share: self._means(share) for share in self.shares}

    def question(self, vector: Vectors) -> VectorQuestion:
        """Return a question with its similarity to every stored vector."""
        similar = self.vectors @ vector
        count = min(NEAR, len(similar))
        near = np.argpartition(-similar, count - 1)[:count]
        return VectorQuestion(vector, similar, near[np.argsort(-similar[near])])

    def choose_cell(self, question: VectorQuestion, kind: str, share: float) -> FilterCell:
        """Return the cell to filter a question by."""
        division = "chance" if kind == "independent" else "region"
        cells = self.cells[division][share]
        if kind == "independent":
            return FilterCell(division, share, int(self._chance.integers(0, int(cells.max()) + 1)))
        if kind == "correlated":
            return FilterCell(division, share, int(cells[question.near[0]]))
        neighbours_held = np.bincount(cells[question.near], minlength=int(cells.max()) + 1)
        similarities = np.where(
            neighbours_held == neighbours_held.min(), self._middles[share] @ question.vector, np.inf
        )
        return FilterCell(division, share, int(np.argmin(similarities)))

    def mask(self, cell: FilterCell | None) -> Mask:
        """Return the mask of rows that a filter keeps; all for None."""
        if cell is None:
            return np.ones(len(self.vectors), bool)
        is_kept: Mask = self.cells[cell.division][cell.share] == cell.number
        return is_kept

    @property
    def columns(self) -> Columns:
        """Return the number of every row's cell, by `FilterCell.column`."""
        return {
            column_name(division, share): cells
            for division, by_share in self.cells.items()
            for share, cells in by_share.items()
        }

    def values(self, row: int) -> dict[str, list[str]]:
        """Return product field → the row's cells."""
        return cell_values(self.columns, row)

    def documents(self, start: int, end: int) -> list[Json]:
        """Return rows as products; see `documents`."""
        return documents(self.vectors, self.columns, start, end)

    def _cut(self, *, by_region: bool) -> dict[float, Cells]:
        cells = [self._chance.permutation(len(self.vectors))]
        numbers = {}
        for share, parts in zip(SHARES, PARTS, strict=True):
            if share not in self.shares:
                break
            cells = [
                part
                for cell in cells
                for part in np.array_split(self._ordered(cell) if by_region else cell, parts)
            ]
            numbers[share] = np.empty(len(self.vectors), np.int32)
            for number, rows in enumerate(cells):
                numbers[share][rows] = number
        return numbers

    def _ordered(self, rows: Rows) -> Rows:
        """Return the rows in their order along the line between two of them."""
        first, second = self.vectors[self._chance.choice(rows, 2, replace=False)]
        ordered: Rows = rows[np.argsort(self.vectors[rows] @ (first - second))]
        return ordered

    def _means(self, share: float) -> Vectors:
        cells = self.cells["region"][share]
        order = np.argsort(cells, kind="stable")
        starts = np.searchsorted(cells[order], np.arange(int(cells.max()) + 1))
        sums = np.add.reduceat(self.vectors[order], starts, axis=0)
        means: Vectors = (sums / np.bincount(cells)[:, None]).astype(np.float32)
        return means


@dataclass(frozen=True)
class ExactAnswer:
    """The exact answer to one question under one filter.

    `lowest_similarity` is that of the k-th nearest; `count` is the number of rows to find: k, or
    all that the filter keeps. Any vector as near as the k-th counts as found.
    """

    lowest_similarity: float
    count: int

    @classmethod
    def of(cls, similar: Vectors, is_kept: Mask, k: int) -> "ExactAnswer":
        """Compute it from the question's similarity to every row and the filter's mask."""
        candidates = similar[is_kept]
        count = min(k, len(candidates))
        least = (
            float(np.partition(candidates, len(candidates) - count)[len(candidates) - count])
            if count
            else 2.0
        )
        return cls(least, count)

    def recall(self, similar: Vectors, is_kept: Mask, answer: Sequence[int]) -> float:
        """Return the recall of an answer's first `count` rows; 1 if there is nothing to find."""
        if not self.count:
            return 1.0
        good = {
            row
            for row in answer[: self.count]
            if is_kept[row] and similar[row] >= self.lowest_similarity - ROUNDING
        }
        return len(good) / self.count
