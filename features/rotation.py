"""Rotates vectors, so that one-bit codes of them lose little.

The vectors of an image model put most of their variance into few numbers, and a code of one bit a
number wastes the rest. A rotation spreads the variance evenly and changes no angle. This one is
random but fixed: ROUNDS times the numbers are shuffled, some change their sign, and every block of
them goes through a Hadamard transform (Ailon and Chazelle 2009, "The fast Johnson-Lindenstrauss
transform"). It needs no matrix, and the same vector gives the same bits alone or in a batch.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

SEED = 20
"""What the shuffles and signs are drawn from; another seed gives vectors that don't compare."""

ROUNDS = 3
LARGEST_BLOCK = 256
"""Numbers of one transform; a power of two."""

IDENTITY = f"hadamard, {ROUNDS} rounds, seed {SEED}"
"""What a model's identity says of the rotation."""

Vectors = NDArray[np.float32]
"""One vector a row, n × d."""


def rotate(vectors: Vectors) -> Vectors:
    """Return the vectors rotated, n × d; zeros stay zeros, and d = 1 stays as it is.

    Angles and lengths stay, to about 1e-7.
    """
    count, dims = vectors.shape
    size = min(LARGEST_BLOCK, 1 << (dims.bit_length() - 1))
    whole = dims - dims % size
    rotated = np.asarray(vectors, np.float32)
    for order, signs in _rounds(dims):
        rotated = rotated[:, order] * signs
        blocks = rotated[:, :whole].reshape(count * (whole // size), size)
        rotated[:, :whole] = _hadamard(blocks).reshape(count, whole)
        if whole < dims:
            rotated[:, -size:] = _hadamard(rotated[:, -size:])
    return rotated


@cache
def _rounds(dims: int) -> tuple[tuple[NDArray[np.intp], Vectors], ...]:
    """Return the shuffle and the signs of every round."""
    chance = np.random.default_rng(SEED)
    return tuple(
        (chance.permutation(dims), chance.choice(np.array([-1, 1], np.float32), dims))
        for _ in range(ROUNDS)
    )


def _hadamard(block: Vectors) -> Vectors:
    """Return the Walsh-Hadamard transform of each row, n × 2^k, with lengths kept."""
    count, size = block.shape
    half = 1
    while half < size:
        pairs = block.reshape(count, size // (2 * half), 2, half)
        first, second = pairs[:, :, 0], pairs[:, :, 1]
        block = np.stack((first + second, first - second), axis=2).reshape(count, size)
        half *= 2
    return block * np.float32(size**-0.5)
