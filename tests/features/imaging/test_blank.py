"""What shows nothing is told from what shows something faint."""

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter

from features.base import Picture
from features.imaging.blank import is_blank


def picture(image: Image.Image) -> Picture:
    return Picture(image, *image.size)


def shaded_paper() -> Image.Image:
    """White paper under a lamp: a gradient, with the noise of a camera."""
    fall = np.linspace(250, 190, 400)
    noise = np.random.default_rng(7).normal(0, 2.5, (300, 400))
    grey = np.clip(fall[None, :] + noise, 0, 255).astype(np.uint8)
    return Image.fromarray(np.stack([grey] * 3, axis=-1))


@pytest.mark.parametrize("colour", ["white", "black", "red", (120, 130, 140)])
def test_a_single_colour_is_blank(colour: str) -> None:
    assert is_blank(picture(Image.new("RGB", (320, 200), colour)))


def test_paper_under_a_lamp_is_blank() -> None:
    assert is_blank(picture(shaded_paper()))


def test_a_speck_of_dust_changes_nothing() -> None:
    paper = Image.new("RGB", (640, 640), "white")
    ImageDraw.Draw(paper).ellipse((300, 300, 306, 306), fill="black")
    assert is_blank(picture(paper))


def test_white_goods_on_white_are_not_blank() -> None:
    shot = Image.new("RGB", (640, 640), (250, 250, 250))
    draw = ImageDraw.Draw(shot)
    draw.ellipse((160, 160, 480, 480), fill=(236, 236, 234), outline=(205, 205, 205), width=4)
    assert not is_blank(picture(shot.filter(ImageFilter.GaussianBlur(1))))


def test_a_line_of_writing_is_not_blank() -> None:
    paper = Image.new("RGB", (640, 640), "white")
    ImageDraw.Draw(paper).text((200, 300), "LOOKALIKE" * 2, fill="black", font_size=32)
    assert not is_blank(picture(paper))
