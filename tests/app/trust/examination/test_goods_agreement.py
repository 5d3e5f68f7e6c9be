"""Goods on another ground: their inside tells a copy from other goods of the same outline."""

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageEnhance

from app.trust.examination.goods_agreement import goods_agreement
from features.geometry.alignment import Alignment
from features.geometry.view import PictureView

SAME_PLACE = Alignment(
    transform=(1.0, 0.0, 0.0, 0.0, 1.0, 0.0),
    size=(320, 320),
    other_size=(320, 320),
    inliers=20,
    matches=30,
    coverage=1.0,
    agreement=0.9,
    disagreement=0.0,
)


def shirt(folds: int, strength: float = 40) -> Image.Image:
    """Draw goods of one outline on white; the number decides their folds."""
    chance = np.random.default_rng(folds)
    noise = Image.fromarray(chance.integers(0, 256, (10, 10), np.uint8))
    shade = np.asarray(noise.resize((320, 320), Image.Resampling.BICUBIC)).astype(np.float32)
    cloth = np.array([150, 60, 60]) + strength * (shade[..., None] / 255 - 0.5)
    outline = Image.new("L", (320, 320))
    ImageDraw.Draw(outline).polygon([(60, 40), (260, 40), (240, 290), (80, 290)], fill=255)
    image = Image.new("RGB", (320, 320), "white")
    image.paste(Image.fromarray(cloth.clip(0, 255).astype(np.uint8)), mask=outline)
    return image


def agreement(first: Image.Image, second: Image.Image) -> float | None:
    return goods_agreement(PictureView.of(first), PictureView.of(second), SAME_PLACE)


@pytest.mark.parametrize("brightness", [0.8, 1.0, 1.2])
def test_a_copy_agrees_inside(brightness: float) -> None:
    copy = ImageEnhance.Brightness(shirt(1)).enhance(brightness)
    found = agreement(shirt(1), copy)
    assert found is not None
    assert found > 0.9


@pytest.mark.parametrize("folds", [2, 3, 4])
def test_other_folds_do_not_agree(folds: int) -> None:
    found = agreement(shirt(1), shirt(folds))
    assert found is not None
    assert found < 0.5


def test_flat_goods_say_nothing() -> None:
    assert agreement(shirt(1, strength=0), shirt(2, strength=0)) is None


def test_goods_too_small_say_nothing() -> None:
    blank = Image.new("RGB", (320, 320), "white")
    blank.paste((90, 20, 20), (150, 150, 160, 160))
    assert agreement(blank, blank) is None
