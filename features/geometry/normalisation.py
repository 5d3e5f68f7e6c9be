"""Takes out of two pictures what an edit of the whole may have changed: sharpness, light, tint.

Ground that was exchanged is left out of the comparison. What still differs is a real difference.
"""

from dataclasses import dataclass

import numpy as np

from features.geometry.ground import changed_ground
from features.geometry.light import light_field, relight
from features.geometry.overlap import Overlap
from features.geometry.sharpness import equalise_sharpness
from features.geometry.structure import Map, Mask
from features.geometry.tint import HALF_SIZE, TintExplanation, explain_tint, lengths

UNEXPLAINED = 4.0
"""Mean unexplained ΔE below which no other light is looked for."""

LIGHT_GAIN = 0.85
"""Light must leave at most this share of the unexplained difference, and so must ground."""

MAX_DELTA_E = 40.0
"""Most that one pixel counts: it may be printed over."""

LEAST_SHARED = 0.05
"""Share of the overlap that must be left without the ground."""


@dataclass(frozen=True)
class NormalisedPair:
    """`tinted` has both pictures in one light and tint, compared where `shared` (H × W) is true.

    `light` is ln (lightest / darkest) of the light taken out, 0 for none; `ground` the share of the
    overlap that was left out because its plain colour was exchanged.
    """

    tinted: TintExplanation
    shared: Mask
    light: float
    ground: float


def normalise(overlap: Overlap) -> NormalisedPair:
    """Return the pictures of an overlap without what an edit of the whole changed."""
    first, second = equalise_sharpness(overlap.first, overlap.second, overlap.shared)
    shared, ground = overlap.shared, 0.0
    tinted = explain_tint(first, second, shared)
    error = _unexplained(tinted, shared)
    if error < UNEXPLAINED:
        return NormalisedPair(tinted, shared, 0.0, 0.0)
    exchanged = changed_ground(first, second, shared)
    if exchanged is not None:
        goods = shared & ~exchanged
        share = float(exchanged.sum()) / float(shared.sum())
        if 1 - share >= LEAST_SHARED:
            again = explain_tint(first, second, goods)
            left = _unexplained(again, goods)
            if left < LIGHT_GAIN * error:
                tinted, shared, ground, error = again, goods, share, left
    light, tinted = _evened(first, second, shared, tinted, error)
    return NormalisedPair(tinted, shared, light, ground)


def _evened(
    first: Map, second: Map, shared: Mask, tinted: TintExplanation, error: float
) -> tuple[float, TintExplanation]:
    """Return the range of uneven light and the pictures without it, if that explains enough."""
    field = light_field(first, second, shared) if error >= UNEXPLAINED else None
    if field is None:
        return 0.0, tinted
    even = relight(first, second, field)
    again = explain_tint(*even, shared)
    if _unexplained(again, shared) > LIGHT_GAIN * error:
        return 0.0, tinted
    low, high = np.percentile(field[shared], (1, 99))
    return float(high - low), again


def _unexplained(tinted: TintExplanation, shared: Mask) -> float:
    """Return the mean ΔE that the tint leaves, each pixel limited to MAX_DELTA_E."""
    half = shared[HALF_SIZE]
    if not half.any():
        return 0.0
    left = lengths(tinted.predicted_lab[half] - tinted.actual_lab[half])
    return float(np.minimum(left, MAX_DELTA_E).mean())
