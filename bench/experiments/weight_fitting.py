"""Fits the weights of a search's clauses to what shoppers clicked.

A product is clicked if it is looked at and if it pleases: the examination hypothesis (Richardson,
Dominowska and Ragno, WWW 2007). How often a position is looked at and which clauses please are
fitted together, by maximum likelihood, as Wang and others do ("Position Bias Estimation for
Unbiased Learning to Rank in Personal Search", WSDM 2018): p(click) = examination(position) ·
sigmoid(weights · scores + bias).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

MAX_WEIGHT = 50.0
PENALTY = 1e-4
"""Times the squared weights, per impression: keeps a clause that says nothing near 0."""

LEAST_EXAMINATION = 1e-3


@dataclass(frozen=True)
class Impressions:
    """Hits that were shown: scores of shape (n, clauses) in [0, 1], and a number each of the rest.

    `session` numbers the sessions, `position` begins at 1, `clicked` is 0 or 1.
    """

    clauses: tuple[str, ...]
    scores: Floats
    session: Integers
    position: Integers
    clicked: Floats

    def of_sessions(self, is_included: NDArray[np.bool_]) -> "Impressions":
        """Return the impressions of some sessions; `is_included` has a value for each session."""
        rows = is_included[self.session]
        return Impressions(
            self.clauses,
            self.scores[rows],
            self.session[rows],
            self.position[rows],
            self.clicked[rows],
        )


@dataclass(frozen=True)
class FittedWeights:
    """`weights` by clause, the largest 1; `examination` by position, that of the first 1."""

    weights: dict[str, float]
    examination: Floats


def fit_weights(impressions: Impressions) -> FittedWeights:
    """Return the weights that explain the clicks best; none is below 0.

    Raises ValueError where nothing was clicked.
    """
    if not impressions.clicked.any():
        raise ValueError("nothing was clicked, so no weights can be fitted")
    clauses, positions = impressions.scores.shape[1], int(impressions.position.max())
    start = np.concatenate([np.ones(clauses), [-2.0], np.full(positions - 1, -0.5)])
    lowest = np.log(LEAST_EXAMINATION)
    bounds = [(0.0, MAX_WEIGHT)] * clauses + [(-30.0, 30.0)] + [(lowest, 0.0)] * (positions - 1)
    found = minimize(_loss, start, (impressions,), "L-BFGS-B", jac=True, bounds=bounds)
    weights = found.x[:clauses]
    largest = weights.max() or 1.0
    examination = np.exp(np.concatenate([[0.0], found.x[clauses + 1 :]]))
    scaled = {
        name: round(float(weight / largest), 4)
        for name, weight in zip(impressions.clauses, weights, strict=True)
    }
    return FittedWeights(scaled, examination)


def combined_scores(scores: Floats, weights: Sequence[float]) -> Floats:
    """Return the weighted mean of each hit's scores, of shape (n,), as a search ranks by it."""
    weighted = np.asarray(weights, dtype=np.float64)
    combined: Floats = scores @ weighted / (weighted.sum() or 1.0)
    return combined


@dataclass(frozen=True)
class SessionGains:
    """Discounted cumulative gain of each session, as ranked and at best."""

    ranked: Floats
    best: Floats

    @property
    def ndcg(self) -> float:
        """The gain of all sessions as a share of the best, 0 to 1."""
        total = float(self.best.sum())
        return float(self.ranked.sum()) / total if total > 0 else 0.0


def session_gains(
    impressions: Impressions, ranking: Floats, gains: Floats, k: int = 10
) -> SessionGains:
    """Return DCG@k of each session, ranked by `ranking`, the highest first.

    Järvelin and Kekäläinen, "Cumulated Gain-Based Evaluation of IR Techniques", TOIS 2002.
    """
    order = np.lexsort((impressions.position, -ranking, impressions.session))
    ideal = np.lexsort((-gains, impressions.session))
    starts = np.flatnonzero(np.diff(impressions.session[order], prepend=-1))
    ends = np.append(starts[1:], len(order))
    ranges = list(zip(starts, ends, strict=True))
    ranked = [_dcg(gains[order[first:last]][:k]) for first, last in ranges]
    best = [_dcg(gains[ideal[first:last]][:k]) for first, last in ranges]
    return SessionGains(np.array(ranked), np.array(best))


def _dcg(gains: Floats) -> float:
    return float((gains / np.log2(np.arange(2, len(gains) + 2))).sum())


def _loss(parameters: Floats, impressions: Impressions) -> tuple[float, Floats]:
    """Return the mean negative log-likelihood and its gradient."""
    clauses = impressions.scores.shape[1]
    weights, bias = parameters[:clauses], parameters[clauses]
    log_examination = np.concatenate([[0.0], parameters[clauses + 1 :]])
    pleasing = 1 / (1 + np.exp(-(impressions.scores @ weights + bias)))
    examination = np.exp(log_examination)[impressions.position - 1]
    p = np.clip(examination * pleasing, 1e-9, 1 - 1e-9)
    clicked, count = impressions.clicked, len(impressions.clicked)
    likelihood = clicked * np.log(p) + (1 - clicked) * np.log1p(-p)
    # The derivative by log p; p's own are 1 by log examination and 1 - pleasing by the logit.
    slope = clicked - (1 - clicked) * p / (1 - p)
    by_logit = slope * (1 - pleasing)
    by_examination = np.bincount(impressions.position - 1, slope, len(log_examination))
    gradient = (
        -np.concatenate([impressions.scores.T @ by_logit, [by_logit.sum()], by_examination[1:]])
        / count
    )
    gradient[:clauses] += 2 * PENALTY * weights
    return float(-likelihood.mean() + PENALTY * (weights @ weights)), gradient
