"""Pairs of test pictures that a person judged, from `judged_pairs.csv`."""

import csv
import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from indexer.errors import FeedUnreadable

JUDGED = Path(__file__).parent / "judged_pairs.csv"

TRUTHS = ("same_photo", "same_product", "different")
"""`same_photo`: both come from one exposure (or one drawing), however it was edited since.
`same_product`: another photo of the same thing, or the same design in another colour, size,
flavour or print: a look-alike. `different`: neither."""


@dataclass(frozen=True)
class JudgedPair:
    """A pair of picture ids (`SamplePicture.id`), its truth, and the reason for the judgement."""

    a: str
    b: str
    truth: str
    note: str

    @property
    def pair(self) -> frozenset[str]:
        """Return both ids, unordered."""
        return frozenset((self.a, self.b))


def read_judged_pairs(path: Path = JUDGED) -> list[JudgedPair]:
    """Return the judged pairs of a CSV. Raises FeedUnreadable for an unknown truth or a repeat."""
    pairs: dict[frozenset[str], JudgedPair] = {}
    with path.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            pair = JudgedPair(row["a"], row["b"], row["truth"], row["note"])
            if pair.truth not in TRUTHS or len(pair.pair) < 2 or pair.pair in pairs:
                raise FeedUnreadable(
                    f"{path}: {pair.a},{pair.b} is a repeated pair or has an unknown truth"
                )
            pairs[pair.pair] = pair
    return list(pairs.values())


def group_connected(
    firm: Iterable[tuple[str, str]], loose: Iterable[tuple[str, str]], most: int
) -> dict[str, str]:
    """Return id → the smallest id of its group, for every id in a link.

    Firm links always join two groups. Loose links, in their order, join them unless the result
    would have more than `most` members: chains of near pictures reach through nearly everything.
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
