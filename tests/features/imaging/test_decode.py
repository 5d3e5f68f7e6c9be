"""Decoding: the same picture gives the same pixels, and no file raises anything unforeseen."""

import csv
import random
import struct
import threading
import time
import warnings
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageCms

from features.imaging.decode import EXIF_TURNS, FEED_LIMITS, UPLOAD_LIMITS, DecodeLimits, decode
from tests.support.picture_files import drawn, outcome, saved

BACK = {turn: turn for turn in Image.Transpose} | {
    Image.Transpose.ROTATE_90: Image.Transpose.ROTATE_270,
    Image.Transpose.ROTATE_270: Image.Transpose.ROTATE_90,
}


def difference(a: Image.Image, b: Image.Image) -> int:
    """Return the largest difference of any channel of any pixel."""
    assert a.size == b.size
    return max(high for _, high in ImageChops.difference(a, b).getextrema())


@pytest.mark.parametrize("limits", [UPLOAD_LIMITS, FEED_LIMITS], ids=["public", "feed"])
def test_every_bad_picture_is_decoded_or_refused_in_time(
    shared_data: Path, limits: DecodeLimits
) -> None:
    folder = shared_data / "bad_images"
    with (folder / "bad_images_dev.csv").open(encoding="utf-8") as table:
        rows = list(csv.DictReader(table))
    accepted = set(limits.max_pixels)
    for row in rows:
        started = time.monotonic()
        result = outcome((folder / row["file"]).read_bytes(), limits)
        assert time.monotonic() - started < 5, row["file"]
        wanted = row["expected"] == "accept" and row["pillow_format"] in accepted
        wanted |= row["file"] == "files/avif__hopper.heif"  # Pillow alone has no HEIC
        assert (result == "Picture") == wanted, (row["file"], result)
    assert len(rows) > 100


@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientations_give_the_same_pixels(orientation: int) -> None:
    upright = drawn()
    exif = Image.Exif()
    exif[0x0112] = orientation
    turn = EXIF_TURNS.get(orientation)
    stored = upright if turn is None else upright.transpose(BACK[turn])
    picture = decode(saved(stored, exif=exif))
    assert (picture.width, picture.height) == upright.size
    assert difference(picture.pixels, upright) == 0


@pytest.mark.parametrize("name", [f"hopper_orientation_{number}.jpg" for number in (4, 5, 6, 8)])
def test_turned_photos_match_the_upright_one(shared_data: Path, name: str) -> None:
    folder = shared_data / "bad_images" / "files"
    upright = decode((folder / "hopper.jpg").read_bytes()).pixels
    turned = decode((folder / name).read_bytes()).pixels
    wrong = turned.transpose(Image.Transpose.ROTATE_180)
    assert grey_difference(upright, turned) < grey_difference(upright, wrong) / 4


def grey_difference(a: Image.Image, b: Image.Image) -> float:
    histogram = ImageChops.difference(a, b).convert("L").histogram()
    return sum(value * count for value, count in enumerate(histogram)) / sum(histogram)


def test_large_pictures_are_reduced_and_keep_their_own_size() -> None:
    picture = decode(saved(drawn((3000, 1500)), "JPEG", quality=90))
    assert (picture.width, picture.height) == (3000, 1500)
    assert picture.pixels.size == (1280, 640)


def test_small_pictures_keep_every_pixel() -> None:
    image = drawn((200, 100))
    assert difference(decode(saved(image)).pixels, image) == 0


def test_a_ribbon_keeps_a_pixel_of_width() -> None:
    assert decode(saved(Image.new("RGB", (5000, 1)))).pixels.size == (1280, 1)


@pytest.mark.parametrize(
    ("mode", "colour"),
    [("RGBA", (255, 0, 0, 0)), ("LA", (0, 0)), ("RGBA", (0, 0, 0, 0))],
)
def test_transparency_is_white(mode: str, colour: tuple[int, ...]) -> None:
    picture = decode(saved(Image.new(mode, (10, 10), colour)))
    assert picture.pixels.getpixel((5, 5)) == (255, 255, 255)


def test_hidden_colours_do_not_bleed_when_reduced() -> None:
    image = Image.new("RGBA", (2600, 1300), (0, 0, 0, 0))
    image.paste((200, 200, 255, 255), (0, 0, 1301, 1300))
    assert min(low for low, _ in decode(saved(image)).pixels.getextrema()) >= 195


def test_transparent_palette_colour_is_white() -> None:
    image = Image.new("P", (10, 10), 1)
    image.putpalette([0, 0, 0, 10, 20, 30])
    assert decode(saved(image)).pixels.getpixel((0, 0)) == (10, 20, 30)
    assert decode(saved(image, transparency=1)).pixels.getpixel((0, 0)) == (255, 255, 255)


def test_sixteen_bits_of_grey_match_eight() -> None:
    grey = Image.linear_gradient("L")
    wide = Image.frombytes("I;16", grey.size, b"".join(bytes((v, v)) for v in grey.tobytes()))
    eight, sixteen = decode(saved(grey)).pixels, decode(saved(wide)).pixels
    assert difference(eight, sixteen) <= 1


@pytest.mark.parametrize("bits", ["I;16", "I;16B"])
def test_sixteen_bit_tiff_matches_either_byte_order(bits: str) -> None:
    grey = Image.linear_gradient("L")
    wide = Image.frombytes(bits, grey.size, b"".join(bytes((v, v)) for v in grey.tobytes()))
    assert (
        difference(decode(saved(grey)).pixels, decode(saved(wide, "TIFF"), FEED_LIMITS).pixels) <= 1
    )


def test_floating_point_greys_span_black_to_white() -> None:
    ramp = Image.linear_gradient("L").convert("F").point(lambda value: value * (1 / 255) + 0)
    pixels = decode(saved(ramp, "TIFF"), FEED_LIMITS).pixels
    assert difference(pixels, Image.linear_gradient("L").convert("RGB")) <= 1


def test_cmyk_keeps_its_colours() -> None:
    flat = Image.new("RGB", (16, 16), (200, 30, 30))
    pixels = decode(saved(flat.convert("CMYK"), "JPEG", quality=95)).pixels
    assert difference(pixels, flat) < 12


def profile(space: str) -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile(space)).tobytes()


@pytest.mark.parametrize(
    "useless",
    [profile("sRGB"), profile("LAB"), profile("XYZ"), b"no profile", profile("sRGB")[:200]],
    ids=["sRGB itself", "LAB", "XYZ", "not one", "truncated"],
)
def test_profiles_that_do_not_apply_change_nothing(useless: bytes) -> None:
    image = drawn()
    assert difference(decode(saved(image, icc_profile=useless)).pixels, image) == 0


def test_swapped_primaries_are_swapped_back() -> None:
    # An sRGB profile whose red and blue primaries have changed places.
    srgb = bytearray(profile("sRGB"))
    (count,) = struct.unpack_from(">I", srgb, 128)
    for tag in range(count):
        at = 132 + 12 * tag
        name = bytes(srgb[at : at + 4])
        srgb[at : at + 4] = {b"rXYZ": b"bXYZ", b"bXYZ": b"rXYZ"}.get(name, name)
    named = bytes(srgb).replace("sRGB".encode("utf-16-be"), "odd!".encode("utf-16-be"))
    image = drawn()
    red, green, blue = image.split()
    swapped = saved(Image.merge("RGB", (blue, green, red)), icc_profile=named)
    assert grey_difference(decode(swapped).pixels, image) < 2


@pytest.mark.parametrize("format_", ["GIF", "PNG", "WEBP"])
def test_animations_show_their_first_frame(format_: str) -> None:
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "blue")]
    data = saved(frames[0], format_, save_all=True, append_images=frames[1:], duration=50)
    red, _, blue = decode(data).pixels.getpixel((5, 5))
    assert red > 200
    assert blue < 60


@pytest.mark.parametrize("format_", list(FEED_LIMITS.max_pixels))
def test_damaged_pictures_never_raise_anything_else(format_: str) -> None:
    random_ = random.Random(format_)
    good = saved(drawn((64, 48)), format_)
    for _ in range(150):
        data = bytearray(good)
        for _ in range(random_.randint(1, 8)):
            data[random_.randrange(len(data))] = random_.randrange(256)
        outcome(bytes(data), FEED_LIMITS)


def test_broken_exif_does_not_spoil_a_photo() -> None:
    data = saved(drawn(), "JPEG", exif=b"Exif\0\0II*\0\x08\0\0\0\xff\xff\x12\x01\x99\0")
    assert outcome(data, UPLOAD_LIMITS) == "Picture"


def test_a_script_behind_the_picture_changes_nothing() -> None:
    data = saved(drawn(), "JPEG")
    tail = decode(data + b"<script>alert(1)</script>PK\3\4")
    assert difference(tail.pixels, decode(data).pixels) == 0


def test_warning_filters_survive_many_threads() -> None:
    before = list(warnings.filters)
    data = saved(drawn())
    threads = [threading.Thread(target=lambda: [decode(data) for _ in range(20)]) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert list(warnings.filters) == before
