"""The HSV histogram: 166 bins, as in VisualSEEk.

18 hues x 3 saturations x 3 values, and 4 greys: Smith & Chang, "VisualSEEk: a fully automated
content-based image query system" (ACM Multimedia 1996). The eye distinguishes more hues than
saturations or values, and greys have no hue. The first hue is centred on red: pure red
lies where the circle is cut, and at the edge of a bin the noise of a JPEG would split it in two.
"""

import numpy as np
from numpy.typing import NDArray

from features.colour.cells import Floats, cell_hsv, is_greyish

HUES = 18
SATURATIONS = 3
VALUES = 3
GREYS = 4
BINS = HUES * SATURATIONS * VALUES + GREYS


def bin_table() -> NDArray[np.intp]:
    """Return, for each cell of colours, the bin it belongs to: hues first, then greys."""
    hue, saturation, value = cell_hsv()
    colour = np.round(hue * HUES / 360) % HUES
    colour = colour * SATURATIONS + np.minimum(saturation * SATURATIONS, SATURATIONS - 1) // 1
    colour = colour * VALUES + np.minimum(value * VALUES, VALUES - 1) // 1
    grey = BINS - GREYS + np.minimum(value * GREYS, GREYS - 1) // 1
    return np.where(is_greyish(saturation, value), grey, colour).astype(np.intp)


def root_shares(shares: Floats, table: NDArray[np.intp]) -> list[float]:
    """Return the square roots of the BINS shares of a count of cells; their squares sum to 1.

    Roots, because the Bhattacharyya coefficient of two histograms, Σ √(aᵢ bᵢ), is then the cosine
    of what is stored, which Elasticsearch computes natively; the other measures square them back.
    Six decimals: the seventh is below one pixel.
    """
    histogram = np.bincount(table, weights=shares, minlength=BINS)
    return [float(root) for root in np.sqrt(histogram).round(6)]
