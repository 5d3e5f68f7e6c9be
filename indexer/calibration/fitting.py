"""Fits the line of a calibration on queries whose right product is known.

Logistic regression (scikit-learn) over the hits of every query. A hit at rank r counts 1/r: the
first ones are what people see and act on, and it is there that a line fitted on all hits alike is
too shy: at the first rank, the best of many chances stands (docs/decisions/0012).
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
"""Queries that found their product at all, and products they show: one in ten of these. Fewer
leave the numbers to chance: half a percent of probability is one query in 200."""

CONCLUSIVE_LOG_ODDS = 8.0
"""Log-odds of a match that proves (same file, same photo), which no photo of a shopper shows us.
PDQ matched none of 168,490 pairs of different pictures (docs/DESIGN.md): at least ln(168490 / 3),
10.9, against a pair taken at random; less here, because candidates look alike."""

FALSE_CONFIDENCE_SHARE = 0.05
"""Share of queries without a counterpart that may pass `confident_from`."""


@dataclass(frozen=True)
class ScoreModel:
    """log-odds = bias + lift · background + Σ weight · score."""

    bias: float
    lift: float
    weights: Mapping[str, float]

    def probability(self, background: float, scores: Mapping[str, float]) -> float:
        """Return P(relevant) of a hit."""
        said = sum(self.weights.get(name, 0.0) * score for name, score in scores.items())
        return float(1 / (1 + np.exp(-(self.bias + self.lift * background + said))))


def require_enough(examples: Sequence[CalibrationExample]) -> None:
    """Raise TooFewPhotos, with the number needed, where too few queries found their product."""
    found = [one for one in examples if any(key == one.product_id for key, _ in one.hits)]
    products = len({one.product_id for one in found})
    if len(found) < MIN_QUERIES or products < MIN_QUERIES // 10:
        raise TooFewPhotos(
            f"{len(found)} queries of {products} products found what they show; calibration needs "
            f"{MIN_QUERIES}, of at least {MIN_QUERIES // 10} products: add labelled photos"
        )


def fit_score_model(examples: Sequence[CalibrationExample], registry: Registry) -> ScoreModel:
    """Return the line; raises TooFewPhotos.

    Features whose match proves get what a proof is worth, and hits with one are left out of the
    fit. A feature that says nothing, or speaks against what it finds, gets no weight.
    """
    require_enough(examples)
    proving = {name for name, feature in registry.items() if isinstance(feature, Conclusive)}
    rows = [
        (one.background, scores, key == one.product_id, 1 / rank)
        for one in examples
        for rank, (key, scores) in enumerate(one.hits, start=1)
        if not proving & scores.keys()
    ]
    names = sorted({name for _, scores, _, _ in rows for name in scores})
    truth = np.array([is_right for _, _, is_right, _ in rows])
    says = np.array([weight for *_, weight in rows])
    while True:
        table = _table(rows, names)
        model = LogisticRegression(C=1e6, max_iter=2000).fit(table, truth, sample_weight=says)
        lift, *weights = (float(one) for one in model.coef_[0])
        silent = {name for name, weight in zip(names, weights, strict=True) if weight <= 0}
        if not silent:
            break
        names = [name for name in names if name not in silent]
    found = dict(zip(names, weights, strict=True)) | dict.fromkeys(
        sorted(proving), CONCLUSIVE_LOG_ODDS
    )
    return ScoreModel(float(model.intercept_[0]), lift, found)


def _table(
    rows: Sequence[tuple[float, Mapping[str, float], bool, float]], names: Sequence[str]
) -> NDArray[np.float64]:
    return np.array(
        [[near, *(scores.get(name, 0.0) for name in names)] for near, scores, *_ in rows]
    )


def best_wrong_probability(example: CalibrationExample, line: ScoreModel) -> float:
    """Return the best probability had the query's product not been in the index; 0 for no hit."""
    return max(
        (
            line.probability(example.background_without, scores)
            for key, scores in example.hits
            if key != example.product_id
        ),
        default=0.0,
    )


def confidence_threshold(examples: Sequence[CalibrationExample], line: ScoreModel) -> float:
    """Return the probability that STRANGERS of the queries without a counterpart pass."""
    best = sorted(best_wrong_probability(one, line) for one in examples)
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
    """Return what the index is to remember; raises TooFewPhotos."""
    line = fit_score_model(examples, registry)
    return Calibration(
        bias=round(line.bias, 6),
        lift=round(line.lift, 6),
        weights={name: round(weight, 6) for name, weight in line.weights.items()},
        feature=feature,
        cohort=tuple(cohort),
        confident_from=round(confidence_threshold(examples, line), 6),
        source=source,
        queries=len(examples),
        products=products,
        at=datetime.now(UTC).isoformat(timespec="seconds"),
        model=models_tag(registry),
    )
