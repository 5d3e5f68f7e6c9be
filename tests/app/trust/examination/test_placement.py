"""Alignments of parts become alignments of whole pictures."""

import pytest

from app.trust.examination.placement import Placement, between_wholes, compared_size
from features.base import Box
from features.geometry.alignment import Alignment

ALIGNED = Alignment(
    transform=(1.0, 0.0, 0.0, 0.0, 1.0, 0.0),
    size=(100, 200),
    other_size=(100, 200),
    inliers=20,
    matches=30,
    coverage=1.0,
    agreement=0.9,
    disagreement=0.0,
)
RIGHT_HALF = Placement(Box(0.5, 0, 1, 1), (400, 400))


def moved(alignment: Alignment, x: float, y: float) -> tuple[float, float]:
    a, b, c, d, e, f = alignment.transform
    return a * x + b * y + c, d * x + e * y + f


def test_whole_pictures_keep_their_alignment() -> None:
    assert between_wholes(ALIGNED, None, None) == ALIGNED


def test_a_part_of_the_second_picture_lies_where_its_box_is() -> None:
    placed = between_wholes(ALIGNED, None, RIGHT_HALF)
    assert placed.size == (100, 200)
    assert placed.other_size == (400, 400)
    assert moved(placed, 0, 0) == (200, 0)
    assert moved(placed, 100, 200) == (400, 400)


def test_a_part_of_the_first_picture_starts_where_its_box_is() -> None:
    placed = between_wholes(ALIGNED, RIGHT_HALF, None)
    assert placed.size == (400, 400)
    assert moved(placed, 200, 0) == pytest.approx((0, 0))
    assert moved(placed, 400, 400) == pytest.approx((100, 200))


def test_the_same_part_of_both_pictures_leaves_them_where_they_are() -> None:
    placed = between_wholes(ALIGNED, RIGHT_HALF, RIGHT_HALF)
    assert moved(placed, 10, 20) == pytest.approx((10, 20))


@pytest.mark.parametrize(("size", "compared"), [((790, 7900), (48, 480)), ((300, 200), (300, 200))])
def test_pictures_are_compared_at_the_size_of_thumbnails(
    size: tuple[int, int], compared: tuple[int, int]
) -> None:
    assert compared_size(*size) == compared
