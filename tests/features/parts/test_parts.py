"""Parts of a picture: what is cut from pages, collages and bars, and goods on another ground."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageChops, ImageFilter, ImageOps, ImageStat

from features.base import Box, Picture
from features.imaging.colour_space import DARK_GROUND
from features.imaging.decode import decode
from features.parts.finder import PicturePart, find_parts, part_id
from features.pdq import Pdq
from tests.support.picture_files import saved
from tests.support.pictures import clothing


def parts(image: Image.Image) -> list[PicturePart]:
    return find_parts(Picture(image, *image.size))


def kinds(image: Image.Image) -> list[str]:
    return [part.kind for part in parts(image)]


def difference(image: Image.Image, other: Image.Image) -> float:
    size = (160, 160)
    small = [one.resize(size, Image.Resampling.BOX) for one in (image, other)]
    return float(np.mean(ImageStat.Stat(ImageChops.difference(*small)).mean))


@pytest.fixture(scope="module")
def photos(shared_data: Path) -> list[Image.Image]:
    """Return photos of clothes, cut to squares."""
    return [ImageOps.fit(picture.pixels, (480, 480)) for picture in clothing(shared_data, 12)]


@pytest.fixture(scope="module")
def packshot(shared_data: Path) -> Image.Image:
    """Return goods on a white ground."""
    path = shared_data / "saleor" / "images" / "saleor-mighty-mug.png"
    with Image.open(path) as opened:
        clear = opened.convert("RGBA")
    ground = Image.new("RGBA", clear.size, "white")
    ground.alpha_composite(clear)
    return ImageOps.contain(ground.convert("RGB"), (600, 600))


def barred(image: Image.Image, size: tuple[int, int], bars: str) -> Image.Image:
    if bars == "blurred":
        frame = image.resize(size).filter(ImageFilter.GaussianBlur(30))
    else:
        frame = Image.new("RGB", size, bars)
    held = ImageOps.contain(image, size)
    frame.paste(held, ((size[0] - held.width) // 2, (size[1] - held.height) // 2))
    return frame


@pytest.mark.parametrize("bars", ["black", "white", "#2a4d6e", "blurred"])
@pytest.mark.parametrize("size", [(960, 540), (540, 960)])
def test_what_is_between_bars_is_a_part(
    photos: list[Image.Image], bars: str, size: tuple[int, int]
) -> None:
    (inside,) = parts(barred(photos[0], size, bars))
    assert inside.kind == "inside"
    assert difference(inside.picture.pixels, photos[0]) < 6


def test_most_photos_have_no_parts(shared_data: Path) -> None:
    assert not [picture for picture in clothing(shared_data, 40) if find_parts(picture)]


def page(panels: Sequence[Image.Image], gap: int = 0) -> Image.Image:
    height = sum(panel.height + gap for panel in panels)
    whole = Image.new("RGB", (panels[0].width, height), "white")
    top = 0
    for panel in panels:
        whole.paste(panel, (0, top))
        top += panel.height + gap
    return whole


@pytest.mark.parametrize("gap", [0, 20])
@pytest.mark.parametrize("is_wide", [False, True])
def test_a_page_is_cut_into_its_panels(photos: list[Image.Image], gap: int, is_wide: bool) -> None:
    turn = Image.Transpose.ROTATE_90
    panels = [photo.transpose(turn) if is_wide else photo for photo in photos[:6]]
    whole = page(panels, gap)
    found = parts(whole.transpose(Image.Transpose.ROTATE_270) if is_wide else whole)
    assert {part.kind for part in found} == {"panel"}
    expected = [photos[n] for n in range(6)]
    nearest = [min(difference(part.picture.pixels, each) for part in found) for each in expected]
    assert sum(one < 12 for one in nearest) >= 5


def test_a_long_page_keeps_pixels_for_its_panels(photos: list[Image.Image]) -> None:
    whole = page([photo.resize((790, 790)) for photo in photos[:10]])
    picture = decode(saved(whole, "JPEG", quality=90))
    assert picture.pixels.size == (128, 1280)
    found = find_parts(picture)
    assert len(found) == 10
    assert {part.picture.pixels.width for part in found} == {480}
    assert all(470 <= part.picture.pixels.height <= 490 for part in found)


def test_a_page_has_at_most_sixteen_panels(photos: list[Image.Image]) -> None:
    assert len(parts(page([photo.resize((200, 200)) for photo in photos * 2]))) == 16


def collage(photos: Sequence[Image.Image], across: int, gap: int, colour: str) -> Image.Image:
    side = 260
    width, down = across * (side + gap) + gap, len(photos) // across
    whole = Image.new("RGB", (width, down * (side + gap) + gap), colour)
    for number, photo in enumerate(photos):
        place = number % across, number // across
        whole.paste(photo.resize((side, side)), tuple(gap + each * (side + gap) for each in place))
    return whole


@pytest.mark.parametrize(("across", "count"), [(3, 9), (2, 4), (2, 2), (3, 6)])
@pytest.mark.parametrize("colour", ["white", "black", "#806040"])
def test_a_collage_has_its_tiles(
    photos: list[Image.Image], across: int, count: int, colour: str
) -> None:
    found = parts(collage(photos[:count], across, 8, colour))
    assert [part.kind for part in found] == ["tile"] * count
    for part, photo in zip(found, photos, strict=False):
        assert difference(part.picture.pixels, photo) < 12


def over(packshot: Image.Image, colour: str) -> Image.Image:
    """Return the goods over another ground; every white pixel at the edge belongs to it."""
    pixels = np.asarray(packshot)
    white = Image.fromarray(((pixels.min(axis=2) >= 250) * 255).astype(np.uint8))
    laid = packshot.copy()
    laid.paste(Image.new("RGB", packshot.size, colour), mask=white)
    return laid


@pytest.mark.parametrize("colour", ["black", "#808080", "#e1cdb4", "#203a80"])
def test_goods_on_a_coloured_ground_are_laid_on_white(packshot: Image.Image, colour: str) -> None:
    found = {part.kind: part for part in parts(over(packshot, colour))}
    hash_of = Pdq()
    whole = Picture(packshot, *packshot.size)
    (stored,) = hash_of.extract([whole])
    (laid,) = hash_of.extract([found["white_ground"].picture])
    assert hash_of.distance(stored, laid) <= 31


def test_goods_on_white_keep_their_ground(packshot: Image.Image) -> None:
    assert kinds(packshot) == []


def logo(colour: tuple[int, int, int, int], ground: tuple[int, int, int, int]) -> Image.Image:
    image = Image.new("RGBA", (300, 300), ground)
    image.paste(colour, (60, 60, 240, 110))
    image.paste(colour, (60, 110, 110, 240))
    return image


def test_a_light_logo_on_clear_ground_is_seen() -> None:
    picture = decode(saved(logo((255, 255, 255, 255), (0, 0, 0, 0))))
    assert picture.pixels.getpixel((5, 5)) == DARK_GROUND
    assert picture.pixels.getpixel((80, 80)) == (255, 255, 255)
    (value,) = Pdq().extract([picture])
    assert value is not None


def test_a_dark_logo_on_clear_ground_stays_on_white() -> None:
    picture = decode(saved(logo((20, 30, 90, 255), (0, 0, 0, 0))))
    assert picture.pixels.getpixel((5, 5)) == (255, 255, 255)


def test_a_light_logo_is_the_same_on_clear_and_on_navy() -> None:
    clear = decode(saved(logo((255, 255, 255, 255), (0, 0, 0, 0))))
    navy = decode(saved(logo((255, 255, 255, 255), (20, 30, 80, 255))))
    laid = {part.kind: part.picture.pixels for part in find_parts(navy)}
    assert difference(laid["dark_ground"], clear.pixels) < 4


@pytest.mark.parametrize("size", [(1, 1), (3, 900), (900, 3), (40, 40)])
def test_a_tiny_picture_has_no_parts(size: tuple[int, int]) -> None:
    assert kinds(Image.new("RGB", size, "red")) == []


def test_a_plain_picture_has_no_parts() -> None:
    assert kinds(Image.new("RGB", (400, 300), (200, 60, 60))) == []


def test_every_part_has_an_id_of_its_own() -> None:
    image_id = hashlib.sha256(b"picture").hexdigest()
    box = Box(0, 0, 0.5, 1).text
    ids = {
        part_id(image_id, "tile", box),
        part_id(image_id, "panel", box),
        part_id(image_id, "tile", "0,0,1,1"),
        part_id("0" * 64, "tile", box),
    }
    assert len(ids) == 4
    assert all(len(one) == 64 for one in ids)
