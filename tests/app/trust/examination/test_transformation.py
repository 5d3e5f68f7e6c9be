"""What was done to a picture is named, with its amount, and nothing that was not done."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageEnhance, ImageOps

from app.trust.examination.transformation import TRANSFORMATIONS, name_transformations
from features.geometry.comparison import compare
from features.geometry.view import PictureView

PICTURES = ("saleor-white-plimsolls-1.png", "saleor-beanie-1.png")

Edit = Callable[[Image.Image], Image.Image]


def crop(picture: Image.Image) -> Image.Image:
    width, height = picture.size
    return picture.crop((round(0.1 * width), 0, width, round(0.9 * height)))


def sticker(picture: Image.Image) -> Image.Image:
    copy = picture.copy()
    width, height = copy.size
    box = (0.4 * width, 0.4 * height, 0.6 * width, 0.55 * height)
    ImageDraw.Draw(copy).rectangle(box, (190, 20, 30))
    return copy


def tint(picture: Image.Image) -> Image.Image:
    hue, saturation, value = picture.convert("HSV").split()
    hue = hue.point([(level + 80) % 256 for level in range(256)])
    return Image.merge("HSV", (hue, saturation, value)).convert("RGB")


def darken(picture: Image.Image) -> Image.Image:
    return ImageEnhance.Brightness(picture).enhance(0.75)


def named(picture: Image.Image, edit: Edit) -> dict[str, float | None]:
    """Return name → amount of what is found in the edited picture."""
    copy = edit(picture)
    alignment = compare(PictureView.of(copy), PictureView.of(picture))
    assert alignment is not None
    return {each.name: each.amount for each in name_transformations(alignment)}


@pytest.fixture(params=PICTURES)
def picture(request: pytest.FixtureRequest, shared_data: Path) -> Image.Image:
    with Image.open(shared_data / "saleor" / "images" / request.param) as found:
        picture = found.convert("RGB")
    picture.thumbnail((700, 700))
    return picture


@pytest.mark.parametrize(
    ("edit", "name", "amount"),
    [
        (ImageOps.mirror, "mirrored", None),
        (crop, "cropped", 0.19),
        (lambda picture: picture.rotate(90, expand=True), "turned", 90),
        (lambda picture: picture.rotate(180), "turned", 180),
        (lambda picture: picture.rotate(6, fillcolor="white"), "turned", 6),
        (lambda picture: ImageOps.expand(picture, 60, (20, 60, 160)), "surrounded", None),
        (sticker, "overprinted", None),
        (darken, "contrast_changed", None),
        (tint, "tinted", None),
        (lambda picture: picture.convert("L").convert("RGB"), "decoloured", None),
    ],
    ids=["mirror", "crop", "90", "180", "6", "frame", "sticker", "darken", "tint", "grey"],
)
def test_each_edit_is_named_alone(
    picture: Image.Image, edit: Edit, name: str, amount: float | None
) -> None:
    found = named(picture, edit)
    assert list(found) == [name]
    if amount is not None:
        assert found[name] == pytest.approx(amount, abs=0.03 if amount < 1 else 1)


def test_untouched_copy_has_no_name(picture: Image.Image) -> None:
    assert named(picture, lambda each: each.resize((each.width // 2, each.height // 2))) == {}


def test_several_edits_are_named_in_a_fixed_order(picture: Image.Image) -> None:
    found = list(named(picture, lambda each: sticker(ImageOps.mirror(crop(each)))))
    assert found == ["mirrored", "cropped", "overprinted"]
    assert found == sorted(found, key=TRANSFORMATIONS.index)
