"""Says whether a picture shows nothing: white paper, a covered lens, a plain screen.

Whatever is searched for is nearest to something; a blank picture is as near to a white mug as to a
white shirt, and its features say nothing.
"""

import numpy as np

from features.base import Picture

SIDE = 64
OUTER_SHARE = 0.5
"""Percent of the pixels that may stand out at either end: dust, a speck, a broken pixel."""

MAX_SPREAD = 12
"""Levels of 255 between the darkest and the lightest pixels of a channel. Paper under a lamp falls
off by more than that, but gradually, so each row and column is taken by itself."""


def is_blank(picture: Picture) -> bool:
    """Say whether no row and no column of a picture, at 64 × 64 pixels, shows a difference."""
    small = np.asarray(picture.pixels.convert("RGB").resize((SIDE, SIDE)), np.int16)
    steps = [np.abs(np.diff(small, axis=axis)) for axis in (0, 1)]
    edges = max(float(np.percentile(step, 100 - OUTER_SHARE)) for step in steps)
    return edges <= MAX_SPREAD
