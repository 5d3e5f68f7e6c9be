"""What each step does to a picture, and what it leaves alone."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter

from core.errors import UnknownName
from features.base import Picture
from features.imaging.preparation.steps import STEPS, apply_steps, validate_steps
from tests.support.pictures import clothing, plain


@pytest.fixture(scope="module")
def photo(shared_data: Path) -> Picture:
    return clothing(shared_data, 1)[0]


def lightness(image: Image.Image) -> np.ndarray:
    return np.asarray(image.convert("L"), np.float32)


def test_no_steps_leave_the_picture_as_it_is(photo: Picture) -> None:
    assert apply_steps(photo, ()) is photo


@pytest.mark.parametrize("name", STEPS)
def test_a_prepared_picture_is_no_file_and_keeps_its_shape(photo: Picture, name: str) -> None:
    before = photo.pixels.tobytes()
    after = apply_steps(photo, (name,))
    assert after.sha256 is None
    assert (after.width, after.height) == (photo.width, photo.height)
    assert after.pixels.width / after.pixels.height == pytest.approx(
        photo.width / photo.height, abs=0.02
    )
    assert after.pixels.mode == "RGB"
    assert photo.pixels.tobytes() == before


@pytest.mark.parametrize("name", STEPS)
def test_the_same_picture_comes_out_the_same(photo: Picture, name: str) -> None:
    first, second = (apply_steps(photo, (name,)).pixels.tobytes() for _ in range(2))
    assert first == second


@pytest.mark.parametrize("name", STEPS)
@pytest.mark.parametrize("size", [(1, 1), (400, 1), (3, 200), (30, 30)])
def test_odd_pictures_survive(name: str, size: tuple[int, int]) -> None:
    assert apply_steps(plain("red", size), (name,)).pixels.mode == "RGB"


def test_denoising_takes_noise_away() -> None:
    clean = Image.linear_gradient("L").convert("RGB")
    noise = np.random.default_rng(1).normal(0, 6, (256, 256, 3))
    noisy = Image.fromarray(np.clip(np.asarray(clean) + noise, 0, 255).astype(np.uint8))
    after = apply_steps(Picture(noisy, 256, 256), ("denoise",)).pixels
    error = [np.abs(lightness(image) - lightness(clean)).mean() for image in (noisy, after)]
    assert error[1] < 0.6 * error[0]


def test_contrast_brings_a_dull_picture_out(photo: Picture) -> None:
    dull = Image.blend(photo.pixels, Image.new("RGB", photo.pixels.size, "grey"), 0.8)
    after = apply_steps(Picture(dull, *dull.size), ("contrast",)).pixels
    assert lightness(after).std() > 1.3 * lightness(dull).std()


def test_background_goes_and_the_object_stays() -> None:
    ground = np.random.default_rng(1).integers(60, 120, (300, 300, 3), np.uint8)
    picture = Image.fromarray(ground).filter(ImageFilter.GaussianBlur(2))
    ImageDraw.Draw(picture).ellipse((90, 90, 210, 210), fill=(220, 30, 30))
    after = apply_steps(Picture(picture, 300, 300), ("background",)).pixels
    assert after.getpixel((150, 150)) == (220, 30, 30)
    assert after.getpixel((20, 20)) == (255, 255, 255)


def test_an_unknown_step_names_the_known_ones() -> None:
    with pytest.raises(UnknownName, match="background, contrast, denoise"):
        validate_steps(("sharpen",))


def test_steps_run_in_the_order_given(photo: Picture) -> None:
    one = apply_steps(photo, ("denoise", "contrast")).pixels.tobytes()
    other = apply_steps(photo, ("contrast", "denoise")).pixels.tobytes()
    assert one != other
