"""The geometric check on real pictures: how a copy lies on its original, and what differs."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageOps

from features.geometry.comparison import compare
from features.geometry.view import MAX_SIDE, PictureView
from tests.features.geometry.pictures import (
    CARTON,
    DRINK,
    OTHER_CARTON,
    OTHER_DRINK,
    PHOTO,
    align,
    compress,
    load,
)


def test_a_picture_lies_on_itself(photo: Image.Image) -> None:
    alignment = align(photo, photo)
    assert alignment.transform == pytest.approx((1, 0, 0, 0, 1, 0), abs=0.01)
    assert (alignment.coverage, alignment.agreement) == pytest.approx((1, 1), abs=0.05)
    assert alignment.disagreement == 0


def test_a_crop_lies_where_it_was_cut(photo: Image.Image) -> None:
    small = photo.copy()
    small.thumbnail((MAX_SIDE, MAX_SIDE))
    left, top = small.width // 4, small.height // 5
    alignment = align(small.crop((left, top, small.width, small.height)), small)
    assert alignment.transform[2] == pytest.approx(left, abs=2)
    assert alignment.transform[5] == pytest.approx(top, abs=2)
    assert alignment.coverage > 0.9


@pytest.mark.parametrize(
    "turn",
    [Image.Transpose.ROTATE_90, Image.Transpose.ROTATE_180, Image.Transpose.ROTATE_270],
)
def test_a_turned_copy_agrees_and_is_not_mirrored(
    photo: Image.Image, turn: Image.Transpose
) -> None:
    alignment = align(photo.transpose(turn), photo)
    assert not alignment.mirrored
    assert alignment.agreement > 0.8


def test_a_mirrored_copy_is_known_as_one(photo: Image.Image) -> None:
    alignment = align(ImageOps.mirror(photo), photo)
    assert alignment.mirrored
    assert alignment.agreement > 0.9


def test_a_picture_in_a_page_is_found_whole(photo: Image.Image) -> None:
    page = Image.new("RGB", (2 * photo.width, 2 * photo.height), "white")
    page.paste(photo, (photo.width // 3, photo.height // 2))
    alignment = align(page, photo)
    assert alignment.coverage > 0.9
    assert alignment.agreement > 0.8


@pytest.mark.parametrize(
    "edit",
    [
        lambda picture: ImageEnhance.Brightness(picture).enhance(0.7),
        lambda picture: ImageEnhance.Contrast(picture).enhance(0.6),
        lambda picture: ImageOps.grayscale(picture).convert("RGB"),
        lambda picture: picture.filter(ImageFilter.GaussianBlur(2)),
        compress,
    ],
    ids=["darker", "less contrast", "grey", "blurred", "compressed"],
)
def test_an_edit_of_the_whole_picture_is_explained(
    photo: Image.Image, edit: Callable[[Image.Image], Image.Image]
) -> None:
    alignment = align(edit(photo), photo)
    assert alignment.agreement > 0.9
    assert alignment.details["colour_blob"] < 0.1


def test_a_sticker_disagrees_in_its_own_place_alone(photo: Image.Image) -> None:
    stuck = photo.copy()
    side = min(photo.size) // 3
    ImageDraw.Draw(stuck).ellipse((0, 0, side, side), fill=(200, 30, 30), outline="white", width=6)
    alignment, untouched = align(stuck, photo), align(compress(photo, 90), photo)
    share = side * side / (photo.width * photo.height)
    assert untouched.disagreement < alignment.disagreement < 1.5 * share
    assert alignment.details["exactness"] > 0.95


def test_edit_adds_to_one_picture_and_siblings_each_have_their_own(photo: Image.Image) -> None:
    side = min(photo.size) // 6
    plain = Image.new("RGB", photo.size, (228, 226, 222))
    plain.paste(photo.resize((photo.width // 2, photo.height // 2)), (side, side))
    stamped, sibling = plain.copy(), plain.copy()
    corner = (plain.width - 2 * side, plain.height - 2 * side)
    stamp = photo.crop((0, photo.height // 3, side, photo.height // 3 + side))
    stamped.paste(stamp, corner)
    sibling.paste(ImageOps.mirror(stamp), (side, corner[1]))
    assert align(stamped, plain).details["drawn_in_one"] > 0.003
    assert align(stamped, plain).details["drawn_in_each"] < 0.0005
    assert align(stamped, sibling).details["drawn_in_each"] > 0.003


def test_mirrored_copy_has_all_details_mirrored_and_the_other_side_has_not(
    photo: Image.Image,
) -> None:
    copy, side = ImageOps.mirror(photo), ImageOps.mirror(photo)
    middle = (photo.width // 2, photo.height // 2)
    box = (middle[0] - 20, middle[1] - 12, middle[0] + 20, middle[1] + 12)
    side.paste(ImageOps.mirror(side.crop(box)), box[:2])
    assert align(compress(copy, 70), photo).details["mirror_detail"] < 0.001
    assert align(side, photo).details["mirror_detail"] > 0.002
    assert "mirror_detail" not in align(photo, photo).details


def test_cartons_of_one_brand_disagree_where_copies_do_not(shared_data: Path) -> None:
    carton, other = load(shared_data, CARTON), load(shared_data, OTHER_CARTON)
    different, copy = align(carton, other), align(compress(carton), carton)
    assert different.inliers > 50  # the brand's design lies on itself
    assert different.disagreement > copy.disagreement
    assert different.details["exactness"] < copy.details["exactness"]
    assert different.details["overlap_colour"] > copy.details["overlap_colour"]


def test_the_same_bottle_with_another_drink_has_another_colour(shared_data: Path) -> None:
    drink, other = load(shared_data, DRINK), load(shared_data, OTHER_DRINK)
    warmer = Image.merge(
        "RGB",
        [
            band.point(lambda v, g=gain: int(v * g))
            for band, gain in zip(drink.split(), (1, 0.9, 0.7), strict=True)
        ],
    )
    variant, cast = align(drink, other), align(warmer, drink)
    assert variant.agreement > 0.8  # all but the colour is the same
    assert variant.details["colour_blob"] > 2 * cast.details["colour_blob"]


def test_what_shines_through_a_print_is_not_the_same_in_another_colour(
    photo: Image.Image, shared_data: Path
) -> None:
    box = (0, photo.height // 3, photo.width, 2 * photo.height // 3)
    printed = photo.copy()
    below = photo.crop(box)
    printed.paste(Image.blend(below, Image.new("RGB", below.size, (220, 30, 40)), 0.5), box[:2])
    through = align(printed, photo).details
    assert through["recoloured"] > 0.02
    assert through["recoloured_whole"] < 0.2 * through["recoloured"]
    other = align(load(shared_data, DRINK), load(shared_data, OTHER_DRINK)).details
    assert other["recoloured_whole"] > 0.5 * other["recoloured"] > 0.1


def test_two_photos_hardly_lie_on_each_other(shared_data: Path) -> None:
    first, second = sorted((shared_data / PHOTO).iterdir())[:2]
    with Image.open(first) as one, Image.open(second) as other:
        alignment = compare(PictureView.of(one), PictureView.of(other))
    assert alignment is None or alignment.inliers < 12


def test_a_blank_picture_has_no_place(photo: Image.Image) -> None:
    assert (
        compare(PictureView.of(Image.new("RGB", (300, 300), "white")), PictureView.of(photo))
        is None
    )
    tiny = PictureView.of(Image.new("RGB", (1, 1)))
    assert compare(tiny, tiny) is None
