"""Copies that were photographed again: at an angle, in uneven light, on another ground."""

import random

import numpy as np
import pytest
from PIL import Image, ImageDraw

from bench.edits.rephotographs import angle, screen_grain, uneven_light
from features.geometry import light
from features.geometry.ground import changed_ground
from features.geometry.perspective import flatten, is_plausible, transform_points
from tests.features.geometry.pictures import align

SIZE = (400.0, 300.0)


@pytest.mark.parametrize("seed", range(4))
def test_a_copy_at_an_angle_lies_flat_again(photo: Image.Image, seed: int) -> None:
    found = align(angle(photo, random.Random(seed)), photo)
    assert found.details["exactness"] > 0.85
    assert found.details["disagreement"] < 0.05


def test_a_flat_copy_needs_no_perspective(photo: Image.Image) -> None:
    found = align(photo.resize((300, 400)), photo)
    assert found.perspective == pytest.approx((0, 0), abs=1e-4)


def test_an_angled_alignment_inverted_leads_back(photo: Image.Image) -> None:
    there = align(angle(photo, random.Random(1)), photo)
    back = there.inverted()
    points = np.array([(30.0, 40.0), (200.0, 250.0)])
    moved = transform_points(points, np.array(there.matrix))
    assert transform_points(moved, np.array(back.matrix)) == pytest.approx(points, abs=0.1)
    assert there.mirrored == back.mirrored


def test_a_sheet_folded_over_is_implausible() -> None:
    slight = np.array([[1, 0, 5], [0, 1, 3], [3e-4, 1e-4, 1]])
    folded = np.array([[1, 0, 5], [0, 1, 3], [-4e-3, 0, 1]])
    assert is_plausible(slight, SIZE)
    assert not is_plausible(folded, SIZE)


def test_a_flattened_picture_needs_the_affine_part_alone() -> None:
    matrix = np.array([[0.9, 0.1, 5], [-0.05, 1.1, 3], [3e-4, 1e-4, 1]])
    affine, _ = flatten(matrix, (400, 300))
    middle = np.array([(200.0, 150.0)])
    assert transform_points(middle, matrix) == pytest.approx(
        middle @ affine[:, :2].T + affine[:, 2], abs=1e-6
    )


def test_light_from_one_side_is_found_and_taken_out(photo: Image.Image) -> None:
    pixels = np.asarray(photo.resize((240, 240)), np.float32)
    falling = np.linspace(1, 0.55, 240, dtype=np.float32)
    darker = pixels * falling[None, :, None]
    everywhere = np.ones(pixels.shape[:2], np.bool_)
    field = light.light_field(pixels, darker, everywhere)
    assert field is not None
    first, second = light.relight(pixels, darker, field)
    left, before = (np.log((a + 1) / (b + 1)).std() for a, b in ((second, first), (darker, pixels)))
    assert left < 0.2 * before


def test_even_light_and_another_thing_are_no_uneven_light(photo: Image.Image) -> None:
    pixels = np.asarray(photo.resize((240, 240)), np.float32)
    everywhere = np.ones(pixels.shape[:2], np.bool_)
    assert light.light_field(pixels, pixels * np.float32(0.7), everywhere) is None
    assert light.light_field(pixels, pixels[::-1, ::-1].copy(), everywhere) is None


def test_screen_grain_is_tolerated(photo: Image.Image) -> None:
    assert align(screen_grain(photo, random.Random(3)), photo).details["exactness"] > 0.85


def test_uneven_light_leaves_little_difference_of_colour(photo: Image.Image) -> None:
    found = align(uneven_light(photo, random.Random(2)), photo)
    assert found.details["colour_share"] < 0.05


def goods_on(ground: str) -> np.ndarray:
    picture = Image.new("RGB", (200, 200), ground)
    ImageDraw.Draw(picture).ellipse((50, 40, 150, 170), fill="#3c7850")
    return np.asarray(picture, np.float32)


def test_exchanged_ground_is_found_and_the_goods_are_not() -> None:
    everywhere = np.ones((200, 200), np.bool_)
    ground = changed_ground(goods_on("white"), goods_on("black"), everywhere)
    assert ground is not None
    assert ground[:20].all()
    assert not ground[90:110, 90:110].any()
    assert changed_ground(goods_on("white"), goods_on("white"), everywhere) is None
