"""A picture of one thing and a word for a colour: same thing, other colour?"""

import random
from collections.abc import Sequence
from dataclasses import dataclass

from bench.words.demo_colours import ACCEPTED, is_called, is_surely
from bench.words.listing import Listing

FIRST = 10
"""Hits that are judged, or as many as the shop has of that kind in that colour."""


@dataclass(frozen=True)
class ColourPair:
    """A product whose picture is shown, the colour word beside it, and how many there are."""

    shown: Listing
    basic: str
    available: int

    @property
    def judged(self) -> int:
        """How many of the first hits are judged."""
        return min(FIRST, self.available)


def colour_pairs(listings: Sequence[Listing], count: int, seed: int) -> list[ColourPair]:
    """Return up to `count` pairs: another colour, that the shop surely has in the same kind."""
    dice = random.Random(seed)
    basics = sorted({basic for names in ACCEPTED.values() for basic in names})
    every = [
        ColourPair(shown, basic, available)
        for shown in listings
        for basic in basics
        if not is_called(shown.text("color"), basic)
        and (
            available := sum(
                one.kind == shown.kind and is_surely(one.text("color"), basic) for one in listings
            )
        )
    ]
    return dice.sample(every, min(count, len(every)))


def shares(pair: ColourPair, hits: Sequence[Listing]) -> tuple[float, float]:
    """Return the shares of the judged hits that have the colour, and that are of the kind."""
    first = hits[: pair.judged]
    colour = sum(is_called(hit.text("color"), pair.basic) for hit in first)
    kind = sum(hit.kind == pair.shown.kind for hit in first)
    return colour / pair.judged, kind / pair.judged
