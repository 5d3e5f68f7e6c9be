"""Animations: the frame that stands for the file is the first that shows something."""

import pytest
from PIL import Image

from features.imaging import frames
from features.imaging.decode import decode
from tests.support.picture_files import drawn, mean_difference, saved

SIZE = (200, 150)
ANIMATED = ("GIF", "PNG", "WEBP", "AVIF")


def animation(format_: str, *shown: Image.Image) -> bytes:
    first, *others = shown
    options = {"quality": 90} if format_ in ("WEBP", "AVIF") else {}
    return saved(first, format_, save_all=True, append_images=others, duration=80, **options)


@pytest.mark.parametrize("format_", ANIMATED)
@pytest.mark.parametrize("empty", ["black", "white", (90, 120, 70)])
def test_an_empty_first_frame_is_passed_over(format_: str, empty: str) -> None:
    data = animation(format_, Image.new("RGB", SIZE, empty), drawn(SIZE))
    assert mean_difference(decode(data).pixels, drawn(SIZE)) < 8


@pytest.mark.parametrize("format_", ANIMATED)
def test_a_first_frame_that_shows_something_stays(format_: str) -> None:
    data = animation(format_, drawn(SIZE), drawn(SIZE).transpose(Image.Transpose.ROTATE_180))
    assert mean_difference(decode(data).pixels, drawn(SIZE)) < 8


@pytest.mark.parametrize("format_", ANIMATED)
def test_a_picture_that_fades_in_is_seen(format_: str) -> None:
    black = Image.new("RGB", SIZE)
    steps = [Image.blend(black, drawn(SIZE), share) for share in (0, 0.01, 0.02, 0.5, 1)]
    assert mean_difference(decode(animation(format_, *steps)).pixels, steps[3]) < 8


@pytest.mark.parametrize("format_", ["GIF", "PNG", "WEBP"])
def test_of_empty_frames_the_clearest_is_taken(format_: str) -> None:
    faint = Image.new("RGB", SIZE, (100, 100, 100))
    faint.paste((104, 104, 104), (0, 0, 100, 150))
    data = animation(format_, Image.new("RGB", SIZE, (100, 100, 100)), faint)
    levels = decode(data).pixels.convert("L").getextrema()
    assert isinstance(levels[0], int)
    assert levels[1] - levels[0] >= 2


def test_a_long_empty_animation_ends_at_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frames, "MAX_FRAMES", 5)
    shades = [Image.new("RGB", SIZE, (shade, shade, shade)) for shade in range(8)]
    picture = decode(animation("GIF", *shades, drawn(SIZE)))
    assert picture.pixels.convert("L").getextrema()[1] < 20
