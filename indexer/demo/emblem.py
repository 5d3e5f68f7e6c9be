"""Emblems: one small picture, printed on shirts, bags, labels and posters.

An emblem maps (x, y, pixel, traits) to layers of (mask, colour index 0 to 3), within ±1.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from indexer.demo.design import Design
from indexer.demo.outline import Array, rotate_axes
from indexer.demo.paint import coverage
from indexer.demo.pattern import Layers, wave


@dataclass(frozen=True)
class EmblemTraits:
    """What makes one sun or leaf another's sister rather than its copy."""

    petals: int
    lean: float
    low: float


Emblem: TypeAlias = Callable[[Array, Array, float, EmblemTraits], Layers]


def sun(x: Array, y: Array, pixel: float, traits: EmblemTraits) -> Layers:
    away, angle = np.hypot(x, y), np.arctan2(y, x)
    rays = coverage(away - 0.62 - 0.3 * (np.cos(angle * traits.petals) > 0), pixel)
    return [(rays, 2), (coverage(away - 0.55, pixel), 0), (coverage(away - 0.45, pixel), 1)]


def hills(x: Array, y: Array, pixel: float, traits: EmblemTraits) -> Layers:
    disc = coverage(np.hypot(x, y) - 0.95, pixel)
    sun = coverage(np.hypot(x - traits.lean * 0.6, y + 0.3) - 0.34, pixel)
    far = coverage(traits.low * 0.3 + 0.18 * np.sin(x * 3 + traits.lean * 4) - y, pixel)
    near = coverage(0.35 + 0.16 * np.sin(x * 2.3 - traits.lean * 6) - y, pixel)
    return [(disc, 1), (disc * sun, 3), (disc * far, 2), (disc * near, 0)]


def leaf(x: Array, y: Array, pixel: float, traits: EmblemTraits) -> Layers:
    a, b = rotate_axes(x, y, traits.lean)
    blade = coverage(np.abs(a) - 0.5 * np.maximum(1 - b * b, 0) ** 1.2, pixel)
    veins = coverage(wave((b + np.abs(a)) * 4) / 4 - 0.015, pixel)
    stem = coverage(np.abs(a) - 0.02, pixel) * (np.abs(b) < 1)
    return [(blade, 1), (blade * veins, 2), (stem, 2)]


def moons(x: Array, y: Array, pixel: float, traits: EmblemTraits) -> Layers:
    crescent = np.maximum(np.hypot(x, y) - 0.9, 0.72 - np.hypot(x - 0.35, y - traits.lean * 0.3))
    return [(coverage(crescent, pixel), 1), (coverage(np.hypot(x - 0.4, y) - 0.36, pixel), 2)]


def rings(x: Array, y: Array, pixel: float, traits: EmblemTraits) -> Layers:
    away = np.hypot(x, y)
    sizes = ((0.95, 1), (0.74, 2), (0.53 + traits.low * 0.2, 3), (0.3, 1))
    return [(coverage(away - size, pixel), index) for size, index in sizes]


def waves(x: Array, y: Array, pixel: float, traits: EmblemTraits) -> Layers:
    disc = coverage(np.hypot(x, y) - 0.95, pixel)
    band = coverage((wave(y * 4.5 + 0.5 * np.sin(x * 6 + traits.lean * 5)) - 0.27) / 4.5, pixel)
    return [
        (disc, 1),
        (disc * band, 2),
        (coverage(np.hypot(x + traits.lean, y + 0.45) - 0.25, pixel), 3),
    ]


def flower(x: Array, y: Array, pixel: float, traits: EmblemTraits) -> Layers:
    away, angle = np.hypot(x, y), np.arctan2(y, x)
    radius = 0.55 + 0.38 * np.abs(np.cos(angle * (traits.petals / 4)))
    return [
        (coverage(away - radius, pixel), 1),
        (coverage(away - radius * 0.6, pixel), 3),
        (coverage(away - 0.2, pixel), 2),
    ]


def blocks(x: Array, y: Array, pixel: float, traits: EmblemTraits) -> Layers:
    square = coverage(np.maximum(np.abs(x), np.abs(y)) - 0.86, pixel)
    quarter = coverage(np.hypot(x + 0.86, y - 0.86) - 1.0, pixel)
    return [
        (square, 1),
        (square * quarter, 2),
        (coverage(np.hypot(x - 0.4, y + 0.4) - 0.42, pixel), 3),
        (coverage(np.hypot(x - 0.4, y - 0.4) - abs(traits.lean), pixel), 0),
    ]


EMBLEMS: tuple[Emblem, ...] = (sun, hills, leaf, moons, rings, waves, flower, blocks)


def emblem(design: Design, x: Array, y: Array, pixel: float) -> Layers:
    """Return a design's emblem at points in its own units."""
    roll = design.dice("emblem")
    drawn = EMBLEMS[(design.shape + roll.choice((0, 3))) % len(EMBLEMS)]
    traits = EmblemTraits(
        roll.choice((8, 12, 16)), roll.uniform(-0.5, 0.5), roll.uniform(-0.2, 0.3)
    )
    return drawn(x, y, pixel, traits)
