"""Edits that photograph a picture again: at an angle, in uneven light, off a screen."""

import random

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

MOST_ANGLE = 0.12
"""Most that a corner moves, as a share of the sides."""

DARKEST = 0.5
"""Light that is left at the darkest end."""


def angle(picture: Image.Image, roll: random.Random) -> Image.Image:
    """Photograph it at an angle: each corner moves inwards by up to 12 % of the sides."""
    width, height = picture.size
    most = roll.uniform(0.05, MOST_ANGLE)
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    inwards = np.array([(1, 1), (-1, 1), (-1, -1), (1, -1)], np.float32)
    moves = np.array([(roll.uniform(0, most), roll.uniform(0, most)) for _ in range(4)], np.float32)
    moved = corners + inwards * moves * np.array([width, height], np.float32)
    matrix = cv2.getPerspectiveTransform(corners, moved.astype(np.float32))
    desk = tuple(roll.randrange(256) for _ in range(3))
    pixels = np.asarray(picture.convert("RGB"))
    warped = cv2.warpPerspective(
        pixels, matrix, (width, height), flags=cv2.INTER_LINEAR, borderValue=desk
    )
    if roll.random() < 0.5:
        left, top = moved[[0, 3], 0].max(), moved[[0, 1], 1].max()
        right, bottom = moved[[1, 2], 0].min(), moved[[2, 3], 1].min()
        warped = warped[int(top) : int(bottom), int(left) : int(right)]
    return Image.fromarray(warped.astype(np.uint8))


def uneven_light(picture: Image.Image, roll: random.Random) -> Image.Image:
    """Light it from one side, from a lamp above it, or through its corners; down to a half."""
    width, height = picture.size
    across, down = np.meshgrid(
        np.linspace(-1, 1, width, dtype=np.float32), np.linspace(-1, 1, height, dtype=np.float32)
    )
    darkest = roll.uniform(DARKEST, 0.75)
    kind = roll.choice(("side", "lamp", "corners"))
    if kind == "side":
        turn = roll.uniform(0, 2 * np.pi)
        along = (np.cos(turn) * across + np.sin(turn) * down) / 2**0.5
        light = (1 + darkest) / 2 + (1 - darkest) / 2 * along
    else:
        x, y = (roll.uniform(-0.7, 0.7), roll.uniform(-0.7, 0.7)) if kind == "lamp" else (0.0, 0.0)
        away = np.sqrt((across - x) ** 2 + (down - y) ** 2)
        light = 1 - (1 - darkest) * (away / away.max()) ** roll.choice((1.0, 1.6))
    warm = np.array([1.0, roll.uniform(0.94, 1.0), roll.uniform(0.86, 1.0)], np.float32)
    return _saved(_pixels(picture) * light[..., None] * warm)


def screen_grain(picture: Image.Image, roll: random.Random) -> Image.Image:
    """Photograph it off a screen: a grid of pixels, bands of moiré, a little blur and glow."""
    width, height = picture.size
    pixels = cv2.GaussianBlur(_pixels(picture), (0, 0), roll.uniform(0.4, 0.9))
    pitch, turn = roll.uniform(2.2, 5.0), roll.uniform(-0.08, 0.08)
    across, down = np.meshgrid(
        np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32)
    )
    x = across * np.cos(turn) + down * np.sin(turn)
    y = down * np.cos(turn) - across * np.sin(turn)
    deep = roll.uniform(0.08, 0.25)
    phases = np.array([0, 2 * np.pi / 3, 4 * np.pi / 3], np.float32)
    columns = 1 - deep / 2 * (1 + np.cos(2 * np.pi * x[..., None] / pitch + phases))
    rows = 1 - deep / 2 * (1 + np.cos(2 * np.pi * y / pitch))[..., None]
    beat = roll.uniform(0.1, 0.4) * min(width, height)
    bands = 1 + roll.uniform(0.02, 0.07) * np.cos(2 * np.pi * (x + 0.3 * y) / beat)[..., None]
    glow = roll.uniform(0, 22)
    return _saved(pixels * columns * rows * bands * (1 + deep * 0.6) + glow)


def photograph_again(picture: Image.Image, roll: random.Random) -> Image.Image:
    """Photograph it off a screen, at an angle, in uneven light."""
    return uneven_light(angle(screen_grain(picture, roll), roll), roll)


def _pixels(picture: Image.Image) -> NDArray[np.float32]:
    return np.asarray(picture.convert("RGB"), np.float32)


def _saved(pixels: NDArray[np.float32]) -> Image.Image:
    return Image.fromarray(pixels.round().clip(0, 255).astype(np.uint8))
