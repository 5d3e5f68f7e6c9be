"""Hubness correction: lowers pictures that are near to photos of all kinds.

In many dimensions some points, called hubs, are among the nearest neighbours of far more queries
than others. Cross-domain similarity local scaling (Conneau et al., "Word translation without
parallel data", ICLR 2018) subtracts from each picture's similarity its nearness to photos in
general:

    cos(photo, picture) − nearness(picture) / 2

The nearness is the picture's mean cosine to the nearest of a set of reference photos. Two more
numbers per vector express the same, so that an index that compares by cosine ranks by it: a stored
vector v of nearness r becomes [v, r/2, √(¼ − r²/4)] / √1.25, of length one for every r, and a query
vector becomes [v, −1, 0] / √2. The cosine distance of two stored vectors shrinks by a fifth.
"""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]
Column = NDArray[np.floating]
"""(n,), a number for each vector."""

MAX_REFERENCE_PHOTOS = 1_000
"""Most reference photos that are stored in a head."""

MIN_NEIGHBOURS, NEIGHBOUR_SHARE = 10, 0.05
"""Nearness is the mean over this many of the nearest reference photos, or over this share of all,
whichever is more."""

EXTRA_DIMS = 2
"""Numbers that the correction adds to a vector."""


def choose_reference_photos(photos: Array) -> Array:
    """Return at most MAX_REFERENCE_PHOTOS of the photos' unit vectors (n, d), evenly spaced.

    Rounded to half precision, in which they are stored.
    """
    chosen = (
        np.linspace(0, len(photos) - 1, min(len(photos), MAX_REFERENCE_PHOTOS)).round().astype(int)
    )
    reference: Array = photos[chosen].astype(np.float16).astype(np.float32)
    return reference


def extend_stored(vectors: Array, reference: Array) -> Array:
    """Extend unit vectors (n, d) for storing: (n, d + EXTRA_DIMS), of length one.

    `reference` is (m, d), the reference photos. A vector of zeros stays a vector of zeros.
    """
    half = nearness(vectors, reference) / 2
    complement = np.sqrt(0.25 - half**2)
    return _append(vectors, half, complement, 1.25)


def extend_queries(vectors: Array) -> Array:
    """Extend the unit vectors (n, d) of query photos: (n, d + EXTRA_DIMS), of length one."""
    return _append(vectors, np.full(len(vectors), -1.0), np.zeros(len(vectors)), 2.0)


def nearness(vectors: Array, reference: Array) -> Column:
    """Return each vector's mean cosine to its nearest reference photos, −1 to 1."""
    size = len(reference)
    count = min(size, max(MIN_NEIGHBOURS, round(NEIGHBOUR_SHARE * size)))
    nearest = np.partition(vectors @ reference.T, size - count, axis=1)[:, -count:]
    mean: Column = np.clip(nearest.mean(axis=1), -1.0, 1.0)
    return mean


def _append(vectors: Array, first: Column, second: Column, square: float) -> Array:
    rows = np.column_stack([vectors, first, second]) / np.sqrt(square)
    extended: Array = np.where(vectors.any(axis=1, keepdims=True), rows, 0).astype(np.float32)
    return extended
