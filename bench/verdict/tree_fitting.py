"""Fit the verdict model: monotonic boosted trees, calibrated by logistic regression.

scikit-learn fits (`HistGradientBoostingClassifier`). The saved model is plain numbers, which
`app.trust.examination.verdict` reads without scikit-learn.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression

from bench.verdict.pair_signals import PairSignals
from features.base import Json

DIRECTIONS: Mapping[str, int] = {
    "pdq_distance": -1,
    "phash_distance": -1,
    "embedding_distance": -1,
    "inliers": 1,
    "matches": 0,
    "residual": -1,
    "spread": 1,
    "agreement": 1,
    "exactness": 1,
    "exactness_low": 1,
    "exactness_coarse": 1,
    "disagreement": -1,
    "disagreement_coarse": -1,
    "disagreement_weight": -1,
    "blob": -1,
    "drawn_in_both": -1,
    "drawn_in_one": -1,
    "drawn_in_each": -1,
    "mirror_detail": -1,
    "overlap_colour": -1,
    "colour_blob": -1,
    "colour_share": -1,
    "recoloured": -1,
    "recoloured_whole": -1,
    "coverage": 1,
    "tint_cast": -1,
    "tint_gain": -1,
    "hue": -1,
    "chroma": -1,
    "tint_saturation": 0,
    "drawn": 0,
    "tint_kept": -1,
    "tint_variety": 1,
    "clipped": 0,
    "repainted": -1,
    "light": -1,
    "ground": 0,
    "detail": 1,
    "explained": 1,
    "explained_less": 1,
    "replaced": -1,
    "replaced_balance": -1,
}
"""Signal → the direction in which a larger value may move the probability: up, down, or either."""

SETTINGS: Mapping[str, Any] = {
    "max_iter": 200,
    "learning_rate": 0.08,
    "max_leaf_nodes": 31,
    "max_features": 0.5,
    "min_samples_leaf": 20,
    "l2_regularization": 5.0,
    "early_stopping": False,
    "random_state": 7,
}
"""Chosen on the split `fit` alone, in four folds of whole groups of relatives (decision 7)."""


def fit_trees(
    fitting: Sequence[PairSignals], calibrating: Sequence[PairSignals], positive: Sequence[str]
) -> dict[str, Json]:
    """Return calibrated trees that separate the truths `positive` from the others, as JSON.

    The calibration is fitted on trees that never saw `calibrating`, because only those are as
    confident there as on new pictures. The returned trees are fitted on both. Pairs of one file
    are left out: they need no model.
    """
    raw = _fitted(fitting, positive).decision_function(_matrix(calibrating))
    line = LogisticRegression(C=1.0).fit(raw[:, None], _truth(calibrating, positive))
    model = _fitted([*fitting, *calibrating], positive)
    return {
        "baseline": round(float(np.ravel(model._baseline_prediction)[0]), 6),
        "trees": [_tree(one.nodes) for (one,) in model._predictors],
        "slope": round(float(line.coef_[0, 0]), 6),
        "intercept": round(float(line.intercept_[0]), 6),
    }


def _fitted(rows: Sequence[PairSignals], positive: Sequence[str]) -> HistGradientBoostingClassifier:
    directions = list(DIRECTIONS.values())
    return HistGradientBoostingClassifier(monotonic_cst=directions, **SETTINGS).fit(
        _matrix(rows), _truth(rows, positive)
    )


def _matrix(rows: Sequence[PairSignals]) -> NDArray[np.float64]:
    return np.array(
        [[row.signals.get(name, np.nan) for name in DIRECTIONS] for row in rows], np.float64
    )


def _truth(rows: Sequence[PairSignals], positive: Sequence[str]) -> NDArray[np.bool_]:
    return np.array([row.truth in positive for row in rows])


def _tree(nodes: Any) -> dict[str, Json]:
    """Return one tree; an inner node gets the mean of its leaves, weighted by their pairs."""
    values = np.array(nodes["value"], np.float64)
    counts = np.array(nodes["count"], np.float64)
    for place in reversed(range(len(nodes))):
        if not nodes["is_leaf"][place]:
            left, right = int(nodes["left"][place]), int(nodes["right"][place])
            total = counts[left] + counts[right]
            values[place] = (values[left] * counts[left] + values[right] * counts[right]) / total
    leaf = [bool(one) for one in nodes["is_leaf"]]
    return {
        "signal": [
            -1 if end else int(n) for n, end in zip(nodes["feature_idx"], leaf, strict=True)
        ],
        "threshold": [
            0.0 if end else round(float(t), 6)
            for t, end in zip(nodes["num_threshold"], leaf, strict=True)
        ],
        "left": [-1 if end else int(n) for n, end in zip(nodes["left"], leaf, strict=True)],
        "right": [-1 if end else int(n) for n, end in zip(nodes["right"], leaf, strict=True)],
        "missing_left": [bool(one) for one in nodes["missing_go_to_left"]],
        "value": [round(float(one), 6) for one in values],
    }
