"""Make the questions of a comparison with their exact answers, and share vectors in files."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bench.vectors.filter_cells import Columns, ExactAnswer, FilterCell, PartitionedVectors
from bench.vectors.grown_vectors import GrownVectors, PrincipalComponents, Vectors

K = 10
VECTORS, COLUMNS, PROJECTION = "vectors.npy", "columns.npz", "projection.npz"


@dataclass(frozen=True)
class FilteredQuestion:
    """A question under a filter, with its exact answer."""

    vector: Vectors
    cell: FilterCell | None
    truth: ExactAnswer

    def recall(self, vectors: Vectors, columns: Columns, rows: Sequence[int]) -> float:
        """Return the recall of an answer."""
        unique_rows = list(dict.fromkeys(rows))
        similar = vectors[unique_rows] @ self.vector
        is_kept = np.ones(len(unique_rows), bool)
        if self.cell is not None:
            is_kept = columns[self.cell.column][unique_rows] == self.cell.number
        return self.truth.recall(similar, is_kept, range(len(unique_rows)))


def make_questions(
    grown: GrownVectors, divided: PartitionedVectors, kinds: Sequence[str], count: int
) -> dict[str, list[FilteredQuestion]]:
    """Return the questions by filter: ``all``, or a label such as ``10 % independent``."""
    by_filter: dict[str, list[FilteredQuestion]] = {"all": []}
    for vector in grown.questions[:count]:
        question = divided.question(vector)
        everything = ExactAnswer.of(question.similar, divided.mask(None), K)
        by_filter["all"].append(FilteredQuestion(vector, None, everything))
        for kind in kinds:
            for share in divided.shares:
                cell = divided.choose_cell(question, kind, share)
                truth = ExactAnswer.of(question.similar, divided.mask(cell), K)
                by_filter.setdefault(filter_label(kind, share), []).append(
                    FilteredQuestion(vector, cell, truth)
                )
    return by_filter


def filter_label(kind: str, share: float) -> str:
    """Return a filter's label."""
    return f"{100 * share:g} % {kind}"


def save_vectors(folder: Path, divided: PartitionedVectors, made_by: PrincipalComponents) -> None:
    """Save the vectors, their cells and their projection for the stores' processes."""
    np.save(folder / VECTORS, divided.vectors)
    columns: dict[str, Any] = dict(divided.columns)
    np.savez(folder / COLUMNS, **columns)
    np.savez(folder / PROJECTION, mean=made_by.mean, axes=made_by.axes)


def load_vectors(folder: Path) -> tuple[Vectors, Columns]:
    """Return the vectors and their cells."""
    file = np.load(folder / COLUMNS)
    return np.load(folder / VECTORS), {name: file[name] for name in file.files}


def load_projection(folder: Path) -> PrincipalComponents:
    """Return the projection of the vectors."""
    file = np.load(folder / PROJECTION)
    return PrincipalComponents(file["mean"], file["axes"])
