"""Choose the distance limit for calling a pair a match; distances may be infinite."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Distances = NDArray[np.float64]


@dataclass(frozen=True)
class LimitFigures:
    """Recall and precision of calling pairs at or below `limit` the same.

    The limit is -infinity, and precision 1, where no limit qualifies.
    """

    limit: float
    recall: float
    precision: float


def figures_at(same: Distances, different: Distances, limit: float) -> LimitFigures:
    """Return recall and precision at a limit. Raises ValueError for no true pairs."""
    if not len(same):
        raise ValueError("recall needs at least one true pair")
    # A pair without a signal has an infinite distance: no limit reaches it.
    right = int(((same <= limit) & np.isfinite(same)).sum())
    wrong = int(((different <= limit) & np.isfinite(different)).sum())
    return LimitFigures(limit, right / len(same), right / (right + wrong) if right + wrong else 1.0)


def widest_without_mistakes(same: Distances, different: Distances) -> LimitFigures:
    """Return the widest of the true pairs' distances that no other pair reaches."""
    return widest_at_precision(same, different, 1.0)


def widest_at_precision(same: Distances, different: Distances, precision: float) -> LimitFigures:
    """Return the widest limit up to which precision never falls below `precision`.

    Like `compute_threshold_precision_recall` of Thorn's `perception`, except that equal distances
    are taken together.
    """
    limits, right, wrong = _counts(same, different)
    precise = right / np.maximum(1, right + wrong)
    first_bad = int(np.argmax(precise < precision)) if (precise < precision).any() else len(limits)
    return figures_at(same, different, float(limits[first_bad - 1]) if first_bad else -math.inf)


def best_f1(same: Distances, different: Distances) -> LimitFigures:
    """Return the limit with the best harmonic mean of precision and recall on these pairs."""
    limits, right, wrong = _counts(same, different)
    if not len(limits):
        return figures_at(same, different, -math.inf)
    # F1 = 2 TP / (2 TP + FP + FN), and TP + FN is every true pair.
    score = 2 * right / (right + wrong + len(same))
    return figures_at(same, different, float(limits[int(np.argmax(score))]))


def _counts(
    same: Distances, different: Distances
) -> tuple[Distances, NDArray[np.int_], NDArray[np.int_]]:
    """Return the distinct distances of true pairs, and the counts of both kinds up to each."""
    limits = np.unique(same[np.isfinite(same)])
    right = np.searchsorted(np.sort(same), limits, side="right")
    wrong = np.searchsorted(np.sort(different), limits, side="right")
    return limits, right, wrong
