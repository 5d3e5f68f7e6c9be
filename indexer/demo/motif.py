"""Patterns made of motifs: one small drawing per cell, each a little different."""

import numpy as np

from indexer.demo.outline import Array
from indexer.demo.paint import coverage
from indexer.demo.pattern import PATTERNS, Layers, cell, pattern, pick

__all__ = ["PATTERNS"]


def _offset_cells(u: Array, v: Array, size: float) -> tuple[Array, Array, Array, Array]:
    """Return cell numbers and places in rows shifted by half a cell, as bricks are."""
    j, y = cell(v, size)
    i, x = cell(u + (j % 2) * (size / 2), size)
    return i, j, x, y


@pattern
def dots(u: Array, v: Array, pixel: float, table: Array) -> Layers:
    size = 0.15 + 0.12 * table[0]
    i, j, x, y = _offset_cells(u, v, size)
    radius = size * (0.22 + 0.14 * table[1])
    dot = coverage(np.hypot(x, y) - radius, pixel)
    return [
        (dot, 1),
        (dot * (pick(table, i, j, 1) < 0.3), 2),
        (dot * (pick(table, i, j, 2) < 0.15), 3),
    ]


@pattern
def rings(u: Array, v: Array, pixel: float, table: Array) -> Layers:
    size = 0.24 + 0.14 * table[0]
    i, j, x, y = _offset_cells(u, v, size)
    away = np.hypot(x, y)
    disc = coverage(away - size * 0.44, pixel)
    return [
        (disc, 1),
        (coverage(away - size * 0.3, pixel), 0 if table[1] < 0.5 else 2),
        (coverage(away - size * 0.15, pixel), 3),
        (disc * (pick(table, i, j, 4) < 0.16), 2),
    ]


@pattern
def scallops(u: Array, v: Array, pixel: float, table: Array) -> Layers:
    size = 0.2 + 0.1 * table[0]
    layers: Layers = []
    # Each row lies over the one above it, so rows are laid from the top; three reach any point.
    row = np.floor(v / (size / 2))
    for back in (1, 0):
        j = (row - back).astype(np.int32)
        shifted = u + (j % 2) * (size / 2)
        _, x = cell(shifted, size)
        away = np.hypot(x, v - j * (size / 2))
        for radius, index in ((0.5, 1), (0.41, 0), (0.3, 2), (0.2, 0), (0.1, 3)):
            layers.append((coverage(away - radius * size, pixel), index))
    return layers


@pattern
def half_moons(u: Array, v: Array, pixel: float, table: Array) -> Layers:
    size = 0.24 + 0.14 * table[0]
    (i, x), (j, y) = cell(u, size), cell(v, size)
    turn = np.floor(pick(table, i, j, 2) * 4)
    side = np.choose(turn.astype(np.int32), [x, -x, y, -y])
    moon = coverage(np.maximum(np.hypot(x, y) - size * 0.42, side), pixel)
    index = pick(table, i, j, 7)
    return [(moon, 1), (moon * (index < 0.35), 2), (moon * (index > 0.75), 3)]


@pattern
def triangles(u: Array, v: Array, pixel: float, table: Array) -> Layers:
    size = 0.2 + 0.12 * table[0]
    (i, x), (j, y) = cell(u, size), cell(v, size)
    corner = np.where(pick(table, i, j, 1) < 0.5, x + y, x - y)
    half = coverage(np.where(pick(table, i, j, 2) < 0.5, corner, -corner) * 0.707, pixel)
    index = pick(table, i, j, 5)
    return [(half, 1), (half * (index < 0.33), 2), (half * (index > 0.8), 3)]


@pattern
def terrazzo(u: Array, v: Array, pixel: float, table: Array) -> Layers:
    layers: Layers = []
    for salt, size in ((1, 0.3), (2, 0.19), (3, 0.11)):
        scale = size * (0.8 + 0.4 * table[salt])
        (i, x), (j, y) = cell(u + salt * 0.37, scale), cell(v + salt * 0.21, scale)
        x = x - (pick(table, i, j, salt) - 0.5) * scale * 0.4
        y = y - (pick(table, i, j, salt + 9) - 0.5) * scale * 0.4
        turn = pick(table, i, j, salt + 4) * 6.3
        a, b = x * np.cos(turn) + y * np.sin(turn), y * np.cos(turn) - x * np.sin(turn)
        chip = np.maximum(np.abs(a) * 1.3, np.abs(b) + 0.5 * np.abs(a)) - scale * 0.24
        present = pick(table, i, j, salt + 6) > 0.2
        index = pick(table, i, j, salt + 2)
        mask = coverage(chip, pixel) * present
        layers += [(mask, 1), (mask * (index < 0.35), 2), (mask * (index > 0.7), 3)]
    return layers


@pattern
def floral(u: Array, v: Array, pixel: float, table: Array) -> Layers:
    size = 0.3 + 0.14 * table[0]
    i, j, x, y = _offset_cells(u, v, size)
    x = x - (pick(table, i, j, 1) - 0.5) * size * 0.25
    y = y - (pick(table, i, j, 2) - 0.5) * size * 0.25
    away, angle = np.hypot(x, y), np.arctan2(y, x) + pick(table, i, j, 3) * 6.3
    petals = 5 + int(table[5] * 3)
    radius = size * (0.24 + 0.09 * np.abs(np.cos(angle * petals / 2)) * (1.2 + table[6]))
    flower = coverage(away - radius, pixel)
    leaf = coverage(np.abs(away - size * 0.42) - size * 0.07 * np.cos(angle * 2), pixel)
    leaf = leaf * (np.cos(angle * 2) > 0)
    return [
        (leaf, 3),
        (flower, 1),
        (flower * (pick(table, i, j, 8) < 0.35), 2),
        (coverage(away - size * 0.09, pixel), 0),
    ]


@pattern
def sprigs(u: Array, v: Array, pixel: float, table: Array) -> Layers:
    size = 0.3 + 0.14 * table[0]
    i, j, x, y = _offset_cells(u, v, size)
    turn = (pick(table, i, j, 3) - 0.5) * 1.6
    a, b = x * np.cos(turn) + y * np.sin(turn), y * np.cos(turn) - x * np.sin(turn)
    stem = coverage(np.maximum(np.abs(a) - size * 0.02, np.abs(b) - size * 0.4), pixel)
    pitch = size * 0.2
    t = b - np.abs(a) * 0.9
    along = t - np.round(t / pitch) * pitch
    length = size * (0.36 - 0.35 * np.abs(b) / size)
    leaf = coverage(np.maximum(np.abs(along) - pitch * 0.27, np.abs(a) - length), pixel)
    leaf = leaf * (np.abs(b) < size * 0.42)
    return [(leaf, 1), (leaf * (pick(table, i, j, 5) < 0.3), 2), (stem, 3)]


@pattern
def dashes(u: Array, v: Array, pixel: float, table: Array) -> Layers:
    size = 0.13 + 0.08 * table[0]
    i, j, x, y = _offset_cells(u, v, size)
    turn = pick(table, i, j, 2) * (0.6 + 2.5 * (table[1] > 0.5))
    a, b = x * np.cos(turn) + y * np.sin(turn), y * np.cos(turn) - x * np.sin(turn)
    dash = coverage(np.hypot(np.maximum(np.abs(a) - size * 0.26, 0), b) - size * 0.1, pixel)
    index = pick(table, i, j, 6)
    return [(dash, 1), (dash * (index < 0.3), 2), (dash * (index > 0.72), 3)]


@pattern
def crosses(u: Array, v: Array, pixel: float, table: Array) -> Layers:
    size = 0.17 + 0.12 * table[0]
    i, j, x, y = _offset_cells(u, v, size)
    a, b = np.abs(x), np.abs(y)
    arm = np.minimum(
        np.maximum(a - size * 0.3, b - size * 0.09), np.maximum(b - size * 0.3, a - size * 0.09)
    )
    cross = coverage(arm, pixel)
    return [(cross, 1), (cross * ((i + j) % 3 == 0), 3)]


@pattern
def speckle(u: Array, v: Array, pixel: float, table: Array) -> Layers:
    layers: Layers = []
    for salt, size in ((1, 0.07), (2, 0.041), (3, 0.023)):
        (i, x), (j, y) = cell(u + salt, size), cell(v + salt, size)
        x = x - (pick(table, i, j, salt) - 0.5) * size * 0.6
        y = y - (pick(table, i, j, salt + 3) - 0.5) * size * 0.6
        radius = size * 0.24 * pick(table, i, j, salt + 5)
        layers.append((coverage(np.hypot(x, y) - radius, pixel) * 0.8, 1 if salt == 1 else 2))
    return layers


@pattern
def cutouts(u: Array, v: Array, pixel: float, table: Array) -> Layers:
    """Big, soft, wavy shapes in the manner of cut paper."""
    layers: Layers = []
    for salt in range(3):
        size = 0.42 + 0.16 * table[salt]
        (i, x), (j, y) = cell(u + salt * 0.3, size), cell(v - salt * 0.23, size)
        x = x - (pick(table, i, j, salt) - 0.5) * size * 0.3
        y = y - (pick(table, i, j, salt + 3) - 0.5) * size * 0.3
        away, angle = np.hypot(x, y), np.arctan2(y, x) + pick(table, i, j, salt + 7) * 6
        lobes = 2 + salt + int(3 * table[salt + 9])
        radius = size * (0.22 + 0.075 * np.cos(angle * lobes) + 0.03 * np.cos(angle * 2 + salt))
        present = pick(table, i, j, salt + 11) > 0.25
        layers.append((coverage(away - radius, pixel) * present, salt + 1))
    return layers
