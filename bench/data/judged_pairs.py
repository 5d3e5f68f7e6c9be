"""What a person saw: pairs of test pictures judged by eye, kept in `judged_pairs.csv`."""

import csv
import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from indexer.errors import FeedUnreadable

JUDGED = Path(__file__).parent / "judged_pairs.csv"

TRUTHS = ("same_photo", "same_product", "different")
"""`same_photo`: both came from one exposure (or one drawing), whatever was done to it since.
`same_product`: another photo of the same thing, or the same design in another colour, size,
flavour or print: a look-alike. `different`: neither."""


@dataclass(frozen=True)
class JudgedPair:
    """A pair of picture ids (`SamplePicture.id`), its truth, and what decided it."""

    a: str
    b: str
    truth: str
    note: str

    @property
    def pair(self) -> frozenset[str]:
        """Both ids, in no order."""
        return frozenset((self.a, self.b))


def read_judged_pairs(path: Path = JUDGED) -> list[JudgedPair]:
    """Return the judged pairs of a CSV. Raises FeedUnreadable for an unknown truth or a repeat."""
    pairs: dict[frozenset[str], JudgedPair] = {}
    with path.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            pair = JudgedPair(row["a"], row["b"], row["truth"], row["note"])
            if pair.truth not in TRUTHS or len(pair.pair) < 2 or pair.pair in pairs:
                raise FeedUnreadable(f"{path}: {pair.a},{pair.b} is no new, known judgement")
            pairs[pair.pair] = pair
    return list(pairs.values())


def group_connected(
    firm: Iterable[tuple[str, str]], loose: Iterable[tuple[str, str]], most: int
) -> dict[str, str]:
    """Return id → the smallest id that links lead to, for every id in a link.

    Firm links always count; loose ones, in their order, unless they would make a group of over
    `most`: who is near to whom reaches, step by step, through nearly everything.
    """
    parents: dict[str, str] = {}
    sizes: dict[str, int] = {}

    def root(key: str) -> str:
        sizes.setdefault(key, 1)
        while parents.setdefault(key, key) != key:
            key = parents[key]
        return key

    def join(a: str, b: str, most: float) -> None:
        first, last = sorted((root(a), root(b)))
        if first != last and sizes[first] + sizes[last] <= most:
            parents[last] = first
            sizes[first] += sizes[last]

    for a, b in firm:
        join(a, b, math.inf)
    for a, b in loose:
        join(a, b, most)
    return {key: root(key) for key in list(parents)}
