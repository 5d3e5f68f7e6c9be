"""Pale studio sets, and the light that falls on any set."""

import random

import cv2
import numpy as np

from indexer.demo.outline import Array, ellipse, rounded_rectangle, smooth, transform
from indexer.demo.paint import coverage, paint_over, rgb
from indexer.demo.palette import Colour, colour_named, mix
from indexer.demo.surface import noise, soften

PALE = (
    (0.965, 0.95, 0.925),
    (0.94, 0.945, 0.945),
    (0.97, 0.93, 0.90),
    (0.92, 0.945, 0.925),
    (0.945, 0.93, 0.955),
    (0.98, 0.965, 0.93),
    (0.955, 0.915, 0.87),
    (0.91, 0.935, 0.955),
)


def fill(paths: list[Array], size: tuple[int, int], blur: float = 0.0) -> Array:
    """Return a mask (rows, columns) of paths given in shares of the frame, ±1 from its centre.

    `blur` is in the same units.
    """
    width, height = size
    mask = np.zeros((height, width), np.uint8)
    for path in paths:
        fixed = np.round((path + 1) * (width * 8, height * 8)).astype(np.int32)
        cv2.fillPoly(mask, [fixed], 255, cv2.LINE_AA, 4)
    return soften(mask.astype(np.float32) / 255, blur * min(size) / 2)


def window(roll: random.Random, size: tuple[int, int]) -> Array:
    """Return where the sun falls through a paned window: 1 lit, 0 in shade."""
    lean, x, y = roll.uniform(-0.55, 0.55), roll.uniform(-0.5, 0.5), roll.uniform(-0.4, 0.3)
    columns, rows = roll.choice((2, 3)), roll.choice((2, 3, 4))
    across, down = roll.uniform(0.38, 0.6), roll.uniform(0.34, 0.55)
    panes = []
    for i in range(columns):
        for j in range(rows):
            left, top = (i - columns / 2) * across, (j - rows / 2) * down
            pane = np.array([(0, 0), (0.88, 0), (0.88, 0.9), (0, 0.9)]) * (across, down)
            pane = transform(pane, left, top)
            pane[:, 0] += lean * pane[:, 1]
            pane[:, 1] += 0.25 * lean * pane[:, 0]
            panes.append(transform(pane, x, y))
    return fill(panes, size, roll.uniform(0.02, 0.045))


def foliage(roll: random.Random, size: tuple[int, int]) -> Array:
    """Return the shadow of a branch that hangs into the light: 1 in shade."""
    leaves = []
    side = roll.choice((-1, 1))
    for _ in range(roll.choice((2, 3))):
        x, y, aim = side * roll.uniform(0.5, 1.2), -roll.uniform(0.1, 1.1), roll.uniform(-0.5, 0.7)
        count, length = roll.choice((5, 7, 9)), roll.uniform(0.9, 1.5)
        for k in range(count):
            along = length * k / count
            for hand in (-1, 1):
                turn = aim + hand * 0.75
                long, wide = 0.3 * length * (1 - 0.5 * k / count), 0.06 * length
                leaf = smooth([(0, 0), (long / 2, -wide), (long, 0), (long / 2, wide)])
                leaf = transform(leaf, along * np.cos(aim), along * np.sin(aim), turn)
                leaves.append(leaf * (-side, 1) + (x, y))
    return fill(leaves, size, roll.uniform(0.025, 0.055))


def studio(roll: random.Random, size: tuple[int, int], surface: str) -> Array:
    """Return a pale set: a "floor" before a wall, a bare "wall", or a "table" seen from above."""
    width, height = size
    wall = roll.choice(PALE)
    floor = mix(wall, roll.choice(PALE), 0.7)
    pixels = np.empty((height, width, 3), np.float32)
    pixels[:] = wall
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    x, y = x * (2 / width) - 1, y * (2 / height) - 1
    if surface == "floor":
        _furnish(pixels, roll, wall, floor, y)
    elif surface == "wall":
        _panel(pixels, roll, wall)
    else:
        _lay_out(pixels, roll, wall)
    lamp_x, lamp_y = roll.uniform(-0.9, 0.9), roll.uniform(-0.9, -0.1)
    fall = np.hypot(x - lamp_x, y - lamp_y)
    grain = 0.006 * noise(x, y, roll.randrange(1000), 100) + 0.012 * noise(x, y, 3, 30)
    pixels *= (1.105 - roll.uniform(0.05, 0.11) * fall + grain)[..., None]
    play_light(pixels, roll, size)
    return pixels


def _furnish(pixels: Array, roll: random.Random, wall: Colour, floor: Colour, y: Array) -> None:
    """Paint a floor, and one piece of scenery behind it, in tones near the wall's."""
    height, width = pixels.shape[:2]
    tone = mix(
        wall, colour_named(roll.choice(("Sand", "Blush", "Sage", "Sky", "Stone", "Lilac"))), 0.45
    )
    scenery = roll.choice(("sweep", "arch", "disc", "panel", "slats", "arch", "niche"))
    x0 = roll.uniform(-0.35, 0.35)
    paths: list[Array] = []
    if scenery in ("arch", "niche"):
        wide, top = roll.uniform(0.45, 0.75), roll.uniform(-0.85, -0.55)
        paths = [
            np.vstack([ellipse(x0, top + wide, wide, wide)[36:], [(x0 + wide, 2), (x0 - wide, 2)]])
        ]
    elif scenery == "disc":
        radius = roll.uniform(0.45, 0.75)
        paths = [ellipse(x0, roll.uniform(-0.35, 0.1), radius, radius)]
    elif scenery == "panel":
        edge, lean = roll.uniform(-0.5, 0.5), roll.uniform(-0.2, 0.2)
        paths = [np.array([(edge - lean, -2), (edge + lean, 2), (2, 2), (2, -2)])]
    elif scenery == "slats":
        pitch = roll.uniform(0.1, 0.2)
        paths = [rounded_rectangle(k * pitch, 0, pitch * 0.5, 4, 0.01) for k in range(-11, 12)]
        tone = mix(wall, tone, 0.5)
    if paths:
        mask = fill(paths, (width, height))
        inner = soften(mask, 0.022 * width) if scenery == "niche" else mask
        pixels[:] = paint_over(pixels, mask, tone)
        pixels *= 1 - 0.18 * (mask * (1 - inner))[..., None]
    horizon = roll.uniform(0.18, 0.42)
    hard = roll.choice((0.004, 0.02, 0.16)) if scenery != "sweep" else 0.25
    ground = coverage(horizon - y, hard)
    ground = ground * ground * (3 - 2 * ground)
    near = 0.94 + 0.1 * np.clip((y - horizon) / (1 - horizon), 0, 1)
    pixels[:] = paint_over(pixels, ground, rgb(floor) * near[..., None])
    pixels *= (1 - 0.07 * np.exp(-np.abs(y - horizon) / 0.06))[..., None]


def _panel(pixels: Array, roll: random.Random, wall: Colour) -> None:
    """Paint the lower or one side of a wall in a second tone, under a thin rail."""
    height, width = pixels.shape[:2]
    tone = mix(
        wall, colour_named(roll.choice(("Sage", "Blush", "Sky", "Sand", "Oat", "Mint"))), 0.5
    )
    style, edge = roll.choice(("dado", "side", "plain", "dado")), roll.uniform(-0.1, 0.6)
    if style == "plain":
        return
    path = np.array([(-2, edge), (2, edge), (2, 2), (-2, 2)])
    mask = fill([path if style == "dado" else path[:, ::-1]], (width, height))
    pixels[:] = paint_over(pixels, mask, tone)
    rail = np.array([(-2, edge - 0.03), (2, edge - 0.03), (2, edge), (-2, edge)])
    if style == "dado":
        pixels *= 1 - 0.1 * fill([transform(rail, 0, 0.03)], (width, height), 0.012)[..., None]
        pixels[:] = paint_over(pixels, fill([rail], (width, height)), wall)


def _lay_out(pixels: Array, roll: random.Random, wall: Colour) -> None:
    """Paint sheets of tinted paper, each with a thin shadow, across a table top."""
    height, width = pixels.shape[:2]
    for _ in range(roll.choice((0, 1, 2, 2))):
        tint = roll.choice(("Sand", "Blush", "Sage", "Sky", "Stone", "Oat", "Chalk", "Lilac"))
        turn = roll.uniform(-0.6, 0.6)
        sheet = transform(rounded_rectangle(0, 0, 2.2, 2.2, 0.01), 0, 0, turn)
        aim, away = roll.uniform(0, 6.28), roll.uniform(0.9, 1.5)
        sheet = transform(sheet, away * np.cos(aim), away * np.sin(aim))
        shade = fill([transform(sheet, 0.015, 0.02)], (width, height), 0.024)
        pixels *= 1 - 0.16 * shade[..., None]
        mask = fill([sheet], (width, height))
        pixels[:] = paint_over(pixels, mask, mix(wall, colour_named(tint), 0.42))


def play_light(pixels: Array, roll: random.Random, size: tuple[int, int]) -> None:
    """Let the light in through a window or past a plant, or leave it even."""
    play = roll.choice(("window", "window", "leaves", "leaves", "even"))
    if play == "window":
        lit = window(roll, size)[..., None]
        pixels *= (0.87 + 0.17 * lit) * (1, 1, 1) + (1 - lit) * (0.0, 0.0, 0.012)
    elif play == "leaves":
        shade = foliage(roll, size)[..., None]
        pixels *= 1 - roll.uniform(0.13, 0.22) * shade * (1, 0.96, 0.85)


def close_up(roll: random.Random, size: tuple[int, int]) -> Array:
    """Return an even, slightly deeper backdrop for details."""
    width, height = size
    tone = mix(
        roll.choice(PALE), colour_named(roll.choice(("Stone", "Sand", "Sky", "Blush"))), 0.35
    )
    y = np.linspace(-1, 1, height, dtype=np.float32)[:, None, None]
    x = np.linspace(-1, 1, width, dtype=np.float32)[None, :, None]
    fall = np.hypot(x - roll.uniform(-1, 1), y + 0.8)
    return np.asarray(rgb(tone) * (1.05 - 0.12 * fall))
