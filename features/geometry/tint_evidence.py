"""Asks whether a tint lies over the whole picture, or whether only the goods changed.

Gains for three channels explain any change of one colour. Ground, a label or a strap that keeps its
colour contradicts them, and many colours that all follow the rule confirm it.
"""

from dataclasses import dataclass

import numpy as np

from features.geometry.structure import Map, Mask
from features.geometry.tint import TintExplanation, lengths, to_lab

MOVED, KEPT = 10.0, 6.0
"""ΔE (CIELAB) by which a rule moves a pixel visibly, and within which a pixel kept its colour."""

FOLLOWED = 12.0
"""ΔE within which a pixel follows the rule."""

LEAST_PIXELS = 30


@dataclass(frozen=True)
class TintEvidence:
    """`unmoved` is the share of the overlap that a rule would move and that kept its colour.

    `variety` (0 to 1) says how many colours followed the rule: the spread of their chromaticity,
    1 from 0.12 on, and 1 where the rule moves nothing. `clipped` is the share of the overlap that
    is white in both pictures, where a rule that makes lighter leaves no trace.
    """

    unmoved: float
    variety: float
    clipped: float


def weigh_tint(tinted: TintExplanation, source: Map, shared: Mask) -> TintEvidence:
    """Return the evidence; `source` (RGB at half the size) is the picture before the rule."""
    area = max(1.0, float(shared.sum()))
    before = to_lab(np.ascontiguousarray(source))
    moved = (lengths(tinted.predicted_lab - before) > MOVED) & shared
    unmoved = moved & (lengths(tinted.actual_lab - before) < KEPT)
    follows = moved & (lengths(tinted.predicted_lab - tinted.actual_lab) < FOLLOWED)
    variety = 1.0
    if follows.sum() > LEAST_PIXELS:
        levels = source[follows] + 4
        chromaticity = levels[:, :2] / levels.sum(axis=1, keepdims=True)
        variety = min(1.0, float(np.sqrt(chromaticity.var(axis=0).sum())) / 0.12)
    white = (np.minimum(tinted.predicted_lab[..., 0], tinted.actual_lab[..., 0]) > 97) & shared
    return TintEvidence(float(unmoved.sum()) / area, variety, float(white.sum()) / area)
