"""Edits that change light and colour and leave every pixel in its place."""

import io
import random

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageEnhance, ImageFilter, ImageOps

Pixels = NDArray[np.float64]


def exposure(picture: Image.Image, roll: random.Random) -> Image.Image:
    """Make it lighter or darker: multiply every level by 0.5 to 1.7, clipped at white."""
    return ImageEnhance.Brightness(picture).enhance(roll.uniform(0.5, 1.7))


def contrast(picture: Image.Image, roll: random.Random) -> Image.Image:
    """Change the contrast about the mean level, 0.4 to 1.8 times, clipped at black and white."""
    return ImageEnhance.Contrast(picture).enhance(roll.uniform(0.4, 1.8))


def cast(picture: Image.Image, roll: random.Random) -> Image.Image:
    """Tint it: multiply each channel by its own gain, 0.7 to 1.35."""
    return _saved(_pixels(picture) * [roll.uniform(0.7, 1.35) for _ in range(3)])


def sepia(picture: Image.Image, roll: random.Random) -> Image.Image:
    """Blend towards sepia, 60 to 100 %."""
    toned = ImageOps.colorize(ImageOps.grayscale(picture), (38, 22, 8), (255, 242, 214))
    return Image.blend(picture, toned, roll.uniform(0.6, 1))


def vignette(picture: Image.Image, roll: random.Random) -> Image.Image:
    """Darken towards the corners, to 35 to 70 % there."""
    width, height = picture.size
    across, down = np.linspace(-1, 1, width), np.linspace(-1, 1, height)
    distance = (across[None, :] ** 2 + down[:, None] ** 2) / 2
    return _saved(_pixels(picture) * (1 - (1 - roll.uniform(0.35, 0.7)) * distance)[..., None])


def gamma(picture: Image.Image, roll: random.Random) -> Image.Image:
    """Apply a gamma of 0.55 to 0.8, or its inverse."""
    bend = roll.uniform(0.55, 0.8)
    power = bend if roll.random() < 0.5 else 1 / bend
    return _saved(255 * (_pixels(picture) / 255) ** power)


def saturation(picture: Image.Image, roll: random.Random) -> Image.Image:
    """Lower or raise the colour saturation."""
    strength = roll.choice((roll.uniform(0.1, 0.6), roll.uniform(1.4, 2)))
    return ImageEnhance.Color(picture).enhance(strength)


def haze(picture: Image.Image, roll: random.Random) -> Image.Image:
    """Blend with a light or dark colour, as filters of social networks do."""
    veil = Image.new("RGB", picture.size, roll.choice(("white", "black", "#f2e3cf", "#27344d")))
    return Image.blend(picture, veil, roll.uniform(0.15, 0.4))


def sharpen(picture: Image.Image, roll: random.Random) -> Image.Image:
    """Sharpen more than looks natural."""
    strength = round(roll.uniform(120, 350))
    return picture.filter(ImageFilter.UnsharpMask(roll.uniform(1, 2.5), strength, 2))


def blur(picture: Image.Image, roll: random.Random) -> Image.Image:
    """Blur it by 0.3 to 0.9 % of the shorter side."""
    return picture.filter(ImageFilter.GaussianBlur(min(picture.size) * roll.uniform(0.003, 0.009)))


def noise(picture: Image.Image, roll: random.Random) -> Image.Image:
    """Add noise of 5 to 60 grey levels, coloured or grey; as often below 17 as above."""
    chance = np.random.default_rng(roll.getrandbits(32))
    channels = roll.choice((1, 3))
    shape = (picture.height, picture.width, channels)
    strength = 5 * 12 ** roll.random()
    return _saved(_pixels(picture) + chance.normal(0, strength, shape))


def squeeze(picture: Image.Image, roll: random.Random) -> Image.Image:
    """Save it as a JPEG of quality 4 to 40, as messengers and old shops do."""
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=roll.randint(4, 40))
    return Image.open(file).convert("RGB")


def _pixels(picture: Image.Image) -> Pixels:
    return np.asarray(picture, np.float64)


def _saved(pixels: Pixels) -> Image.Image:
    return Image.fromarray(pixels.round().clip(0, 255).astype(np.uint8))
