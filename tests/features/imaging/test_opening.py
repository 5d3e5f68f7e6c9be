"""Opening files: cameras' JPEGs, AVIF and HEIC are read like the same picture in any other file."""

import io
import random
import struct
from pathlib import Path

import pillow_heif
import pytest
from PIL import Image

from features.imaging.decode import UPLOAD_LIMITS, decode
from features.imaging.errors import ImageTooLarge, UnreadableImage
from features.imaging.file_type import sniff
from features.imaging.sandbox import Sandbox
from tests.support.picture_files import drawn, mean_difference, outcome, saved


def camera_file(size: tuple[int, int], **options: object) -> bytes:
    """Return an MPO file: a JPEG that carries a smaller second picture."""
    preview = Image.new("RGB", (64, 48), "lime")
    return saved(drawn(size), "MPO", save_all=True, append_images=[preview], **options)


def test_a_cameras_file_shows_its_main_picture() -> None:
    assert mean_difference(decode(camera_file((400, 300))).pixels, drawn((400, 300))) < 3


def test_a_cameras_file_has_the_limits_of_a_jpeg() -> None:
    picture = decode(camera_file((6000, 4500), quality=50))
    assert (picture.width, picture.height) == (6000, 4500)
    assert picture.pixels.size == (1280, 960)


def test_a_broken_list_of_further_pictures_does_not_matter() -> None:
    data = camera_file((400, 300))
    broken = data.replace(b"MPF\0II*\0", b"MPF\0II*\xff")
    assert broken != data
    assert mean_difference(decode(broken).pixels, drawn((400, 300))) < 3


@pytest.mark.parametrize("format_", ["AVIF", "HEIF"])
def test_a_modern_file_gives_the_same_pixels(format_: str) -> None:
    picture = decode(saved(drawn((400, 300)), format_, quality=90))
    assert (picture.width, picture.height) == (400, 300)
    assert mean_difference(picture.pixels, drawn((400, 300))) < 3


@pytest.mark.parametrize("format_", ["AVIF", "HEIF"])
def test_a_modern_file_is_turned_upright(format_: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    options = {"exif": exif.tobytes()} if format_ == "HEIF" else {"exif": exif}
    lying = drawn((400, 300)).transpose(Image.Transpose.ROTATE_90)
    picture = decode(saved(lying, format_, quality=90, **options))
    assert (picture.width, picture.height) == (400, 300)
    assert mean_difference(picture.pixels, drawn((400, 300))) < 3


@pytest.mark.parametrize("format_", ["AVIF", "HEIF"])
def test_transparency_of_a_modern_file_is_over_white(format_: str) -> None:
    clear = Image.new("RGBA", (64, 64), (200, 0, 0, 0))
    assert min(decode(saved(clear, format_)).pixels.getextrema())[0] > 250


def test_a_burst_in_one_file_shows_its_main_picture() -> None:
    burst = pillow_heif.from_pillow(drawn((200, 150)))
    burst.add_from_pillow(Image.new("RGB", (200, 150), "lime"))
    file = io.BytesIO()
    burst.save(file, quality=90, primary_index=0)
    assert mean_difference(decode(file.getvalue()).pixels, drawn((200, 150))) < 3


def test_a_preview_in_the_file_is_not_taken_for_it() -> None:
    file = io.BytesIO()
    large = pillow_heif.from_pillow(drawn((2600, 1950)))
    large.save(file, quality=80, thumbnails=[1300])
    picture = decode(file.getvalue())
    assert (picture.width, picture.height) == (2600, 1950)
    expected = drawn((2600, 1950)).resize(picture.pixels.size, Image.Resampling.BICUBIC)
    assert mean_difference(picture.pixels, expected) < 3


@pytest.mark.parametrize("general", [b"mif1", b"msf1"])
@pytest.mark.parametrize("format_", ["AVIF", "HEIF"])
def test_a_general_brand_is_told_by_the_compatible_ones(general: bytes, format_: str) -> None:
    data = saved(drawn(), format_)
    assert sniff(data[:8] + general + data[12:]) == format_


def enlarged(data: bytes, width: int, height: int) -> bytes:
    """Return an AVIF or HEIC file that claims another size than its pixels have."""
    at = data.index(b"ispe") + 8
    return data[:at] + struct.pack(">II", width, height) + data[at + 8 :]


@pytest.mark.parametrize("format_", ["AVIF", "HEIF"])
@pytest.mark.parametrize("size", [(8000, 8000), (16_000, 16_000), (2**31 - 1, 2**31 - 1)])
def test_a_modern_bomb_is_refused_by_its_size(format_: str, size: tuple[int, int]) -> None:
    data = enlarged(saved(drawn((128, 128)), format_), *size)
    with Sandbox(1) as sandbox, pytest.raises((ImageTooLarge, UnreadableImage)):
        sandbox.decode(data)


@pytest.mark.parametrize("format_", ["AVIF", "HEIF"])
def test_a_modern_file_that_claims_less_than_it_holds_costs_one_picture(format_: str) -> None:
    data = enlarged(saved(drawn((640, 480)), format_), 64, 48)
    with Sandbox(1) as sandbox:
        outcome_of_lie = told(sandbox, data)
        assert outcome_of_lie in {"read", "UnreadableImage", "ImageTooLarge"}
        assert sandbox.decode(saved(drawn(), "JPEG")).width == 120


@pytest.mark.parametrize("format_", ["AVIF", "HEIF"])
def test_damaged_modern_files_never_stop_the_sandbox(format_: str) -> None:
    random_ = random.Random(format_)
    good = saved(drawn((96, 64)), format_)
    with Sandbox(1) as sandbox:
        for _ in range(60):
            data = bytearray(good)
            for _ in range(random_.randint(1, 12)):
                data[random_.randrange(len(data))] = random_.randrange(256)
            told(sandbox, bytes(data))
        assert sandbox.decode(saved(drawn(), "JPEG")).width == 120


def told(sandbox: Sandbox, data: bytes) -> str:
    try:
        sandbox.decode(data)
    except Exception as error:
        return type(error).__name__
    return "read"


@pytest.mark.parametrize("format_", ["AVIF", "HEIF"])
def test_an_oversized_modern_file_is_refused(format_: str) -> None:
    limits = UPLOAD_LIMITS.max_pixels | {format_: 10_000}
    small = type(UPLOAD_LIMITS)(limits)
    with pytest.raises(ImageTooLarge, match="make it smaller"):
        decode(saved(drawn((200, 150)), format_), small)


def test_files_of_other_programs_are_read(shared_data: Path) -> None:
    folder = shared_data / "bad_images" / "files"
    for name in ("avif__hopper.avif", "avif__hopper.heif"):
        assert outcome((folder / name).read_bytes(), UPLOAD_LIMITS) == "Picture"
