"""Real pictures from the shared data, and what happens to pictures on their way round the web."""

import hashlib
from pathlib import Path

from PIL import Image

from features.base import Picture


def load(path: Path) -> Picture:
    """Return a picture upright in RGB, transparency over white."""
    with Image.open(path) as opened:
        drawn = opened.convert("RGBA")
    ground = Image.new("RGBA", drawn.size, "white")
    pixels = Image.alpha_composite(ground, drawn).convert("RGB")
    return Picture(pixels, *pixels.size, hashlib.sha256(path.read_bytes()).hexdigest())


def clothing(shared_data: Path, count: int) -> list[Picture]:
    """Return that many pictures, spread over the classes."""
    paths = sorted((shared_data / "clothing" / "images").glob("*/*.jpg"))
    return [load(path) for path in paths[:: len(paths) // count][:count]]


def plain(colour: str, size: tuple[int, int] = (200, 150)) -> Picture:
    return Picture(Image.new("RGB", size, colour), *size)


def resized(picture: Picture, share: float = 0.5) -> Picture:
    across, down = picture.pixels.size
    size = (max(1, round(across * share)), max(1, round(down * share)))
    return Picture(picture.pixels.resize(size, Image.Resampling.LANCZOS), *size)


def cropped(picture: Picture, share: float = 0.1) -> Picture:
    """Cut `share` of the width and height away, half on each side."""
    across, down = picture.pixels.size
    left, top = round(across * share / 2), round(down * share / 2)
    pixels = picture.pixels.crop((left, top, across - left, down - top))
    return Picture(pixels, *pixels.size)
