"""From pairs that match to groups around a representative.

No chains: a picture is in a group because it matches the group's representative itself. Where A
matches B and B matches C but A does not match C, B represents both, or there are two groups. A
pair is *covered* once both of its pictures are in one group; groups are made until every pair is.
"""

import heapq
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

Rank: TypeAlias = tuple[str, ...]
"""Orders pictures that match equally many others; the least represents."""


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

    `settled` are groups of an earlier time, representative → members: they stay, what they cover
    stays covered, and newcomers that match their representative join them. All of them are
    returned. The next representative is one of these, then whoever matches most pictures in pairs
    not yet covered, then the least by `rank`, then by id. The order of `matches` makes no
    difference. A picture may be in several groups, and never joins one whose representative it
    does not match.
    """
    before = previous_groups or {}
    near: dict[str, set[str]] = {representative: set() for representative in before}
    for match in matches:
        if match.probability >= threshold and match.a != match.b:
            near.setdefault(match.a, set()).add(match.b)
            near.setdefault(match.b, set()).add(match.a)
    for representative, members in before.items():
        _cover(near, {representative, *members})

    def worth(picture: str) -> tuple[bool, int, Rank, str]:
        return picture not in before, -len(near[picture]), rank(picture), picture

    waiting = [worth(picture) for picture in near]
    heapq.heapify(waiting)
    found = []
    while waiting:
        best = heapq.heappop(waiting)
        picture = best[-1]
        if not near[picture] and picture not in before:
            continue
        # Others' groups have covered some of its pairs since it was put in.
        if (now := worth(picture)) != best:
            heapq.heappush(waiting, now)
            continue
        members = {*near[picture], *before.get(picture, ())} - {picture}
        found.append(Group(picture, tuple(sorted(members))))
        _cover(near, {picture, *members})
    return found


def _cover(near: Mapping[str, set[str]], everyone: Collection[str]) -> None:
    for one in everyone:
        if one in near:
            near[one].difference_update(everyone)
