"""Lines are drawn around what differs, in both pictures, and around nothing else."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageEnhance

from app.trust.examination.outline import DifferenceOutline, outline_differences
from app.trust.examination.overlay import lay_over
from features.geometry.alignment import Alignment


@pytest.fixture
def picture(shared_data: Path) -> Image.Image:
    with Image.open(shared_data / "saleor" / "images" / "saleor-white-plimsolls-1.png") as found:
        return found.convert("RGB").resize((400, 300))


def outlines(
    member: Image.Image,
    other: Image.Image,
    transform: tuple[float, float, float, float, float, float] = (1, 0, 0, 0, 1, 0),
) -> tuple[DifferenceOutline, DifferenceOutline]:
    alignment = Alignment(transform, member.size, other.size, 50, 60, 1.0, 0.95, 0.0)
    return outline_differences(lay_over(member, other, alignment), member, other, alignment)


def box(outline: DifferenceOutline) -> tuple[float, float, float, float]:
    """Return the box around the one region."""
    (region,) = outline.regions
    return (*region.min(axis=0), *region.max(axis=0))


def test_overprint_is_outlined_in_both_pictures(picture: Image.Image) -> None:
    copy = picture.copy()
    ImageDraw.Draw(copy).rectangle((250, 40, 330, 90), fill=(20, 120, 40))
    mirrored = copy.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    on_other, on_member = outlines(mirrored, picture, (-1, 0, 399, 0, 1, 0))
    assert box(on_other) == pytest.approx((250, 40, 330, 90), abs=10)
    assert box(on_member) == pytest.approx((69, 40, 149, 90), abs=10)
    assert on_other.reach is None
    drawn = np.asarray(on_other.to_image())
    assert drawn[..., 3].any()
    assert not drawn[150:, :200, 3].any()


def test_crop_shows_how_far_it_reaches(picture: Image.Image) -> None:
    on_other, on_member = outlines(
        picture.crop((100, 50, 300, 250)), picture, (1, 0, 100, 0, 1, 50)
    )
    assert on_other.regions == on_member.regions == []
    assert on_member.reach is None
    assert on_other.reach is not None
    assert on_other.reach.tolist() == [[100, 50], [300, 50], [300, 250], [100, 250]]


@pytest.mark.parametrize("factor", [0.7, 1.3])
def test_another_light_is_outlined_nowhere(picture: Image.Image, factor: float) -> None:
    on_other, on_member = outlines(ImageEnhance.Brightness(picture).enhance(factor), picture)
    assert on_other.regions == on_member.regions == []
