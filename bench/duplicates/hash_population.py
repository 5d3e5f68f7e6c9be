"""Make PDQ hashes like a marketplace's: most unique, many in clusters of duplicates.

Hashes are uniformly random bits. There are three kinds of clusters: a few of more than a thousand
identical hashes (a manufacturer's photo in every shop), small ones of identical hashes, and small
ones whose members lie 0 to 45 bits from the first, so that some are just within the limit of 31
and some just beyond it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from features import pdq
from features.base import Json
from features.pdq import BITS, Pdq

WORDS = BITS // 64
GROUPS: Mapping[str, float] = {"half": 0.5, "tenth": 0.1, "hundredth": 0.01}
"""Seller id → the share of all products that this seller has."""

HUGE = (1_000, 3_000)
SMALL = (2, 40)
MOST_FLIPS = 45
REACH = 31

Hashes = NDArray[np.uint64]
"""One hash a row, in four words of 64 bits."""


@dataclass(frozen=True)
class HashQuestion:
    """The hashes of a query picture: itself first, then its other orientations; 1 or 8 rows."""

    turns: Hashes

    def value(self) -> Json:
        """Return the feature's query value (or its stored value for a single orientation)."""
        turns = [row.astype(">u8").tobytes().hex() for row in self.turns]
        return {"turns": turns, "quality": 100} if len(turns) > 1 else {"bits": turns[0]}

    def with_turns(self, count: int) -> "HashQuestion":
        """Return the question with its first `count` orientations."""
        return HashQuestion(self.turns[:count])


@dataclass(frozen=True)
class HashPopulation:
    """Stored hashes, each with its product's seller ("" for none)."""

    hashes: Hashes
    sellers: NDArray[np.str_]
    duplicates: int
    largest_cluster: int

    def documents(self, start: int, end: int) -> list[Json]:
        """Return the product documents of some hashes; the id is the hash's number."""
        rows = self.hashes[start:end].astype(">u8")
        return [
            {
                "id": str(number),
                "title": "",
                "seller_id": str(self.sellers[number]),
                "images": [
                    {
                        "image_id": str(number),
                        Pdq.name: pdq.stored_value(row.tobytes().hex(), quality=100),
                    }
                ],
            }
            for number, row in enumerate(rows, start=start)
        ]

    def within(self, question: HashQuestion) -> dict[int, int]:
        """Return number → distance of all hashes within REACH of an orientation (brute force)."""
        nearest = np.full(len(self.hashes), BITS, np.uint64)
        for turn in question.turns:
            distances = np.bitwise_count(self.hashes ^ turn).sum(axis=1, dtype=np.uint64)
            np.minimum(nearest, distances, out=nearest)
        inside = np.flatnonzero(nearest <= REACH)
        return {int(number): int(nearest[number]) for number in inside}

    def questions(self, count: int, seed: int) -> list[HashQuestion]:
        """Return questions: stored hashes with 0 to 31 bits flipped, and unrelated hashes.

        Nine of ten are near a stored hash, unique or in a cluster. In every other question,
        another orientation is near a stored hash, too.
        """
        chance = np.random.default_rng([seed, 1])
        questions = []
        for number in range(count):
            turns = _random(chance, 8)
            if number % 10:
                turns[0] = self._near(chance)
            if number % 2:
                turns[int(chance.integers(1, 8))] = self._near(chance)
            questions.append(HashQuestion(turns))
        return questions

    def _near(self, chance: np.random.Generator) -> Hashes:
        # The clusters come first: half of the questions are about them.
        last = self.duplicates if chance.random() < 0.5 and self.duplicates else len(self.hashes)
        original = self.hashes[int(chance.integers(0, last))]
        return _flipped(chance, original, int(chance.integers(0, REACH + 1)))


def make_population(count: int, duplicates: float, seed: int) -> HashPopulation:
    """Return `count` hashes of which about a share `duplicates` is in clusters."""
    chance = np.random.default_rng(seed)
    hashes, sellers = _random(chance, count), np.full(count, "", "U9")
    in_clusters, start, largest = int(count * duplicates), 0, 1
    while start < in_clusters:
        # A tenth of the duplicates is in huge clusters, if there is room for one.
        huge = start < in_clusters // 10 and in_clusters >= HUGE[1]
        size = min(int(chance.integers(*(HUGE if huge else SMALL))), in_clusters - start)
        hashes[start : start + size] = hashes[start]
        if not huge and chance.random() < 0.5:
            for member in range(start + 1, start + size):
                flips = int(chance.integers(0, MOST_FLIPS + 1))
                hashes[member] = _flipped(chance, hashes[start], flips)
        largest, start = max(largest, size), start + size
    lots, low = chance.random(count), 0.0
    for name, share in GROUPS.items():
        sellers[(low <= lots) & (lots < low + share)] = name
        low += share
    return HashPopulation(hashes, sellers, start, largest)


def _random(chance: np.random.Generator, count: int) -> Hashes:
    return chance.integers(0, 2**64, (count, WORDS), np.uint64)


def _flipped(chance: np.random.Generator, original: Hashes, flips: int) -> Hashes:
    changed = original.copy()
    for place in chance.choice(BITS, flips, replace=False):
        changed[place // 64] ^= np.uint64(1) << np.uint64(place % 64)
    return changed
