"""Repeating patterns: masks over object coordinates, coloured by whoever prints them.

A pattern maps (u, v, pixel, table) to layers of (mask 0 to 1, colour index 1 to 3), laid over
colour 0 in order. One unit of u and v is about half a product; `pixel` is a pixel's size in the
same units, for smooth edges; `table` holds 64 random numbers that make a design its own.
"""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from indexer.demo.outline import Array
from indexer.demo.paint import coverage
from indexer.demo.palette import Colour

Layers: TypeAlias = list[tuple[Array, int]]
Pattern: TypeAlias = Callable[[Array, Array, float, Array], Layers]

CHUNK = 16384
"""Points painted at a time: few enough that a pattern's planes stay in the processor's cache."""

PATTERNS: dict[str, Pattern] = {}


def pattern(draw: Pattern) -> Pattern:
    """Register a pattern under its function's name."""
    PATTERNS[draw.__name__] = draw
    return draw


def colour(
    name: str, u: Array, v: Array, pixel: float, colours: tuple[Colour, ...], table: Array
) -> Array:
    """Return the pattern called `name` in four colours, shape (rows, columns, 3)."""
    u, v = np.broadcast_arrays(u, v)
    inks = np.asarray(colours, np.float32)
    painted = np.empty((u.size, 3), np.float32)
    flat_u, flat_v = (np.asarray(t, np.float32).ravel() for t in (u, v))
    for start in range(0, u.size if name != "plain" else 0, CHUNK):
        part = slice(start, start + CHUNK)
        here = flat_u[part]
        # Shares of the four colours are blended first and painted once: half the arithmetic.
        shares = np.zeros((4, here.size), np.float32)
        shares[0] = 1
        for mask, index in PATTERNS[name](here, flat_v[part], pixel, table):
            shares *= np.float32(1) - mask
            shares[index] += mask
        np.matmul(shares.T, inks, out=painted[part])
    if name == "plain":
        painted[:] = inks[0]
    return painted.reshape(*u.shape, 3)


def wave(t: Array) -> Array:
    """Return a triangle wave of period 1 between 0 (at whole numbers) and 0.5."""
    return np.abs(t - np.round(t))


def cell(t: Array, size: float) -> tuple[Array, Array]:
    """Return the number of the cell each `t` is in, and its place there, ±size/2."""
    number = np.floor(t / size)
    return number.astype(np.int32), t - (number + 0.5) * size


def pick(table: Array, i: Array, j: Array, salt: int) -> Array:
    """Return one of the table's random numbers, 0 to 1, for each cell."""
    return np.asarray(table[(i * 7 + j * 19 + (i * j >> 1 & 15) + salt * 5) & 63])


@pattern
def stripes(u: Array, v: Array, pixel: float, table: Array) -> Layers:
    size = 0.14 + 0.16 * table[0]
    first = coverage((wave(v / size) - 0.25 * (0.5 + table[1])) * size, pixel)
    second = coverage((wave(v / size + 0.5) - 0.03 - 0.06 * table[2]) * size, pixel)
    return [(first, 1), (second, 2)]


@pattern
def pinstripe(u: Array, v: Array, pixel: float, table: Array) -> Layers:
    size = 0.09 + 0.07 * table[0]
    thin = coverage((wave(u / size) - 0.09) * size, pixel)
    return [(thin, 1), (thin * (np.round(u / size) % 4 == 0), 3)]


@pattern
def diagonal(u: Array, v: Array, pixel: float, table: Array) -> Layers:
    size = 0.18 + 0.15 * table[0]
    t = (u + v * (1 if table[1] < 0.5 else -1)) * 0.707
    return [
        (coverage((wave(t / size) - 0.2) * size, pixel), 1),
        (coverage((wave(t / size + 0.5) - 0.05) * size, pixel), 3),
    ]


@pattern
def gingham(u: Array, v: Array, pixel: float, table: Array) -> Layers:
    size = 0.15 + 0.12 * table[0]
    across = coverage((wave(u / size) - 0.25) * size, pixel)
    down = coverage((wave(v / size) - 0.25) * size, pixel)
    return [((across + down) * 0.5, 1)]


@pattern
def tartan(u: Array, v: Array, pixel: float, table: Array) -> Layers:
    size = 0.42 + 0.2 * table[0]
    layers: Layers = []
    for share, place, index in ((0.17, 0.0, 1), (0.06, 0.5, 2), (0.018, 0.27, 3), (0.03, 0.7, 1)):
        for t in (u, v):
            band = coverage((wave(t / size + place + 0.1 * table[index]) - share) * size, pixel)
            layers.append((band * 0.55, index))
    return layers


@pattern
def windowpane(u: Array, v: Array, pixel: float, table: Array) -> Layers:
    size = 0.2 + 0.14 * table[0]
    line = 0.05 + 0.03 * table[1]
    across = coverage((wave(u / size) - line) * size, pixel)
    down = coverage((wave(v / size) - line) * size, pixel)
    cross = coverage((np.maximum(wave(u / size), wave(v / size)) - line) * size, pixel)
    return [(np.maximum(across, down), 1), (cross, 2)]


@pattern
def checkerboard(u: Array, v: Array, pixel: float, table: Array) -> Layers:
    size = 0.13 + 0.12 * table[0]
    i, x = cell(u, size)
    j, y = cell(v, size)
    edge = coverage(np.maximum(np.abs(x), np.abs(y)) - size / 2, pixel)
    rare = pick(table, i, j, 3) < 0.22
    odd = (i + j) % 2 == 1
    return [(edge * odd, 1), (edge * (odd & rare), 2 if table[1] < 0.5 else 3)]


@pattern
def zigzag(u: Array, v: Array, pixel: float, table: Array) -> Layers:
    size, steep = 0.16 + 0.1 * table[0], 0.5 + 0.5 * table[1]
    t = v + steep * wave(u / size) * size
    layers: Layers = [(coverage((wave(t / size) - 0.24) * size * 0.8, pixel), 1)]
    return [*layers, (coverage((wave(t / size / 3) - 0.075) * size * 3, pixel), 2)]


@pattern
def ripples(u: Array, v: Array, pixel: float, table: Array) -> Layers:
    size = 0.13 + 0.09 * table[0]
    t = v + (0.03 + 0.03 * table[1]) * np.sin(u * (9 + 9 * table[2]))
    return [
        (coverage((wave(t / size) - 0.22) * size, pixel), 1),
        (coverage((wave(t / size / 4 + 0.4) - 0.05) * size * 4, pixel), 3),
    ]


@pattern
def herringbone(u: Array, v: Array, pixel: float, table: Array) -> Layers:
    size = 0.12 + 0.07 * table[0]
    i, x = cell(u, size)
    t = v + np.where(i % 2 == 0, x, -x)
    pitch = size * 0.42
    return [
        (coverage((wave(t / pitch) - 0.22) * pitch * 0.7, pixel), 1),
        (coverage(np.abs(np.abs(x) - size / 2) - size * 0.02, pixel), 2),
    ]


@pattern
def lattice(u: Array, v: Array, pixel: float, table: Array) -> Layers:
    size = 0.26 + 0.14 * table[0]
    a, b = (u + v * 0.7) / size, (u - v * 0.7) / size
    i, j = np.floor(a).astype(np.int32), np.floor(b).astype(np.int32)
    whole = np.ones_like(u)
    line = coverage((np.minimum(wave(a + 0.5), wave(b + 0.5)) - 0.025) * size * 0.6, pixel)
    return [
        (whole * ((i + j) % 2 == 0), 1),
        (whole * ((i + 2 * j) % 4 == 1), 2),
        (line, 3),
    ]
