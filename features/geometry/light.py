"""Finds uneven light: a lamp, a shade or a vignette that lies over a whole picture.

A field of light is smooth and has few degrees of freedom, so it can't follow the outline of goods:
a dress in another colour stays a difference.
"""

import cv2
import numpy as np

from features.geometry.structure import Map, Mask, grey

SAMPLED_SIDE = 32
"""Side in cells of the grid on which the field is fitted."""

DARKEST = 6.0
"""Grey level below which light can't be told."""

OFFSET = 4.0
"""Grey levels added before a ratio is taken, against noise in dark places."""

MAX_RANGE, LEAST_RANGE = 1.0, 0.12
"""Most and least ln (lightest / darkest) of a field: light may fall to a little under a half."""

ROUNDS = 6
SCALE = 0.06
"""ln ratio at which a cell begins to count less, since something else may be printed there."""

LEAST_GAIN = 0.7
"""The field must leave at most this share of the spread that it found."""


def light_field(first: Map, second: Map, shared: Mask) -> Map | None:
    """Return ln (light on the second / light on the first), H × W, mean 0; None if it is even.

    The pictures are RGB (H × W × 3, 0 to 255). The field is a polynomial of the second degree,
    fitted to local means by reweighted least squares, and used only if it explains most of what
    varies over the picture.
    """
    size = (SAMPLED_SIDE, SAMPLED_SIDE)
    weight = shared.astype(np.float32)
    full = cv2.resize(weight, size, interpolation=cv2.INTER_AREA)
    greys = [
        cv2.resize(grey(picture) * weight, size, interpolation=cv2.INTER_AREA)
        / np.maximum(full, 1e-3)
        for picture in (first, second)
    ]
    usable = (full > 0.6) & (np.minimum(*greys) > DARKEST)
    if usable.sum() < SAMPLED_SIDE:
        return None
    ratio = np.log((greys[1] + OFFSET) / (greys[0] + OFFSET))[usable]
    axis = np.linspace(-1, 1, SAMPLED_SIDE, dtype=np.float32)
    terms = _terms(axis, axis)[usable]
    counts = np.ones(len(ratio), np.float32)
    known = np.zeros(terms.shape[1], np.float32)
    for _ in range(ROUNDS):
        root = np.sqrt(counts)[:, None]
        known = np.linalg.lstsq(terms * root, ratio * root[:, 0], rcond=None)[0]
        counts = 1 / (1 + ((ratio - terms @ known) / SCALE) ** 2)
    height, width = shared.shape
    whole = _terms(
        np.linspace(-1, 1, height, dtype=np.float32), np.linspace(-1, 1, width, dtype=np.float32)
    )
    field = whole @ known.astype(np.float32)
    field -= field[shared].mean()
    low, high = np.percentile(field[shared], (1, 99))
    if not LEAST_RANGE <= high - low <= MAX_RANGE:
        return None
    left = np.median(np.abs(ratio - terms @ known))
    if left > LEAST_GAIN * np.median(np.abs(ratio - np.median(ratio))):
        return None
    limited: Map = np.clip(field, -MAX_RANGE, MAX_RANGE)
    return limited


def relight(first: Map, second: Map, field: Map) -> tuple[Map, Map]:
    """Return both pictures in even light; the lighter one of each place is made darker."""
    lighter, darker = np.minimum(field, 0), -np.maximum(field, 0)
    return first * np.exp(lighter)[..., None], second * np.exp(darker)[..., None]


def _terms(down: Map, across: Map) -> Map:
    """Return the polynomial's terms, rows × columns × 6."""
    y, x = np.meshgrid(down, across, indexing="ij")
    terms: Map = np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], axis=-1)
    return terms
