"""The names of colours, and which name each colour has.

The words are the eleven basic colour terms of Berlin & Kay, "Basic Color Terms" (1969), which
shoppers and product feeds use too. Seven of them are hues: places on the twelve-part colour wheel,
and a vivid colour has the name of the nearest. The other four are for colours too dark, too pale
or too grey for the name of their hue.
"""

import numpy as np

from features.colour.cells import Bytes, Floats, cell_hsv, is_greyish

HUES = {
    "red": 0,
    "orange": 30,
    "yellow": 60,
    "green": 120,
    "blue": 240,
    "purple": 285,
    "pink": 330,
}
"""Degrees on the HSV circle. Purple is violet (270) and magenta (300); pink is rose. Cyan (180) has
no basic term: it lies between green and blue."""

NAMES = (*HUES, "black", "white", "grey", "brown")

MIN_NAMED_SHARE = 0.1
MAX_NAMES = 3


def name_table() -> Bytes:
    """Return, for each cell of colours, the index of its name in NAMES."""
    hue, saturation, value = cell_hsv()
    away = np.abs(hue[:, None] - np.array(list(HUES.values())))
    vivid = np.minimum(away, 360 - away).argmin(1)
    red, orange, yellow, _, _, _, pink = (vivid == index for index in range(len(HUES)))
    greyish = is_greyish(saturation, value)
    pale = saturation < 0.5  # more white than hue
    dark = value < 2 / 3
    exceptions = (
        ("black", value < 0.2),
        ("white", greyish & (value > 0.85)),
        ("grey", greyish),
        ("brown", orange & (dark | pale)),
        ("brown", red & pale & dark),
        ("pink", red & pale),
        ("green", yellow & dark),
        ("purple", pink & dark),
    )
    where = [condition for _, condition in exceptions]
    words = [NAMES.index(word) for word, _ in exceptions]
    return np.select(where, words, vivid).astype(np.uint8)


def dominant_names(shares: Floats, table: Bytes) -> list[str]:
    """Return one to three names, by the share of the pixels that have them, largest first.

    Names of less than a tenth of the pixels are left out, except the first.
    """
    totals = np.bincount(table, weights=shares, minlength=len(NAMES))
    ranked = np.argsort(-totals, kind="stable")[:MAX_NAMES]
    return [
        NAMES[i] for place, i in enumerate(ranked) if place == 0 or totals[i] >= MIN_NAMED_SHARE
    ]
