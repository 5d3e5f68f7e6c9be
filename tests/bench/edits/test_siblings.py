"""Colour variants change the thing alone; its other side is its mirror image but for details."""

import io
from random import Random

import numpy as np
from PIL import Image, ImageDraw, ImageOps

from bench.edits.siblings import recolour, show_other_side


def thing(colour: str = "firebrick") -> Image.Image:
    picture = Image.new("RGB", (200, 160), (235, 230, 220))
    ImageDraw.Draw(picture).rectangle((60, 40, 140, 120), fill=colour)
    return picture


def test_thing_in_the_middle_changes_and_the_ground_stays() -> None:
    before = thing()
    data = recolour(before, Random(7))
    assert data is not None
    after = Image.open(io.BytesIO(data)).convert("RGB")
    moved = np.abs(np.asarray(after).astype(int) - np.asarray(before)).max(axis=2)
    assert moved[70:90, 90:110].min() > 30
    assert moved[:20].max() < 15


def test_same_chance_gives_the_same_file() -> None:
    assert recolour(thing(), Random(7)) == recolour(thing(), Random(7))
    assert recolour(thing(), Random(7)) != recolour(thing(), Random(8))


def test_picture_without_one_thing_has_no_variant() -> None:
    noise = Image.fromarray(np.random.default_rng(7).integers(0, 255, (80, 80, 3), np.uint8))
    assert recolour(noise, Random(7)) is None
    assert recolour(Image.new("RGB", (80, 80), "white"), Random(7)) is None


def test_a_near_colour_is_made_only_where_another_colour_stays() -> None:
    alone, beside = thing("#a06060"), thing("#a06060")
    ImageDraw.Draw(beside).rectangle((0, 0, 199, 20), fill="navy")
    made = [sum(recolour(one, Random(n)) is not None for n in range(30)) for one in (alone, beside)]
    assert made[0] < made[1], "there it might be a tint of the whole picture"


def lettered() -> Image.Image:
    picture = thing()
    ImageDraw.Draw(picture).text((82, 65), "LEFT", fill="white", font_size=16)
    return picture


def test_other_side_is_the_mirror_image_but_for_its_lettering() -> None:
    before = lettered()
    data = show_other_side(before, Random(1))
    assert data is not None
    after = np.asarray(Image.open(io.BytesIO(data)).convert("RGB")).astype(int)
    mirrored = np.asarray(ImageOps.mirror(before)).astype(int)
    there = np.argwhere(np.abs(after - mirrored).max(axis=2) > 60)
    assert len(there) > 50
    assert (there.min(axis=0) >= (60, 70)).all()
    assert (there.max(axis=0) <= (90, 130)).all()


def test_other_side_is_not_made_of_what_looks_the_same_both_ways() -> None:
    assert show_other_side(Image.new("RGB", (80, 80), "white"), Random(7)) is None
    assert show_other_side(thing(), Random(7)) is None


def test_other_side_is_not_made_of_a_piece_of_something() -> None:
    """A slanted bar across the picture: no box around it, or any part of it, is plain."""
    bar = Image.new("RGB", (160, 160), "white")
    ImageDraw.Draw(bar).line((0, 10, 160, 150), fill="black", width=9)
    assert show_other_side(bar, Random(7)) is None
