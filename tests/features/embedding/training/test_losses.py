"""A loss is small where partners are near and strangers far, and says nothing of loners."""

import numpy as np
import pytest
import tensorflow as tf

from features.embedding.training.losses import LOSSES, catalogue_softmax

LABELS = np.asarray([0, 0, 1, 1])


def rows(*degrees: float) -> tf.Tensor:
    """Return unit vectors in the plane at these angles."""
    turned = np.radians(np.asarray(degrees, np.float32))
    return tf.constant(np.stack([np.cos(turned), np.sin(turned)], axis=1))


@pytest.mark.parametrize("name", LOSSES)
def test_loss_falls_as_partners_come_together_and_strangers_part(name: str) -> None:
    apart, mixed, sorted_out = rows(0, 60, 30, 90), rows(0, 40, 60, 100), rows(0, 5, 120, 125)
    figures = [float(LOSSES[name](one, LABELS)) for one in (apart, mixed, sorted_out)]
    assert figures == sorted(figures, reverse=True)
    assert figures[0] > figures[-1] >= 0


@pytest.mark.parametrize("name", LOSSES)
def test_a_row_without_partner_pulls_nobody_and_breaks_nothing(name: str) -> None:
    loners = rows(0, 90, 180)
    with tf.GradientTape() as tape:
        tape.watch(loners)
        loss = LOSSES[name](loners, np.asarray([0, 1, 2]))
    assert float(loss) == 0
    assert np.isfinite(tape.gradient(loss, loners)).all()


@pytest.mark.parametrize("name", LOSSES)
def test_equal_pictures_have_a_slope_that_is_finite(name: str) -> None:
    same = rows(0, 0, 90, 90)
    with tf.GradientTape() as tape:
        tape.watch(same)
        loss = LOSSES[name](same, LABELS)
    assert np.isfinite(tape.gradient(loss, same)).all()


def test_contrastive_is_the_formula_by_hand() -> None:
    vectors = np.asarray(rows(0, 30, 70, 110), np.float64)
    cosines = vectors @ vectors.T / 0.1
    by_hand = [
        -(cosines[i, j] - np.log(sum(np.exp(cosines[i, k]) for k in range(4) if k != i)))
        for i, j in ((0, 1), (1, 0), (2, 3), (3, 2))
    ]
    assert float(LOSSES["contrastive"](rows(0, 30, 70, 110), LABELS)) == pytest.approx(
        np.mean(by_hand), rel=1e-4
    )


def test_catalogue_pairs_wants_the_own_picture_before_all_others() -> None:
    shop, labels = rows(0, 90), np.asarray([0, 1])
    near, far = rows(10, 80), rows(50, 40)
    asked = np.asarray([0, 1])
    assert float(catalogue_softmax(near, asked, shop, labels)) < 0.01
    assert float(catalogue_softmax(far, asked, shop, labels)) > 1


def test_catalogue_pairs_leaves_out_photos_without_a_product() -> None:
    shop, labels = rows(0, 90), np.asarray([0, 1])
    known = catalogue_softmax(rows(10), np.asarray([0]), shop, labels)
    both = catalogue_softmax(rows(10, 45), np.asarray([0, 7]), shop, labels)
    assert float(both) == pytest.approx(float(known))
