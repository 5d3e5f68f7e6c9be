"""Groups listings whose pictures match, and says which pairs of pictures a reviewer is asked about.

A group is everything that matches, directly or through others: one dispute is one case. Its
representative is its oldest picture. Every other picture is compared once, with the picture on the
representative's side that it matches best, or else with a listing nearer to it.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from app.trust.examination.evidence import ListingPicture

Rank: TypeAlias = tuple[str, ...]
"""Orders pictures by age; the lowest is the oldest."""


@dataclass(frozen=True)
class PicturePair:
    """Two pictures of different listings that match; `is_decided` if a verdict joins them."""

    a: ListingPicture
    b: ListingPicture
    probability: float
    is_decided: bool = False


@dataclass(frozen=True)
class GroupMember:
    """A picture of a group, and the picture it is compared with."""

    picture: ListingPicture
    other: ListingPicture


@dataclass(frozen=True)
class Group:
    """A representative, the pictures to decide about, and those that belong to its own side.

    `members` have no verdict yet, the oldest first; `decided` counts those that have one.
    `relatives` are pictures of listings that are no dispute with the representative's.
    `product_ids` are all listings of the group, `size` counts them without the relatives.
    """

    representative: ListingPicture
    members: tuple[GroupMember, ...]
    relatives: tuple[GroupMember, ...]
    decided: int
    product_ids: frozenset[str]
    size: int


Sides: TypeAlias = Mapping[str, Sequence[tuple[ListingPicture, PicturePair]]]
"""Listing → its own pictures, each with a pair it is in."""


def build_groups(
    pairs: Iterable[PicturePair],
    rank: Callable[[ListingPicture], Rank],
    is_relative: Callable[[str, str], bool],
    fixed: Collection[ListingPicture] = (),
) -> list[Group]:
    """Return the groups with pictures to decide about, by the age of their representatives.

    `is_relative` says of two listings that they are no dispute. A picture in `fixed` represents its
    group, however old it is. The order of `pairs` and of their sides makes no difference.
    """
    sides: dict[str, list[tuple[ListingPicture, PicturePair]]] = defaultdict(list)
    for pair in pairs:
        sides[pair.a.product_id].append((pair.a, pair))
        sides[pair.b.product_id].append((pair.b, pair))
    groups = []
    for listings in _components(sides):
        pictures = {picture for key in listings for picture, _ in sides[key]}
        preferred = [picture for picture in fixed if picture.product_id in listings]
        representative = min(preferred or pictures, key=rank)
        group = _group(representative, listings, sides, rank, is_relative)
        compared = _compared_on_own_side(group)
        if not preferred and not any(representative.product_id == p.product_id for p in compared):
            # A relative is older, but what the members show is another's.
            representative = min(compared or {representative}, key=rank)
            group = _group(representative, listings, sides, rank, is_relative)
        if group.members:
            groups.append(group)
    return sorted(groups, key=lambda group: rank(group.representative))


def _compared_on_own_side(group: Group) -> set[ListingPicture]:
    """Return the pictures of the representative's side that members are compared with."""
    listings = {member.picture.product_id for member in group.members}
    return {m.other for m in group.members if m.other.product_id not in listings}


def _components(sides: Sides) -> list[frozenset[str]]:
    """Return the sets of listings that pairs connect."""
    components, visited = [], set[str]()
    for start in sides:
        if start in visited:
            continue
        waiting, component = [start], {start}
        while waiting:
            for _, pair in sides[waiting.pop()]:
                near = {pair.a.product_id, pair.b.product_id} - component
                component |= near
                waiting += near
        visited |= component
        components.append(frozenset(component))
    return components


def _group(
    representative: ListingPicture,
    listings: frozenset[str],
    sides: Sides,
    rank: Callable[[ListingPicture], Rank],
    is_relative: Callable[[str, str], bool],
) -> Group:
    root = representative.product_id
    own_side = {key for key in listings if key == root or is_relative(root, key)}
    levels = _levels(own_side, sides)
    # A chosen picture may match nothing itself: its listing's others do.
    ages = {key: min(rank(picture) for picture, _ in sides[key]) for key in listings}
    order = {key: (levels[key], key != root, ages[key]) for key in listings}

    def best(matches: Sequence[tuple[ListingPicture, PicturePair]]) -> tuple[ListingPicture, bool]:
        other, pair = min(
            matches,
            key=lambda match: (
                levels[match[0].product_id],
                -round(match[1].probability, 2),
                match[0].product_id != root,
                -match[1].probability,
                rank(match[0]),
            ),
        )
        return other, pair.is_decided

    members, relatives, decided = [], [], 0
    for key in sorted(listings - {root}, key=order.__getitem__):
        matches: dict[ListingPicture, list[tuple[ListingPicture, PicturePair]]] = defaultdict(list)
        for picture, pair in sides[key]:
            other = pair.b if picture == pair.a else pair.a
            is_across = (key in own_side) != (other.product_id in own_side)
            if is_across if key in own_side else order[other.product_id] < order[key]:
                matches[picture].append((other, pair))
        for picture, candidates in matches.items():
            other, is_decided = best(candidates)
            if key in own_side:
                relatives.append(GroupMember(picture, other))
            elif is_decided:
                decided += 1
            else:
                members.append(GroupMember(picture, other))
    return Group(
        representative,
        tuple(sorted(members, key=lambda member: rank(member.picture))),
        tuple(sorted(relatives, key=lambda member: rank(member.picture))),
        decided,
        listings,
        len(listings - own_side) + 1,
    )


def _levels(own_side: Collection[str], sides: Sides) -> dict[str, int]:
    """Return how many pairs each listing is away from the representative's side."""
    levels = dict.fromkeys(own_side, 0)
    waiting = sorted(own_side)
    for key in waiting:
        for _, pair in sides.get(key, ()):
            for near in (pair.a.product_id, pair.b.product_id):
                if near not in levels:
                    levels[near] = levels[key] + 1
                    waiting.append(near)
    return levels
