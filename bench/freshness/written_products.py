"""What a stream of puts and deletes has made of an index at any moment, as truth for searches."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from bench.vectors.grown_vectors import Vectors

GRACE_S = 1.2
"""How long after its acknowledgement a change may still be unseen: Elasticsearch refreshes once a
second."""


@dataclass(frozen=True)
class WrittenProduct:
    """A put with its vector, or a delete with None; times in seconds of the monotonic clock."""

    id: str
    vector: Vectors | None
    sent_at: float
    acknowledged_at: float


@dataclass(frozen=True)
class AnsweredSearch:
    """A search: the number of its question, when it was due and answered, and the ids it found.

    `ids` is None for a search that failed.
    """

    question: int
    due: float
    answered: float
    ids: Sequence[str] | None

    @property
    def ms(self) -> float:
        """How long it took, from when it was due."""
        return 1000 * (self.answered - self.due)


def deleted_but_shown(searches: Iterable[AnsweredSearch], writes: Sequence[WrittenProduct]) -> int:
    """Return how many hits of searches were deleted for longer than GRACE_S, and not put again."""
    history: dict[str, list[WrittenProduct]] = {}
    for write in writes:
        history.setdefault(write.id, []).append(write)
    shown = 0
    for search in searches:
        for key in search.ids or ():
            # What was sent before the answer may have been seen.
            known = [one for one in history.get(key, ()) if one.sent_at <= search.answered]
            if known and known[-1].vector is None:
                shown += known[-1].acknowledged_at + GRACE_S < search.due
    return shown


def recalls(
    searches: Sequence[AnsweredSearch],
    writes: Sequence[WrittenProduct],
    stored: Vectors,
    questions: Vectors,
) -> Iterator[tuple[AnsweredSearch, float]]:
    """Yield each answered search with the share of the nearest products that it found.

    `stored` are the vectors of the products at the beginning, whose ids are the rows' numbers. A
    product that was written less than GRACE_S before a search, or while it ran, may or may not be
    seen: it counts neither as found nor as missing.
    """
    products = _Products(stored, writes)
    done = 0
    for search in sorted(searches, key=lambda one: one.due):
        if search.ids is None:
            continue
        while done < len(writes) and writes[done].acknowledged_at + GRACE_S < search.due:
            products.apply(writes[done])
            done += 1
        unsettled = set()
        for write in writes[done:]:
            if write.sent_at > search.answered:
                break
            unsettled.add(write.id)
        found = [key for key in search.ids if key not in unsettled]
        nearest = products.nearest(questions[search.question], len(found), unsettled)
        if nearest:
            yield search, len(set(found) & set(nearest)) / len(nearest)


class _Products:
    """The vectors of all products at one moment: a row each, of zeros where there is none."""

    def __init__(self, stored: Vectors, writes: Sequence[WrittenProduct]) -> None:
        ids = [str(row) for row in range(len(stored))]
        known = set(ids)
        ids += dict.fromkeys(one.id for one in writes if one.id not in known)
        self._ids = ids
        self._rows: Mapping[str, int] = {key: row for row, key in enumerate(ids)}
        self._vectors = np.zeros((len(ids), stored.shape[1]), np.float32)
        self._vectors[: len(stored)] = stored
        self._is_there = np.zeros(len(ids), bool)
        self._is_there[: len(stored)] = True

    def apply(self, write: WrittenProduct) -> None:
        row = self._rows[write.id]
        self._is_there[row] = write.vector is not None
        if write.vector is not None:
            self._vectors[row] = write.vector

    def nearest(self, question: Vectors, count: int, without: set[str]) -> list[str]:
        scores = self._vectors @ question
        scores[~self._is_there] = -np.inf
        scores[[self._rows[key] for key in without]] = -np.inf
        order = np.argpartition(-scores, min(count, len(scores) - 1))[:count]
        return [self._ids[row] for row in order if np.isfinite(scores[row])]
