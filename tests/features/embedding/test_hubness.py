"""Hubness correction: the ranking it promises, by cosines alone, and what it leaves unchanged."""

import numpy as np
import pytest

from features.embedding import hubness
from features.embedding.head import Array, normalise


def rows(count: int, seed: int, towards: Array | None = None) -> Array:
    drawn = np.random.default_rng(seed).normal(size=(count, 16)).astype(np.float32)
    return normalise(drawn if towards is None else drawn + 3 * towards)


@pytest.fixture(scope="module")
def reference() -> Array:
    return rows(200, 1, rows(1, 9)[0])


def test_cosines_rank_as_the_published_formula_does(reference: Array) -> None:
    shown, photos = rows(60, 2), rows(40, 3)
    alike = np.sort(shown @ reference.T, axis=1)
    published = 2 * photos @ shown.T - alike[:, -10:].mean(axis=1)
    cosines = hubness.extend_queries(photos) @ hubness.extend_stored(shown, reference).T
    assert np.array_equal(published.argsort(axis=1), cosines.argsort(axis=1))


def test_what_lies_among_all_photos_comes_behind_what_does_not(reference: Array) -> None:
    hub, lone, photo = rows(1, 9), rows(1, 4), rows(1, 5)
    # The photo is a little nearer to the hub, as all photos are.
    photo = normalise(photo * 0.1 + hub * 0.6 + lone * 0.55)
    shown = np.concatenate([hub, lone])
    assert (photo @ shown.T).argmax() == 0
    assert (hubness.extend_queries(photo) @ hubness.extend_stored(shown, reference).T).argmax() == 1


def test_stored_vectors_are_of_length_one_and_equal_ones_stay_equal(reference: Array) -> None:
    shown = rows(50, 6)
    kept = hubness.extend_stored(shown, reference)
    assert kept.dtype == np.float32
    assert np.allclose(np.linalg.norm(kept, axis=1), 1, atol=1e-6)
    assert np.allclose(np.linalg.norm(hubness.extend_queries(shown), axis=1), 1, atol=1e-6)
    before, after = shown @ shown.T, kept @ kept.T
    assert np.allclose(np.diag(after), 1, atol=1e-6)
    # A fifth nearer, but for what their nearness differs by.
    assert np.abs((1 - after) - 0.8 * (1 - before)).max() < 0.05


def test_a_vector_without_direction_stays_zeros(reference: Array) -> None:
    nothing = np.zeros((2, 16), np.float32)
    assert not hubness.extend_stored(nothing, reference).any()
    assert not hubness.extend_queries(nothing).any()


def test_a_crowd_is_drawn_from_end_to_end() -> None:
    few = rows(60, 7)
    assert np.allclose(hubness.choose_reference_photos(few), few, atol=1e-3)
    many = rows(2_500, 8)
    drawn = hubness.choose_reference_photos(many)
    assert len(drawn) == hubness.MAX_REFERENCE_PHOTOS
    assert np.allclose(drawn[[0, -1]], many[[0, -1]], atol=1e-3)
    assert np.array_equal(drawn, drawn.astype(np.float16))
