"""Draws what things lie on or stand before: paper, light that fades, cloth, wood, a room, tiles."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

GROUNDS = ("plain", "gradient", "cloth", "wood", "room", "tiles")

Levels = NDArray[np.floating[Any]]


def draw_ground(kind: str, size: tuple[int, int], rng: np.random.Generator) -> Image.Image:
    """Return a ground of one of GROUNDS, `size` is its width and height."""
    width, height = size
    colour = _colour(rng)
    across, down = np.meshgrid(
        np.linspace(0, 1, width, dtype=np.float32), np.linspace(0, 1, height, dtype=np.float32)
    )
    levels: Levels = np.tile(colour, (height, width, 1))
    if kind == "gradient":
        angle = rng.uniform(0, 2 * np.pi)
        share = np.clip(0.5 + (across - 0.5) * np.cos(angle) + (down - 0.5) * np.sin(angle), 0, 1)
        levels = _between(colour, _colour(rng), share)
    elif kind == "cloth":
        levels = levels + _noise((height, width), 2, rng)[..., None] * np.float32(14)
        levels = levels + 5 * np.sin(across * width * 0.9)[..., None]
    elif kind == "wood":
        bend = _noise((height, width), 60, rng) * 0.4
        grain = np.sin((down * rng.uniform(14, 30) + bend) * 2 * np.pi)
        levels = _between(colour, colour * np.float32(0.8), 0.5 + 0.5 * grain)
        levels = levels + _noise((height, width), 3, rng)[..., None] * np.float32(4)
    elif kind == "room":
        floor = down > rng.uniform(0.55, 0.75)
        levels = np.where(floor[..., None], _colour(rng), colour).astype(np.float32)
        levels = levels * (0.85 + 0.3 * (1 - np.abs(across - rng.uniform(0.2, 0.8))))[..., None]
    elif kind == "tiles":
        step = int(rng.integers(90, 180))
        rows, columns = np.indices((height, width))
        joints = (rows % step < 4) | (columns % step < 4)
        levels = np.where(joints[..., None], colour * np.float32(0.82), levels).astype(np.float32)
    levels = levels + rng.normal(0, 2, (height, width, 1)).astype(np.float32)
    return Image.fromarray(np.clip(levels, 0, 255).astype(np.uint8))


def _colour(rng: np.random.Generator) -> Levels:
    """Return a colour that rooms and tables have: rather light, not too strong."""
    light = rng.uniform(120, 245)
    tint = rng.uniform(-28, 28, 3)
    return np.asarray(np.clip(light + tint - tint.mean(), 0, 255), np.float32)


def _between(first: Levels, last: Levels, share: Levels) -> Levels:
    mixed: Levels = first + (last - first) * share[..., None]
    return mixed.astype(np.float32)


def _noise(shape: tuple[int, int], grain: int, rng: np.random.Generator) -> Levels:
    """Return noise of mean 0 and about -1 to 1, whose specks are `grain` pixels large."""
    small = rng.uniform(0, 255, (shape[0] // grain + 2, shape[1] // grain + 2)).astype(np.uint8)
    large = Image.fromarray(small).resize((shape[1], shape[0]), Image.Resampling.BICUBIC)
    smooth = large.filter(ImageFilter.GaussianBlur(grain / 3))
    return np.asarray(smooth, np.float32) / 127.5 - 1
