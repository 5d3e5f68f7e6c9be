"""Says whether a picture shows nothing: white paper, a covered lens, a plain screen.

Whatever is searched for is nearest to something; a blank picture is as near to a white mug as to a
white shirt, and its features say nothing.
"""

import numpy as np

from features.base import Picture

SIDE = 64
OUTER_SHARE = 0.5
"""Percent of the pixels that may have an edge all the same: dust, a speck, a broken pixel."""

MAX_STEP = 12
"""Levels of 255 between neighbours in any channel. Paper under a lamp falls off by more than that
from side to side, but gradually; what is drawn, lies or hangs there has an edge."""


def is_blank(picture: Picture) -> bool:
    """Say whether a picture, at 64 × 64 pixels, has no edge worth the name."""
    small = np.asarray(picture.pixels.convert("RGB").resize((SIDE, SIDE)), np.int16)
    steps = [np.abs(np.diff(small, axis=axis)).max(axis=2) for axis in (0, 1)]
    edges = max(float(np.percentile(step, 100 - OUTER_SHARE)) for step in steps)
    return edges <= MAX_STEP
