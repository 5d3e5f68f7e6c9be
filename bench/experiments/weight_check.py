"""Whether fitted weights are better than those in service, on sessions they were not fitted on."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from bench.errors import TooFewClicks
from bench.experiments.weight_fitting import (
    FittedWeights,
    Floats,
    Impressions,
    combined_scores,
    fit_weights,
    session_gains,
)

HELD_OUT = 0.3
LEAST_SESSIONS = 200
"""Sessions with a click that are needed: of fewer, the held-out ones decide nothing."""

LEAST_EXAMINED = 0.05
"""Smallest chance of a look that a click is divided by: a click far down must not outweigh all."""

STANDARD_ERRORS = 1.96


@dataclass(frozen=True)
class WeightCheck:
    """nDCG@10 on held-out sessions of both weights, and the interval of the gain, 95 %."""

    fitted: FittedWeights
    before: float
    after: float
    low: float
    high: float

    @property
    def is_better(self) -> bool:
        """Say whether the gain is above chance: else the fitted weights must not be used."""
        return self.low > 0


def check_weights(
    impressions: Impressions, in_service: Mapping[str, float], seed: int
) -> WeightCheck:
    """Fit weights on 70 % of the sessions and compare both on the others.

    A clause without a weight in service counts with 0. A click gains one over the chance that its
    position is looked at, which makes the gain of a ranking that nobody saw comparable (Joachims,
    Swaminathan and Schnabel, "Unbiased Learning-to-Rank with Biased Feedback", WSDM 2017). Raises
    TooFewClicks.
    """
    sessions = int(impressions.session.max()) + 1
    if sessions < LEAST_SESSIONS:
        raise TooFewClicks(
            f"{sessions} sessions with a click are not enough to fit weights: wait for "
            f"{LEAST_SESSIONS}"
        )
    is_held_out = np.random.default_rng(seed).random(sessions) < HELD_OUT
    fitted = fit_weights(impressions.of_sessions(~is_held_out))
    held_out = impressions.of_sessions(is_held_out)
    examined = np.maximum(LEAST_EXAMINED, _examination(fitted, held_out))
    gains = held_out.clicked / examined
    before, after = (
        session_gains(held_out, ranking_by(held_out, weights), gains)
        for weights in (in_service, fitted.weights)
    )
    gain = (after.ranked - before.ranked) / before.best.mean()
    mean, error = float(gain.mean()), float(gain.std(ddof=1) / np.sqrt(len(gain)))
    low, high = mean - STANDARD_ERRORS * error, mean + STANDARD_ERRORS * error
    return WeightCheck(fitted, before.ndcg, after.ndcg, low, high)


def ranking_by(impressions: Impressions, weights: Mapping[str, float]) -> Floats:
    """Return what hits are ranked by with these weights, 0 to 1."""
    return combined_scores(
        impressions.scores, [weights.get(name, 0.0) for name in impressions.clauses]
    )


def _examination(fitted: FittedWeights, impressions: Impressions) -> Floats:
    places = np.minimum(impressions.position, len(fitted.examination)) - 1
    examination: Floats = fitted.examination[places]
    return examination
