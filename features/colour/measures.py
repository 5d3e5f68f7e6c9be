"""Similarity of two colourings by five measures, in Python and as scripts of the same arithmetic.

Histograms h and g are compared as OpenCV's `compareHist` does, coherence vectors a and b as
their paper does. Each measure is a distance with 0 for equal, and a similarity in [0, 1] with 1
for equal:

    measure         distance                                similarity
    bhattacharyya   √(1 - Σ √(h g)), in [0, 1]              1 - distance², the coefficient
    intersection    1 - Σ min(h, g), in [0, 1]              1 - distance
    correlation     1 - r (Pearson's), in [0, 2]            1 - distance / 2
    chi_square      Σ 2 (h - g)² / (h + g), in [0, 4]       1 - distance / 4
    coherence       Σ |a - b|, in [0, 2]                    1 - distance / 2

(`chi_square` is OpenCV's HISTCMP_CHISQR_ALT, the symmetric one.) Histograms come as their square
roots, see `features.colour.histogram.root_shares`, so h below is the square of what is stored.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import sqrt

import numpy as np

from features.colour.cells import Floats


def _cosine(a: Floats, b: Floats) -> float:
    return float(a @ b / sqrt((a @ a) * (b @ b)))


def _intersection(a: Floats, b: Floats) -> float:
    return float((np.minimum(a, b) ** 2).sum())


def _correlation(a: Floats, b: Floats) -> float:
    h, g = a**2, b**2
    return (1 + _cosine(h - h.mean(), g - g.mean())) / 2


def _chi_square(a: Floats, b: Floats) -> float:
    h, g = a**2, b**2
    filled = h + g > 0
    return float(1 - ((h - g)[filled] ** 2 / (h + g)[filled]).sum() / 2)


def _overlap(a: Floats, b: Floats) -> float:
    return float(1 - np.abs(a - b).sum() / 2)


def _loop(start: str, step: str, result: str) -> str:
    """Return a script that goes over the bins: h is the stored share, g the query's."""
    return (
        f"float[] stored = doc['FIELD'].vectorValue; List query = params.query; {start} "
        "for (int i = 0; i < stored.length; i++) { "
        "double h = stored[i] * (double) stored[i]; "
        "double root = ((Number) query.get(i)).doubleValue(); double g = root * root; "
        f"{step} }} return Math.max(0, Math.min(1, {result}));"
    )


@dataclass(frozen=True)
class ColourMeasure:
    """One way to compare two colourings.

    `compare` takes two vectors of the `part` of a stored value and returns their similarity.
    `script` computes the same number in the engine: FIELD stands for the part's path, and the
    query's vector is the parameter `query`. `distance` turns a similarity into the measure's unit.
    """

    part: str
    compare: Callable[[Floats, Floats], float]
    script: str
    distance: Callable[[float], float]


MEASURES: Mapping[str, ColourMeasure] = {
    "bhattacharyya": ColourMeasure(
        part="histogram",
        compare=_cosine,
        script="return Math.max(0, Math.min(1, cosineSimilarity(params.query, 'FIELD')));",
        distance=lambda similarity: sqrt(1 - similarity),
    ),
    "intersection": ColourMeasure(
        part="histogram",
        compare=_intersection,
        script=_loop("double sum = 0;", "sum += Math.min(h, g);", "sum"),
        distance=lambda similarity: 1 - similarity,
    ),
    "correlation": ColourMeasure(
        part="histogram",
        compare=_correlation,
        script=_loop(
            "int n = stored.length; double sh = 0, sg = 0, hh = 0, gg = 0, hg = 0;",
            "sh += h; sg += g; hh += h * h; gg += g * g; hg += h * g;",
            "(1 + (hg - sh * sg / n) / Math.sqrt((hh - sh * sh / n) * (gg - sg * sg / n))) / 2",
        ),
        distance=lambda similarity: 2 * (1 - similarity),
    ),
    "chi_square": ColourMeasure(
        part="histogram",
        compare=_chi_square,
        script=_loop(
            "double sum = 0;",
            "if (h + g > 0) { sum += (h - g) * (h - g) / (h + g); }",
            "1 - sum / 2",
        ),
        distance=lambda similarity: 4 * (1 - similarity),
    ),
    "coherence": ColourMeasure(
        part="coherence",
        compare=_overlap,
        script="return Math.max(0, 1 - l1norm(params.query, 'FIELD') / 2);",
        distance=lambda similarity: 2 * (1 - similarity),
    ),
}
