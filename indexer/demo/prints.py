"""What is on the posters: landscapes, shapes, arches, stems and patterns."""

import random
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from indexer.demo.canvas import Patch
from indexer.demo.cloth import print_words
from indexer.demo.design import Design
from indexer.demo.emblem import emblem
from indexer.demo.outline import Array
from indexer.demo.paint import coverage, paint_over, uniform_coat
from indexer.demo.palette import CHALK, INK, Colour, colour_named, mix
from indexer.demo.pattern import wave


@dataclass
class Sheet:
    """Paper being printed: ±`wide` by ±`tall` units, in three inks on a pale ground."""

    design: Design
    patch: Patch
    wide: float
    tall: float
    ground: Colour
    inks: tuple[Colour, Colour, Colour]
    coat: Array

    def press(self, distance: Array, colour: Colour) -> None:
        """Print a colour wherever a signed distance is negative."""
        self.coat = paint_over(self.coat, coverage(distance, self.patch.pixel), colour)


def landscape(sheet: Sheet, roll: random.Random) -> None:
    x, y, wide, tall = sheet.patch.x, sheet.patch.y, sheet.wide, sheet.tall
    across, up = roll.uniform(-0.6, 0.6) * wide, roll.uniform(0.2, 0.6) * tall
    sheet.press(np.hypot(x - across, y + up) - 0.17, sheet.inks[2])
    for k in range(5):
        broad = np.sin(x * roll.uniform(2, 6) + roll.uniform(0, 6))
        crest = (
            tall * (-0.25 + 0.28 * k) + 0.09 * broad + 0.04 * np.sin(x * roll.uniform(7, 12) + k)
        )
        haze = mix(sheet.inks[k % 2], sheet.ground, 0.6 - 0.2 * k)
        sheet.press(crest - y, haze if k < 3 else mix(sheet.inks[k % 2], INK, 0.12))
    words = (0.0, tall * 0.84), (wide * 1.3, 0.1)
    sheet.coat = print_words(sheet.design, sheet.patch, sheet.coat, *words)


def stones(sheet: Sheet, roll: random.Random) -> None:
    inks = (*sheet.inks, colour_named("Charcoal"))
    for k in range(5):
        x = sheet.patch.x - roll.uniform(-0.35, 0.35) * sheet.wide
        y = sheet.patch.y - (0.75 - 0.36 * k) * sheet.tall
        across, down = roll.uniform(0.2, 0.5) * sheet.wide, roll.uniform(0.12, 0.22) * sheet.tall
        sheet.press((np.hypot(x / across, y / down) - 1) * down, inks[k % 4])


def device(sheet: Sheet, roll: random.Random) -> None:
    size = roll.uniform(0.62, 0.76) * min(sheet.wide, sheet.tall)
    x, y = sheet.patch.x / size, (sheet.patch.y + 0.12 * sheet.tall) / size
    for mask, index in emblem(sheet.design, x, y, sheet.patch.pixel / size):
        sheet.coat = paint_over(sheet.coat, mask, (sheet.ground, *sheet.inks)[index])
    words = (0.0, sheet.tall * 0.84), (sheet.wide * 1.3, 0.1)
    sheet.coat = print_words(sheet.design, sheet.patch, sheet.coat, *words)


def repeat(sheet: Sheet, roll: random.Random) -> None:
    patch = sheet.patch
    sheet.coat = sheet.design.print_pattern(patch.x, patch.y, patch.pixel, roll.uniform(1.2, 2.0))


def arches(sheet: Sheet, roll: random.Random) -> None:
    x, y, tall = sheet.patch.x, sheet.patch.y, sheet.tall
    inks, ground = sheet.inks, sheet.ground
    place = roll.uniform(-0.3, 0.3) * sheet.wide
    for k, colour in enumerate((inks[0], ground, inks[1], ground, inks[2])):
        radius = (0.85 - 0.16 * k) * sheet.wide
        bow = np.hypot(x - place, np.minimum(y - 0.1, 0)) - radius
        sheet.press(np.maximum(bow, y - 0.7 * tall), colour)
    sun = np.hypot(x + roll.uniform(-0.5, 0.5) * sheet.wide, y + 0.7 * tall) - 0.12
    sheet.press(sun, inks[2])


def stems(sheet: Sheet, roll: random.Random) -> None:
    x, y, tall, pitch = sheet.patch.x, sheet.patch.y, sheet.tall, 0.16
    for k, colour in enumerate(sheet.inks):
        place, lean = (k - 1) * 0.5 * sheet.wide, roll.uniform(-0.2, 0.2)
        line = np.abs(x - place - lean * (tall - y) * 0.4)
        above = -roll.uniform(0.2, 0.75) * tall - y
        sheet.press(np.maximum(line - 0.008, np.maximum(above, y - 0.85 * tall)), INK)
        leaf = wave((y + line * 0.8) / pitch) * pitch - 0.045
        leaf = np.maximum(leaf, line - 0.2 + 0.1 * np.abs(y))
        sheet.press(np.maximum(leaf, np.maximum(above, y - 0.6 * tall)), colour)


def moons(sheet: Sheet, roll: random.Random) -> None:
    patch, scale = sheet.patch, roll.uniform(1.3, 2.2)
    sheet.coat = sheet.design.print_pattern(patch.x, patch.y, patch.pixel, scale, "half_moons")


PRINTS: tuple[Callable[[Sheet, random.Random], None], ...] = (
    landscape, stones, device, repeat, arches, stems, moons
)  # fmt: skip


def artwork(design: Design, patch: Patch, wide: float, tall: float) -> Array:
    """Return a design's artwork for a picture ±wide by ±tall."""
    main, second, third, fourth = design.colours
    ground = mix(second, CHALK, 0.25)
    blank = uniform_coat(ground, patch.mask)
    sheet = Sheet(design, patch, wide, tall, ground, (main, third, fourth), blank)
    PRINTS[design.shape % len(PRINTS)](sheet, design.dice("print"))
    return sheet.coat
