"""Groups matching pictures around representatives.

There are no chains: a picture is in a group only if it matches the representative itself. If A
matches B and B matches C but A does not match C, then B represents both, or there are two groups.
A pair is *covered* once both of its pictures are in one group. Groups are built until every pair is
covered.
"""

import heapq
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

Rank: TypeAlias = tuple[str, ...]
"""Orders pictures that match equally many others; the lowest becomes the representative."""


@dataclass(frozen=True)
class PicturePair:
    """Two different pictures, by their ids, and the probability that they belong together."""

    a: str
    b: str
    probability: float


@dataclass(frozen=True)
class Group:
    """A representative and the pictures that match it, sorted."""

    representative: str
    members: tuple[str, ...]


def build_groups(
    matches: Iterable[PicturePair],
    threshold: float,
    rank: Callable[[str], Rank],
    previous_groups: Mapping[str, Collection[str]] | None = None,
) -> list[Group]:
    """Return groups that cover every pair with a probability of at least `threshold`.

    `previous_groups` are earlier groups, representative → members. They stay, the pairs they cover
    stay covered, and new pictures that match their representative join them. All of them are
    returned. They come first; the next representative is the picture with the most uncovered
    pairs, then the lowest by `rank`, then by id. The order of `matches` makes no difference. A
    picture may be in several groups, but only in groups whose representative it matches.
    """
    previous = previous_groups or {}
    near: dict[str, set[str]] = {representative: set() for representative in previous}
    for match in matches:
        if match.probability >= threshold and match.a != match.b:
            near.setdefault(match.a, set()).add(match.b)
            near.setdefault(match.b, set()).add(match.a)
    for representative, members in previous.items():
        _cover(near, {representative, *members})

    def priority(picture: str) -> tuple[bool, int, Rank, str]:
        return picture not in previous, -len(near[picture]), rank(picture), picture

    waiting = [priority(picture) for picture in near]
    heapq.heapify(waiting)
    found = []
    while waiting:
        best = heapq.heappop(waiting)
        picture = best[-1]
        if not near[picture] and picture not in previous:
            continue
        # Other groups have covered some of its pairs since it was queued.
        if (now := priority(picture)) != best:
            heapq.heappush(waiting, now)
            continue
        members = {*near[picture], *previous.get(picture, ())} - {picture}
        found.append(Group(picture, tuple(sorted(members))))
        _cover(near, {picture, *members})
    return found


def _cover(near: Mapping[str, set[str]], pictures: Collection[str]) -> None:
    for picture in pictures:
        if picture in near:
            near[picture].difference_update(pictures)
