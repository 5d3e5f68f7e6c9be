"""Takes out of a comparison what clients did before: CUPED.

What a client did before the experiment can't be an effect of it, so a difference between variants
there is chance, and what it foretells of the ratio is subtracted. Deng, Xu, Kohavi and Walker,
"Improving the Sensitivity of Online Controlled Experiments by Utilizing Pre-Experiment Data", WSDM
2013, section 3. A ratio is first made a mean over clients (Deng, Knoblich and Lu 2018, section
3.2), and regressed on its numerator and its denominator of the time before.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from app.experiments.statistics.moments import Moments, Vector
from app.experiments.statistics.ratio import Estimate, Ratio, estimate_ratio

BEFORE = "before_"
"""Begins the name of a quantity that was summed up over the time before."""


@dataclass(frozen=True)
class Adjustment:
    """Estimates with what the time before foretells taken out, one per variant, in order.

    `variance_reduction`, 0 to 1, is the share of the variance that this took away: the square of
    the correlation with the time before.
    """

    estimates: tuple[Estimate, ...]
    variance_reduction: float


def adjust(variants: Sequence[Moments], ratio: Ratio) -> Adjustment:
    """Return the adjusted estimates; the plain ones where there is nothing of the time before."""
    plain = tuple(estimate_ratio(moments, ratio) for moments in variants)
    before = [f"{BEFORE}{ratio.numerator}", f"{BEFORE}{ratio.denominator}"]
    pooled = sum(variants[1:], start=variants[0])
    known = [name for name in before if name in pooled.names and pooled.total(name) > 0]
    usable = [moments.clients > 1 and moments.mean(ratio.denominator) > 0 for moments in variants]
    if not known or not all(usable):
        return Adjustment(plain, 0.0)
    parts = [_covariances(m, ratio, e.value, known) for m, e in zip(variants, plain, strict=True)]
    weights = np.array([moments.clients for moments in variants], dtype=np.float64)
    shared = sum(w * part for w, part in zip(weights / weights.sum(), parts, strict=True))
    covariances = np.asarray(shared)
    # The pseudo-inverse: two columns may say the same, as where every client had one session.
    slopes = np.linalg.pinv(covariances[1:, 1:]) @ covariances[1:, 0]
    residual = np.concatenate(([1.0], -slopes))
    means = pooled.means(known)
    estimates = tuple(
        Estimate(
            estimate.value - float(slopes @ (moments.means(known) - means)),
            float(residual @ part @ residual) / moments.clients,
        )
        for moments, estimate, part in zip(variants, plain, parts, strict=True)
    )
    total = float(covariances[0, 0])
    left = float(residual @ covariances @ residual)
    return Adjustment(estimates, max(0.0, 1 - left / total) if total > 0 else 0.0)


def _covariances(moments: Moments, ratio: Ratio, value: float, before: Sequence[str]) -> Vector:
    """Return the covariances of the ratio, made a mean over clients, and of the time before."""
    names = (ratio.numerator, ratio.denominator, *before)
    below = moments.mean(ratio.denominator)
    combine = np.zeros((1 + len(before), len(names)))
    combine[0, :2] = 1 / below, -value / below
    combine[1:, 2:] = np.eye(len(before))
    covariances: Vector = combine @ moments.covariances(names) @ combine.T
    return covariances
