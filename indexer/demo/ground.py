"""Coloured and patterned surroundings, for the picture of a product in use."""

import random

import numpy as np

from indexer.demo.outline import Array, rotate_axes
from indexer.demo.paint import coverage, paint_over, rgb, uniform_coat
from indexer.demo.palette import CHALK, OAK, WALNUT, Colour, colour_named, mix
from indexer.demo.pattern import colour
from indexer.demo.stage import play_light
from indexer.demo.surface import noise

TINTS = tuple(
    map(
        colour_named,
        ("Blush", "Sage", "Sky", "Mint", "Butter", "Lilac", "Coral", "Teal", "Mustard"),
    )
)
GROUNDS = ("gingham", "checkerboard", "terrazzo", "stripes", "lattice", "scallops", "windowpane")


def spread(roll: random.Random, size: tuple[int, int], avoid: Colour) -> Array:
    """Return a surface seen from above: cloth, tiles or boards, in a colour unlike `avoid`."""
    x, y = _places(size)
    u, v = rotate_axes(x, y, roll.uniform(-0.5, 0.5))
    return _lit(_surface(u, v, roll, avoid), roll, size)


def room(roll: random.Random, size: tuple[int, int], avoid: Colour, foot: float) -> Array:
    """Return a painted wall over a patterned floor that runs away from the camera.

    `foot` is how far down the frame the product stands, ±1; the wall begins above it.
    """
    x, y = _places(size)
    horizon = foot - roll.uniform(0.3, 0.5)
    far = 0.9 / np.maximum(y - horizon + 0.55, 0.05)
    u, v = rotate_axes(x * far * 1.1, -far * 1.9, roll.choice((0.0, 0.0, 0.785)))
    pixels = _surface(u, v + 9, roll, avoid)
    wall = _tint(roll, avoid)
    pixel = 2 / min(size)
    painted = paint_over(
        uniform_coat(wall, x), coverage(horizon - 0.07 - y, pixel), mix(wall, CHALK, 0.6)
    )
    pixels = paint_over(pixels, coverage(y - horizon, pixel), painted)
    pixels *= (1 - 0.25 * np.exp(-np.abs(y - horizon) / 0.03) * (y > horizon))[..., None]
    return _lit(pixels, roll, size)


def _places(size: tuple[int, int]) -> tuple[Array, Array]:
    """Return every pixel's x and y, the shorter side ±1."""
    width, height = size
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    return (x - width / 2) * (2 / min(size)), (y - height / 2) * (2 / min(size))


def _lit(pixels: Array, roll: random.Random, size: tuple[int, int]) -> Array:
    """Return a set with the light falling off to one side, and daylight playing on it."""
    x, y = _places(size)
    fall = np.hypot(x + roll.uniform(-0.8, 0.8), y + 0.6)
    pixels = pixels * (1.07 - 0.1 * fall + 0.012 * noise(x, y, 9, 40))[..., None]
    play_light(pixels, roll, size)
    return pixels


def _tint(roll: random.Random, avoid: Colour) -> Colour:
    """Return the one of three bright colours that is furthest from `avoid`."""
    return max(
        roll.sample(TINTS, 3), key=lambda tint: float(np.abs(np.subtract(tint, avoid)).sum())
    )


def _surface(u: Array, v: Array, roll: random.Random, avoid: Colour) -> Array:
    """Return boards or, more often, a pattern in four tones of one colour."""
    if roll.random() < 0.3:
        return _boards(u, v, roll)
    base = _tint(roll, avoid)
    tones = (base, mix(base, CHALK, 0.5), mix(base, CHALK, 0.25), mix(base, WALNUT, 0.25))
    table = np.array([roll.random() for _ in range(64)], np.float32)
    return colour(roll.choice(GROUNDS), u / 1.3 + 7, v / 1.3 + 7, 0.004, tones, table)


def _boards(u: Array, v: Array, roll: random.Random) -> Array:
    """Return planks: each its own tone, with grain along it and a dark joint between."""
    pitch = roll.uniform(0.3, 0.5)
    row = np.floor(v / pitch)
    seed = roll.randrange(1000)
    tone = noise(row * 3.7, row * 0 + 1.3, seed, 16) * 0.05
    line = noise(u * 0.12 + row * 2.3, v, seed, 150) * 0.035
    knot = noise(u * 0.3 + row, v + 0.06 * np.sin(u * 3 + row), seed + 1, 40) * 0.05
    away = np.abs(v / pitch - row - 0.5)
    joint = np.clip((away - 0.488) / 0.008, 0, 1) * 0.35
    wood = mix(OAK, roll.choice((CHALK, WALNUT, OAK)), roll.uniform(0.35, 0.75))
    return rgb(wood) * (1 + tone + line + knot - joint)[..., None]
