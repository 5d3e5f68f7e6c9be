"""The geometric check on real pictures: where a copy lies, and what it leaves of another."""

import io
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageOps

from features.base import Picture
from features.geometry.alignment import Alignment
from features.geometry.compact_view import CompactView
from features.geometry.comparison import compare
from features.geometry.keypoint_store import KeypointStore
from features.geometry.keypoints import Keypoints, detect
from features.geometry.matching import LOWE_RATIO, fit_transform, match
from features.geometry.view import MAX_SIDE, PictureView
from features.imaging.thumbnails import Thumbnails

PHOTO = "clothing/images/dress"
CARTON = "grocery/iconic/grocery-043_Garant-Ecological-Standard-Milk"
OTHER_CARTON = "grocery/iconic/grocery-042_Garant-Ecological-Medium-Fat-Milk"
DRINK, OTHER_DRINK = "saleor/images/saleor-carrot-drink", "saleor/images/saleor-banana-drink"


def opened(shared_data: Path, name: str) -> Image.Image:
    (path,) = (shared_data / name).parent.glob(f"{Path(name).name}.*")
    with Image.open(path) as picture:
        layer = picture.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", layer.size, "white"), layer).convert("RGB")


@pytest.fixture(scope="module")
def photo(shared_data: Path) -> Image.Image:
    first = min((shared_data / PHOTO).iterdir())
    with Image.open(first) as picture:
        return picture.convert("RGB")


def laid(first: Image.Image, second: Image.Image) -> Alignment:
    alignment = compare(PictureView.of(first), PictureView.of(second))
    assert alignment is not None
    return alignment


def compressed(picture: Image.Image, quality: int = 40) -> Image.Image:
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=quality)
    return Image.open(file).convert("RGB")


def test_a_picture_lies_on_itself(photo: Image.Image) -> None:
    found = laid(photo, photo)
    assert found.transform == pytest.approx((1, 0, 0, 0, 1, 0), abs=0.01)
    assert (found.coverage, found.agreement) == pytest.approx((1, 1), abs=0.05)
    assert found.disagreement == 0


def test_a_crop_lies_where_it_was_cut(photo: Image.Image) -> None:
    small = photo.copy()
    small.thumbnail((MAX_SIDE, MAX_SIDE))
    left, top = small.width // 4, small.height // 5
    found = laid(small.crop((left, top, small.width, small.height)), small)
    assert found.transform[2] == pytest.approx(left, abs=2)
    assert found.transform[5] == pytest.approx(top, abs=2)
    assert found.coverage > 0.9


@pytest.mark.parametrize(
    "turn",
    [Image.Transpose.ROTATE_90, Image.Transpose.ROTATE_180, Image.Transpose.ROTATE_270],
)
def test_a_turned_copy_agrees_and_is_not_mirrored(
    photo: Image.Image, turn: Image.Transpose
) -> None:
    found = laid(photo.transpose(turn), photo)
    assert not found.mirrored
    assert found.agreement > 0.8


def test_a_mirrored_copy_is_known_as_one(photo: Image.Image) -> None:
    found = laid(ImageOps.mirror(photo), photo)
    assert found.mirrored
    assert found.agreement > 0.9


def test_a_picture_in_a_page_is_found_whole(photo: Image.Image) -> None:
    page = Image.new("RGB", (2 * photo.width, 2 * photo.height), "white")
    page.paste(photo, (photo.width // 3, photo.height // 2))
    found = laid(page, photo)
    assert found.coverage > 0.9
    assert found.agreement > 0.8


def test_edits_of_the_whole_picture_are_explained(photo: Image.Image) -> None:
    for edited in (
        ImageEnhance.Brightness(photo).enhance(0.7),
        ImageEnhance.Contrast(photo).enhance(0.6),
        ImageOps.grayscale(photo).convert("RGB"),
        photo.filter(ImageFilter.GaussianBlur(2)),
        compressed(photo),
    ):
        found = laid(edited, photo)
        assert found.agreement > 0.9
        assert found.details["colour_blob"] < 0.1


def test_a_sticker_disagrees_in_its_own_place_alone(photo: Image.Image) -> None:
    stuck = photo.copy()
    side = min(photo.size) // 3
    ImageDraw.Draw(stuck).ellipse((0, 0, side, side), fill=(200, 30, 30), outline="white", width=6)
    found, untouched = laid(stuck, photo), laid(compressed(photo, 90), photo)
    share = side * side / (photo.width * photo.height)
    assert untouched.disagreement < found.disagreement < 1.5 * share
    assert found.details["exactness"] > 0.95


def test_edit_adds_to_one_picture_and_siblings_each_have_their_own(photo: Image.Image) -> None:
    side = min(photo.size) // 6
    plain = Image.new("RGB", photo.size, (228, 226, 222))
    plain.paste(photo.resize((photo.width // 2, photo.height // 2)), (side, side))
    stamped, sibling = plain.copy(), plain.copy()
    corner = (plain.width - 2 * side, plain.height - 2 * side)
    stamp = photo.crop((0, photo.height // 3, side, photo.height // 3 + side))
    stamped.paste(stamp, corner)
    sibling.paste(ImageOps.mirror(stamp), (side, corner[1]))
    assert laid(stamped, plain).details["drawn_in_one"] > 0.003
    assert laid(stamped, plain).details["drawn_in_each"] < 0.0005
    assert laid(stamped, sibling).details["drawn_in_each"] > 0.003


def test_mirrored_copy_has_all_details_mirrored_and_the_other_side_has_not(
    photo: Image.Image,
) -> None:
    copy, side = ImageOps.mirror(photo), ImageOps.mirror(photo)
    middle = (photo.width // 2, photo.height // 2)
    box = (middle[0] - 20, middle[1] - 12, middle[0] + 20, middle[1] + 12)
    side.paste(ImageOps.mirror(side.crop(box)), box[:2])
    assert laid(compressed(copy, 70), photo).details["mirror_detail"] < 0.001
    assert laid(side, photo).details["mirror_detail"] > 0.002
    assert "mirror_detail" not in laid(photo, photo).details


def test_cartons_of_one_brand_disagree_where_copies_do_not(shared_data: Path) -> None:
    carton, other = opened(shared_data, CARTON), opened(shared_data, OTHER_CARTON)
    different, copy = laid(carton, other), laid(compressed(carton), carton)
    assert different.inliers > 50  # the brand's design lies on itself
    assert different.disagreement > copy.disagreement
    assert different.details["exactness"] < copy.details["exactness"]
    assert different.details["overlap_colour"] > copy.details["overlap_colour"]


def test_the_same_bottle_with_another_drink_has_another_colour(shared_data: Path) -> None:
    drink, other = opened(shared_data, DRINK), opened(shared_data, OTHER_DRINK)
    warmer = Image.merge(
        "RGB",
        [
            band.point(lambda v, g=gain: int(v * g))
            for band, gain in zip(drink.split(), (1, 0.9, 0.7), strict=True)
        ],
    )
    variant, cast = laid(drink, other), laid(warmer, drink)
    assert variant.agreement > 0.8  # all but the colour is the same
    assert variant.details["colour_blob"] > 2 * cast.details["colour_blob"]


def test_what_shines_through_a_print_is_not_the_same_in_another_colour(
    photo: Image.Image, shared_data: Path
) -> None:
    box = (0, photo.height // 3, photo.width, 2 * photo.height // 3)
    printed = photo.copy()
    below = photo.crop(box)
    printed.paste(Image.blend(below, Image.new("RGB", below.size, (220, 30, 40)), 0.5), box[:2])
    through = laid(printed, photo).details
    assert through["recoloured"] > 0.02
    assert through["recoloured_whole"] < 0.2 * through["recoloured"]
    other = laid(opened(shared_data, DRINK), opened(shared_data, OTHER_DRINK)).details
    assert other["recoloured_whole"] > 0.5 * other["recoloured"] > 0.1


def test_two_photos_hardly_lie_on_each_other(shared_data: Path) -> None:
    first, second = sorted((shared_data / PHOTO).iterdir())[:2]
    with Image.open(first) as one, Image.open(second) as other:
        found = compare(PictureView.of(one), PictureView.of(other))
    assert found is None or found.inliers < 12


def test_a_blank_picture_has_no_place(photo: Image.Image) -> None:
    assert (
        compare(PictureView.of(Image.new("RGB", (300, 300), "white")), PictureView.of(photo))
        is None
    )
    tiny = PictureView.of(Image.new("RGB", (1, 1)))
    assert compare(tiny, tiny) is None


def test_alignment_survives_json(photo: Image.Image) -> None:
    found = laid(photo, photo)
    assert Alignment.from_json(found.to_json()) == found
    assert Alignment.from_json({**found.to_json(), "gone_since": 1.0}) == found


def test_keypoints_survive_packing(photo: Image.Image) -> None:
    found = PictureView.of(photo).keypoints
    again = Keypoints.from_bytes(found.to_bytes())
    assert len(found.to_bytes()) == 132 * len(found)
    assert np.abs(again.positions - found.positions).max() <= 1 / 64
    assert (again.histograms == found.histograms).all()
    with pytest.raises(ValueError, match="keypoints"):
        Keypoints.from_bytes(b"x" * 131)


def test_compact_view_survives_storing_and_compares_like_pixels(photo: Image.Image) -> None:
    seen = PictureView.of(photo)
    again = CompactView.from_bytes(seen.compact.to_bytes())

    def unread() -> NDArray[np.uint8]:
        raise AssertionError("the sketch says it; no pixel need be read")

    view = PictureView(unread, again)
    assert view.size == seen.size
    assert (view.layout == seen.layout).all()
    assert len(view.mirrored) == len(seen.keypoints)
    for cut in (0, 259, 300):
        with pytest.raises(ValueError, match=r"compact view|keypoints"):
            CompactView.from_bytes(seen.compact.to_bytes()[:cut])


def test_strangers_are_told_apart_without_a_look_at_their_pixels(
    photo: Image.Image, shared_data: Path, tmp_path: Path
) -> None:
    thumbnails, folder = Thumbnails(tmp_path / "media"), tmp_path / "keypoints"
    keys = "ab" * 32, "cd" * 32
    for key, picture in zip(keys, (photo, opened(shared_data, CARTON)), strict=True):
        thumbnails.save(Picture(picture, *picture.size, sha256=key))
        assert KeypointStore(folder, thumbnails).view(key) is not None
    shelf = KeypointStore(folder, thumbnails)
    first, second = (shelf.view(key) for key in keys)
    assert first is not None
    assert second is not None
    assert compare(first, second) is None
    assert not {"pixels"} & (vars(first).keys() | vars(second).keys())


def test_matches_are_each_others_best_by_the_ratio_test(photo: Image.Image) -> None:
    first, second = PictureView.of(photo).keypoints, PictureView.of(photo.rotate(7)).keypoints
    alike = first.descriptors @ second.descriptors.T
    wanted = []
    for row, likeness in enumerate(alike):
        best = int(likeness.argmax())
        following = np.delete(likeness, best).max()
        clear = (2 - 2 * likeness[best]) < LOWE_RATIO**2 * (2 - 2 * following)
        if clear and alike[:, best].argmax() == row:
            wanted.append([row, best])
    assert len(wanted) > 50
    assert match(first, second).tolist() == wanted


def test_a_picture_is_laid_over_a_fifth_of_another_and_not_over_a_twentieth() -> None:
    """Shrunk to a twentieth, 40 keypoints lie within 24 pixels: there matches agree by chance."""
    chance = np.random.default_rng(3)
    positions = chance.uniform(0, 480, (40, 2)).astype(np.float32)
    histograms = chance.integers(0, 255, (40, 128)).astype(np.uint8)
    whole = Keypoints(positions, histograms)
    assert fit_transform(whole, Keypoints(positions * np.float32(0.2), histograms)) is not None
    assert fit_transform(whole, Keypoints(positions * np.float32(0.05), histograms)) is None
    assert fit_transform(Keypoints(positions * np.float32(0.05), histograms), whole) is None


def test_mirrored_keypoints_are_those_of_the_mirror_image(photo: Image.Image) -> None:
    view = PictureView.of(photo)
    detected = detect(np.ascontiguousarray(view.pixels[:, ::-1]))
    alike = view.mirrored.descriptors @ detected.descriptors.T
    # SIFT is not exactly symmetric; by chance hardly any would be so near.
    assert np.median(alike.max(axis=1)) > 0.95
    twice = view.mirrored.mirrored(view.size[0])
    assert (twice.histograms == view.keypoints.histograms).all()


def test_shelf_keeps_keypoints_and_finds_them_again(photo: Image.Image, tmp_path: Path) -> None:
    thumbnails = Thumbnails(tmp_path / "media")
    key = "ab" * 32
    thumbnails.save(Picture(photo, *photo.size, sha256=key))
    first = KeypointStore(tmp_path / "keypoints", thumbnails).view(key)
    again = KeypointStore(tmp_path / "keypoints", thumbnails).view(key)
    assert first is not None
    assert again is not None
    assert (first.keypoints.histograms == again.keypoints.histograms).all()
    (kept,) = (tmp_path / "keypoints").rglob("*.sift")
    kept.write_bytes(kept.read_bytes()[:-1])  # cut off while the disk was full
    mended = KeypointStore(tmp_path / "keypoints", thumbnails).view(key)
    assert mended is not None
    assert len(mended.keypoints) == len(first.keypoints)


def test_forgotten_picture_leaves_nothing_in_memory_or_on_disk(
    photo: Image.Image, tmp_path: Path
) -> None:
    thumbnails = Thumbnails(tmp_path / "media")
    shelf = KeypointStore(tmp_path / "keypoints", thumbnails)
    key = "ab" * 32
    thumbnails.save(Picture(photo, *photo.size, sha256=key))
    assert shelf.view(key) is not None
    thumbnails.path(key).unlink()
    assert shelf.view(key) is not None
    shelf.forget(key)
    shelf.forget(key)
    assert shelf.view(key) is None
    assert not list((tmp_path / "keypoints").rglob("*.sift"))


def test_shelf_has_nothing_of_an_unknown_picture(tmp_path: Path) -> None:
    shelf = KeypointStore(tmp_path / "keypoints", Thumbnails(tmp_path / "media"))
    assert shelf.view("cd" * 32) is None
    assert shelf.view("../../etc/passwd") is None


def test_inverted_alignment_leads_back() -> None:
    there = Alignment((0.5, 0.1, 7.0, -0.2, 0.6, 3.0), (100, 80), (60, 50), 9, 12, 1, 1, 0)
    back = there.inverted()
    assert (back.size, back.other_size) == (there.other_size, there.size)
    a, b, x, c, d, y = there.transform
    e, f, u, g, h, v = back.transform
    x1, y1 = a * 10 + b * 20 + x, c * 10 + d * 20 + y
    assert (e * x1 + f * y1 + u, g * x1 + h * y1 + v) == pytest.approx((10, 20))
