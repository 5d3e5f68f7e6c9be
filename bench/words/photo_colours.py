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
    """A product to search with the picture of, a colour word beside it, and how many there are."""

    pictured: Listing
    basic: str
    available: int

    @property
    def judged_hits(self) -> int:
        """How many of the first hits are judged."""
        return min(FIRST, self.available)


def colour_pairs(listings: Sequence[Listing], count: int, seed: int) -> list[ColourPair]:
    """Return up to `count` pairs: another colour, that the shop surely has in the same kind."""
    dice = random.Random(seed)
    basics = sorted({basic for names in ACCEPTED.values() for basic in names})
    every = [
        ColourPair(pictured, basic, available)
        for pictured in listings
        for basic in basics
        if not is_called(pictured.text("color"), basic)
        and (
            available := sum(
                other.kind == pictured.kind and is_surely(other.text("color"), basic)
                for other in listings
            )
        )
    ]
    return dice.sample(every, min(count, len(every)))


def shares(pair: ColourPair, hits: Sequence[Listing]) -> tuple[float, float]:
    """Return the shares of the judged hits that have the colour, and that are of the kind."""
    first = hits[: pair.judged_hits]
    colour = sum(is_called(hit.text("color"), pair.basic) for hit in first)
    kind = sum(hit.kind == pair.pictured.kind for hit in first)
    return colour / pair.judged_hits, kind / pair.judged_hits
