"""Levelling: a picture that lies near to all sorts of photos is no better an answer for that.

In many dimensions some pictures are among the nearest of far more questions than others (hubs).
Cross-domain similarity local scaling (Conneau et al., "Word translation without parallel data",
ICLR 2018) takes from each its own nearness to photos in general:

    cos(photo, picture) − nearness(picture) / 2

with the picture's mean cosine to the nearest of a crowd of photos. Two numbers more in each vector
say the same, so whatever compares by cosine ranks by it: a stored vector v of nearness r is kept as
[v, r/2, √(¼ − r²/4)] / √1.25, equally long for every r, and a photo's is asked as [v, −1, 0] / √2.
What the cosine of two stored vectors lacks of 1 shrinks by a fifth.
"""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]
Column = NDArray[np.floating]
"""(n,), a number for each vector."""

MAX_REFERENCE_PHOTOS = 1_000
"""Photos in a crowd."""

MIN_NEIGHBOURS, NEIGHBOUR_SHARE = 10, 0.05
"""Photos that nearness is taken over: so many, and so large a share of the crowd."""

EXTRA_DIMS = 2
"""Numbers that levelling adds to a vector."""


def choose_reference_photos(photos: Array) -> Array:
    """Return the crowd for (n, d) photos' vectors of length one: all, or some from end to end.

    In half precision, as it is kept.
    """
    chosen = (
        np.linspace(0, len(photos) - 1, min(len(photos), MAX_REFERENCE_PHOTOS)).round().astype(int)
    )
    crowd: Array = photos[chosen].astype(np.float16).astype(np.float32)
    return crowd


def extend_stored(vectors: Array, crowd: Array) -> Array:
    """Return what is stored for (n, d) vectors of length one: (n, d + MORE), of length one.

    A vector of zeros stays one.
    """
    half = nearness(vectors, crowd) / 2
    rest = np.sqrt(0.25 - half**2)
    return _append(vectors, half, rest, 1.25)


def extend_queries(vectors: Array) -> Array:
    """Return what is asked with for (n, d) photos' vectors of length one: (n, d + MORE)."""
    return _append(vectors, np.full(len(vectors), -1.0), np.zeros(len(vectors)), 2.0)


def nearness(vectors: Array, crowd: Array) -> Column:
    """Return each vector's mean cosine to its nearest in the crowd, −1 to 1."""
    count = min(len(crowd), max(MIN_NEIGHBOURS, round(NEIGHBOUR_SHARE * len(crowd))))
    alike = vectors @ crowd.T
    nearest = np.partition(alike, len(crowd) - count, axis=1)[:, -count:]
    mean: Column = np.clip(nearest.mean(axis=1), -1.0, 1.0)
    return mean


def _append(vectors: Array, first: Column, second: Column, square: float) -> Array:
    more = np.column_stack([vectors, first, second]) / np.sqrt(square)
    found: Array = np.where(vectors.any(axis=1, keepdims=True), more, 0).astype(np.float32)
    return found
