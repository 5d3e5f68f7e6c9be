"""What is drawn: a design's seed, pattern, colours and words."""

import random
import zlib
from dataclasses import dataclass

import numpy as np

from indexer.demo.outline import Array
from indexer.demo.palette import Colour, colour_named
from indexer.demo.pattern import colour


def dice(*seed: object) -> random.Random:
    """Return random numbers that are the same whenever and wherever the seed is."""
    return random.Random("/".join(map(str, seed)))  # noqa: S311 (drawings, not secrets)


@dataclass(frozen=True)
class Design:
    """One product as it is drawn. Colour variants share everything but `scheme`.

    `shape` chooses among a kind's shapes, `words` is what its label says, if it has one.
    """

    kind: str
    seed: str
    shape: int
    pattern: str
    scheme: tuple[str, str, str, str]
    words: str = ""

    def dice(self, salt: str = "") -> random.Random:
        """Return the design's own random numbers, from the start on every call."""
        return dice(self.seed, salt)

    @property
    def number(self) -> int:
        """Return the design's seed for noise."""
        return zlib.crc32(self.seed.encode())

    @property
    def colours(self) -> tuple[Colour, Colour, Colour, Colour]:
        """Return the main colour and the three that go with it."""
        main, second, third, fourth = (colour_named(name) for name in self.scheme)
        return main, second, third, fourth

    def table(self) -> Array:
        """Return the 64 random numbers that make the pattern the design's own."""
        roll = self.dice("pattern")
        return np.array([roll.random() for _ in range(64)], np.float32)

    def print_pattern(
        self, u: Array, v: Array, pixel: float, scale: float = 1.0, pattern: str = ""
    ) -> Array:
        """Return the design's pattern at (u, v), its repeat `scale` times as large."""
        roll = self.dice("placing")
        shift, lift = np.float32(roll.uniform(3, 9)), np.float32(roll.uniform(3, 9))
        return colour(
            pattern or self.pattern,
            u / scale + shift,
            v / scale + lift,
            pixel / scale,
            self.colours,
            self.table(),
        )
