"""Rotated vectors compare as before, and their variance is spread evenly."""

import numpy as np
import pytest

from features.rotation import rotate

DIMS = (2, 3, 100, 256, 300, 1280)


def drawn(count: int, dims: int) -> np.ndarray:
    vectors = np.random.default_rng(3).standard_normal((count, dims)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@pytest.mark.parametrize("dims", DIMS)
def test_angles_and_lengths_stay(dims: int) -> None:
    vectors = drawn(20, dims)
    rotated = rotate(vectors)
    assert np.allclose(rotated @ rotated.T, vectors @ vectors.T, atol=2e-6)
    assert not np.allclose(rotated, vectors, atol=0.01)


@pytest.mark.parametrize("dims", DIMS)
def test_a_vector_has_the_same_bits_alone_and_in_a_batch(dims: int) -> None:
    vectors = drawn(7, dims)
    assert np.array_equal(rotate(vectors[4:5])[0], rotate(vectors)[4])


@pytest.mark.parametrize("dims", [256, 300, 1280])
def test_variance_in_few_numbers_is_spread_over_all(dims: int) -> None:
    vectors = drawn(400, dims) * np.float32(0.8) ** np.arange(dims, dtype=np.float32)
    shares = vectors.var(axis=0) / vectors.var(axis=0).sum()
    rotated = rotate(vectors)
    spread = rotated.var(axis=0) / rotated.var(axis=0).sum()
    assert shares.max() > 0.3
    assert spread.max() < 12 / dims


def test_zeros_and_single_numbers_stay() -> None:
    assert not rotate(np.zeros((2, 8), np.float32)).any()
    assert np.array_equal(np.abs(rotate(np.array([[0.5]], np.float32))), [[0.5]])
    assert rotate(np.zeros((0, 16), np.float32)).shape == (0, 16)
