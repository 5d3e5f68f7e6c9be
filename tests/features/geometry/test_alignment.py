"""Alignments as plain values: JSON and inversion."""

import pytest
from PIL import Image

from features.geometry.alignment import Alignment
from tests.features.geometry.pictures import align


def test_alignment_survives_json(photo: Image.Image) -> None:
    alignment = align(photo, photo)
    assert Alignment.from_json(alignment.to_json()) == alignment
    assert Alignment.from_json({**alignment.to_json(), "gone_since": 1.0}) == alignment


def test_inverted_alignment_leads_back() -> None:
    there = Alignment((0.5, 0.1, 7.0, -0.2, 0.6, 3.0), (100, 80), (60, 50), 9, 12, 1, 1, 0)
    back = there.inverted()
    assert (back.size, back.other_size) == (there.other_size, there.size)
    a, b, x, c, d, y = there.transform
    e, f, u, g, h, v = back.transform
    x1, y1 = a * 10 + b * 20 + x, c * 10 + d * 20 + y
    assert (e * x1 + f * y1 + u, g * x1 + h * y1 + v) == pytest.approx((10, 20))


def test_affine_part_is_the_transform_itself_without_perspective() -> None:
    flat = (0.5, 0.1, 7.0, -0.2, 0.6, 3.0)
    assert Alignment(flat, (100, 80), (60, 50), 9, 12, 1, 1, 0).affine == pytest.approx(flat)
    angled = Alignment(flat, (100, 80), (60, 50), 9, 12, 1, 1, 0, perspective=(1e-3, -5e-4))
    a, b, x, c, d, y = angled.affine
    left, top = 7.0, 3.0
    depth = 1 + 1e-3 * 50 - 5e-4 * 40
    assert a * 50 + b * 40 + x == pytest.approx((0.5 * 50 + 0.1 * 40 + left) / depth)
    assert c * 50 + d * 40 + y == pytest.approx((-0.2 * 50 + 0.6 * 40 + top) / depth)
