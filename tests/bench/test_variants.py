"""Colour variants change the thing, and nothing around it."""

import io
from random import Random

import numpy as np
from PIL import Image, ImageDraw

from bench.variants import recoloured


def thing(colour: str = "firebrick") -> Image.Image:
    picture = Image.new("RGB", (200, 160), (235, 230, 220))
    ImageDraw.Draw(picture).rectangle((60, 40, 140, 120), fill=colour)
    return picture


def test_thing_in_the_middle_changes_and_the_ground_stays() -> None:
    before = thing()
    data = recoloured(before, Random(7))
    assert data is not None
    after = Image.open(io.BytesIO(data)).convert("RGB")
    moved = np.abs(np.asarray(after).astype(int) - np.asarray(before)).max(axis=2)
    assert moved[70:90, 90:110].min() > 30
    assert moved[:20].max() < 15


def test_same_chance_gives_the_same_file() -> None:
    assert recoloured(thing(), Random(7)) == recoloured(thing(), Random(7))
    assert recoloured(thing(), Random(7)) != recoloured(thing(), Random(8))


def test_picture_without_one_thing_has_no_variant() -> None:
    noise = Image.fromarray(np.random.default_rng(7).integers(0, 255, (80, 80, 3), np.uint8))
    assert recoloured(noise, Random(7)) is None
    assert recoloured(Image.new("RGB", (80, 80), "white"), Random(7)) is None
