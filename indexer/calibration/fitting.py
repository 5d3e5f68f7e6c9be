"""Fits a calibration on queries whose right product is known.

Logistic regression (scikit-learn) over the hits of all queries. A hit at rank r has the weight 1/r:
people see and use the first hits, and with equal weights their probabilities would be too low
(docs/decisions/0012).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from math import ceil

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from features.capabilities import Conclusive
from features.embedding.errors import TooFewPhotos
from features.registry import Registry
from indexer.calibration.examples import CalibrationExample
from mappings.catalogue.calibration import Calibration
from mappings.catalogue.versions import models_tag

MIN_QUERIES = 50
"""Least number of queries that find their product; they must show a tenth as many products.
With fewer, the figures depend on chance: half a percent of probability is one query in 200."""

CONCLUSIVE_LOG_ODDS = 8.0
"""Log-odds of a conclusive match (same file, same photo), which shoppers' photos do not show.
PDQ matched none of 168,490 pairs of different pictures (docs/DESIGN.md), so the log-odds are at
least ln(168490 / 3) = 10.9 for a random pair; they are set lower because candidates look alike."""

FALSE_CONFIDENCE_SHARE = 0.05
"""Share of queries for products not in the index that may reach `confident_from`."""


@dataclass(frozen=True)
class ScoreModel:
    """log-odds = bias + lift · background + Σ weight · score."""

    bias: float
    lift: float
    weights: Mapping[str, float]

    def probability(self, background: float, scores: Mapping[str, float]) -> float:
        """Return the probability that a hit is relevant, 0 to 1."""
        evidence = sum(self.weights.get(name, 0.0) * score for name, score in scores.items())
        return float(1 / (1 + np.exp(-(self.bias + self.lift * background + evidence))))


def require_enough(examples: Sequence[CalibrationExample]) -> None:
    """Raise TooFewPhotos, with the number needed, if too few queries found their product."""
    successful = [one for one in examples if any(key == one.product_id for key, _ in one.hits)]
    products = len({one.product_id for one in successful})
    if len(successful) < MIN_QUERIES or products < MIN_QUERIES // 10:
        raise TooFewPhotos(
            f"{len(successful)} queries of {products} products found their product; calibration "
            f"needs {MIN_QUERIES}, of at least {MIN_QUERIES // 10} products: add labelled photos"
        )


def fit_score_model(examples: Sequence[CalibrationExample], registry: Registry) -> ScoreModel:
    """Fit the model. Raises TooFewPhotos.

    Conclusive features get CONCLUSIVE_LOG_ODDS, and hits with a conclusive match are not used for
    the fit. Features whose weight would not be positive are left out.
    """
    require_enough(examples)
    conclusive = {name for name, feature in registry.items() if isinstance(feature, Conclusive)}
    rows = [
        (one.background, scores, key == one.product_id, 1 / rank)
        for one in examples
        for rank, (key, scores) in enumerate(one.hits, start=1)
        if not conclusive & scores.keys()
    ]
    names = sorted({name for _, scores, _, _ in rows for name in scores})
    truth = np.array([is_right for _, _, is_right, _ in rows])
    rank_weights = np.array([weight for *_, weight in rows])
    while True:
        table = _table(rows, names)
        regression = LogisticRegression(C=1e6, max_iter=2000).fit(
            table, truth, sample_weight=rank_weights
        )
        lift, *weights = (float(one) for one in regression.coef_[0])
        useless = {name for name, weight in zip(names, weights, strict=True) if weight <= 0}
        if not useless:
            break
        names = [name for name in names if name not in useless]
    fitted = dict(zip(names, weights, strict=True)) | dict.fromkeys(
        sorted(conclusive), CONCLUSIVE_LOG_ODDS
    )
    return ScoreModel(float(regression.intercept_[0]), lift, fitted)


def _table(
    rows: Sequence[tuple[float, Mapping[str, float], bool, float]], names: Sequence[str]
) -> NDArray[np.float64]:
    return np.array(
        [[near, *(scores.get(name, 0.0) for name in names)] for near, scores, *_ in rows]
    )


def best_wrong_probability(example: CalibrationExample, model: ScoreModel) -> float:
    """Return the best probability if the query's product were not in the index; 0 without a hit."""
    return max(
        (
            model.probability(example.background_without, scores)
            for key, scores in example.hits
            if key != example.product_id
        ),
        default=0.0,
    )


def confidence_threshold(examples: Sequence[CalibrationExample], model: ScoreModel) -> float:
    """Return the probability that only FALSE_CONFIDENCE_SHARE of wrong best hits reach."""
    best = sorted(best_wrong_probability(one, model) for one in examples)
    return best[ceil((1 - FALSE_CONFIDENCE_SHARE) * len(best)) - 1]


def build_calibration(
    examples: Sequence[CalibrationExample],
    registry: Registry,
    *,
    feature: str,
    cohort: Sequence[str],
    source: str,
    products: int,
) -> Calibration:
    """Return the calibration to store in the index. Raises TooFewPhotos."""
    model = fit_score_model(examples, registry)
    return Calibration(
        bias=round(model.bias, 6),
        lift=round(model.lift, 6),
        weights={name: round(weight, 6) for name, weight in model.weights.items()},
        feature=feature,
        cohort=tuple(cohort),
        confident_from=round(confidence_threshold(examples, model), 6),
        source=source,
        queries=len(examples),
        products=products,
        at=datetime.now(UTC).isoformat(timespec="seconds"),
        model=models_tag(registry),
    )
