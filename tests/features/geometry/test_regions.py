"""Borders and the pictures of a page are found where they are, and nowhere else."""

from pathlib import Path

import pytest
from PIL import Image, ImageOps

from features.geometry import regions
from tests.support.pictures import clothing


@pytest.fixture(scope="module")
def photo(shared_data: Path) -> Image.Image:
    return clothing(shared_data, 1)[0].pixels


@pytest.mark.parametrize("colour", ["white", "black", (200, 30, 30)])
def test_plain_border_is_trimmed(photo: Image.Image, colour: str) -> None:
    margin = max(photo.size) // 8
    box = regions.find_content(ImageOps.expand(photo, margin, colour))
    assert box is not None
    across, down = photo.width + 2 * margin, photo.height + 2 * margin
    assert box.left == pytest.approx(margin / across, abs=0.02)
    assert box.bottom == pytest.approx(1 - margin / down, abs=0.02)


def test_photo_has_no_border(photo: Image.Image) -> None:
    assert regions.find_content(photo) is None


def test_blank_picture_has_no_regions() -> None:
    blank = Image.new("RGB", (100, 80), "white")
    assert regions.find_content(blank) is None
    assert regions.find_pictures(blank) == []
    assert regions.find_pictures(Image.new("RGB", (1, 1))) == []


def test_picture_on_a_page_is_found(photo: Image.Image) -> None:
    page = Image.new("RGB", (photo.width * 2, photo.height * 2), (246, 246, 248))
    left, top = photo.width // 4, photo.height // 2
    page.paste(photo, (left, top))
    (box, *_) = regions.find_pictures(page)
    assert box.left == pytest.approx(left / page.width, abs=0.03)
    assert box.top == pytest.approx(top / page.height, abs=0.03)
    assert box.right == pytest.approx((left + photo.width) / page.width, abs=0.03)
