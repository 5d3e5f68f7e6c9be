"""Plan which pairs of pictures to make: their truths, edits, groups and splits.

Positives are a picture and an edited copy of it. Negatives are a picture and a similar or random
other one, unedited and with one of them edited: what a seller does to a picture must not create a
match. Truths come from the catalogues by rule, or from `judged_pairs.csv` where a person judged. A
picture and its relatives are in one split only; pictures in different splits make no pair.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from bench.data.judged_pairs import JudgedPair, group_connected
from bench.data.sample_pictures import SamplePicture
from bench.edits import random_edits
from bench.verdict.nearest_pictures import Neighbours

SPLITS = {"fit": 0.5, "calibrate": 0.15, "test": 0.35}

SINGLES, CHAINS = 6, 3
"""Number of single edits and of chains of edits for each catalogue picture."""

COLOURS, SIDES = 2, 2
"""Number of siblings in another colour and of other sides for each catalogue picture; as many other
sides again are edited."""

OTHER_COLOUR, OTHER_SIDE = "variant:colour", "variant:side"
EDITED_SIDE = f"{OTHER_SIDE}+edit"

ENOUGH, MOST_TIMES = 600, 6
"""Sets of fewer than ENOUGH catalogue pictures get up to MOST_TIMES as many chains and colours,
so that a hundred packshots weigh something beside a thousand photos of clothes. Not the sides: few
pictures have several details, and mirroring one twice gives the same file."""

PHOTO_NEIGHBOURS = 2
"""Number of neighbours paired with a phone photo; there are twice as many phone photos."""

GROUP = 20
"""Largest group of pictures that are only similar, not related."""

RANDOM = 2
"""Number of random pictures of the same set paired with each picture; plus one of any set."""


@dataclass(frozen=True)
class PlannedPair:
    """A pair before its files are made.

    `edit` is ``attack:NAME``, ``edit:NAME``, OTHER_COLOUR, OTHER_SIDE, EDITED_SIDE, or '' for
    none.
    """

    a: SamplePicture
    b: SamplePicture
    edit: str
    truth: str
    kind: str
    group: str
    split: str
    turn: int = 0


def plan_pairs(
    shots: Sequence[SamplePicture],
    near: Neighbours,
    judged: Sequence[JudgedPair],
    attacks: Sequence[str],
    seed: int,
) -> Iterator[PlannedPair]:
    """Yield all pairs of all splits, unordered; `attacks` occur in ``test`` alone."""
    by_id = {shot.id: shot for shot in shots}
    judged = [one for one in judged if one.pair <= by_id.keys()]
    truths = {one.pair: one.truth for one in judged}
    groups = group_relatives(shots, near, judged)
    splits = {key: split_of(group, seed) for key, group in groups.items()}
    times = _times(shots)
    for shot in shots:
        group, split = groups[shot.id], splits[shot.id]
        for edit, turn in _edits(shot, split, attacks, seed, times[shot.set]):
            yield PlannedPair(shot, shot, edit, "same_photo", "edited", group, split, turn)
        for edit, turn in _siblings(shot, times[shot.set]):
            yield PlannedPair(shot, shot, edit, "same_product", "variant", group, split, turn)
    for pair, kind in _pairs(shots, near, truths, splits, seed).items():
        a, b = _order(pair, by_id, seed)
        truth = truths.get(pair) or truth_by_rule(a, b)
        yield PlannedPair(a, b, "", truth, kind, groups[a.id], splits[a.id])
        if (
            kind != "random"
            or random_edits.seeded_random(seed, "edit it?", a.id, b.id).random() < 0.5
        ):
            edit = _any_edit(splits[a.id], attacks, seed, a.id, b.id)
            yield PlannedPair(a, b, edit, truth, kind, groups[a.id], splits[a.id])


def group_relatives(
    shots: Sequence[SamplePicture], near: Neighbours, judged: Iterable[JudgedPair]
) -> dict[str, str]:
    """Return picture id → group.

    Always in one group: pictures of one product or line, and pairs judged the same photo or
    product. In one group of up to `GROUP`: pairs judged different, which are similar too (same
    floor, same hanger), and catalogue pictures with their nearest.
    """
    families: dict[str, list[str]] = defaultdict(list)
    for shot in shots:
        for name in filter(None, (shot.product, shot.line)):
            families[name].append(shot.id)
    firm = [link for family in families.values() for link in pairwise(family)]
    firm += [(shot.id, shot.id) for shot in shots]
    loose: list[tuple[str, str]] = []
    for pair in judged:
        (loose if pair.truth == "different" else firm).append((pair.a, pair.b))
    loose += [(s.id, near[s.id][0]) for s in shots if s.is_catalogue and near.get(s.id)]
    return group_connected(firm, loose, GROUP)


def split_of(group: str, seed: int) -> str:
    """Return the split of a group, by its own hash alone."""
    lot = random_edits.seeded_random(seed, "split", group).random()
    for name, share in SPLITS.items():
        if lot < share:
            return name
        lot -= share
    return name


def truth_by_rule(a: SamplePicture, b: SamplePicture) -> str:
    """Return the truth of two different pictures according to their catalogues."""
    same = (a.product and a.product == b.product) or (a.line and a.line == b.line)
    return "same_product" if same else "different"


def _times(shots: Iterable[SamplePicture]) -> dict[str, int]:
    """Return set → the factor by which its pictures are edited more often."""
    sizes = Counter(shot.set for shot in shots)
    return {name: min(MOST_TIMES, max(1, ENOUGH // size)) for name, size in sizes.items()}


def _edits(
    shot: SamplePicture, split: str, attacks: Sequence[str], seed: int, times: int
) -> Iterator[tuple[str, int]]:
    roll = random_edits.seeded_random(seed, "edits", shot.id)
    if not shot.is_catalogue:
        yield _any_edit(split, attacks, seed, shot.id, shot.id), 0
        return
    single = sorted(set(random_edits.EDITS) - {"chain"})
    yield from ((f"edit:{name}", 0) for name in roll.sample(single, SINGLES))
    yield from (("edit:chain", turn) for turn in range(CHAINS * times))
    if split == "test":
        yield from ((f"attack:{name}", 0) for name in attacks)


def _siblings(shot: SamplePicture, times: int) -> Iterator[tuple[str, int]]:
    if shot.is_catalogue:
        yield from ((OTHER_COLOUR, turn) for turn in range(COLOURS * times))
        yield from ((side, turn) for side in (OTHER_SIDE, EDITED_SIDE) for turn in range(SIDES))


def _any_edit(split: str, attacks: Sequence[str], seed: int, *words: str) -> str:
    roll = random_edits.seeded_random(seed, "any edit", *words)
    if split == "test" and attacks and roll.random() < 0.5:
        return f"attack:{roll.choice(attacks)}"
    names = sorted(random_edits.EDITS)
    return f"edit:{roll.choice(names)}"


def _pairs(
    shots: Sequence[SamplePicture],
    near: Neighbours,
    truths: Mapping[frozenset[str], str],
    splits: Mapping[str, str],
    seed: int,
) -> dict[frozenset[str], str]:
    """Return pairs of different pictures within one split, each with its kind."""
    pairs = {pair: "judged" for pair in truths if len({splits[key] for key in pair}) == 1}
    for shot in shots:
        for key in near.get(shot.id, [])[: None if shot.is_catalogue else PHOTO_NEIGHBOURS]:
            if splits[key] == splits[shot.id]:
                pairs.setdefault(frozenset((shot.id, key)), "hard")
    within: dict[str, list[SamplePicture]] = defaultdict(list)
    for shot in shots:
        within[splits[shot.id]].append(shot)
        within[splits[shot.id] + shot.set].append(shot)
    for shot in shots:
        roll = random_edits.seeded_random(seed, "random", shot.id)
        split = splits[shot.id]
        partners = [roll.choice(within[split + shot.set]) for _ in range(RANDOM)]
        for other in (*partners, roll.choice(within[split])):
            if other.id != shot.id:
                pairs.setdefault(frozenset((shot.id, other.id)), "random")
    return pairs


def _order(
    pair: frozenset[str], by_id: Mapping[str, SamplePicture], seed: int
) -> tuple[SamplePicture, SamplePicture]:
    """Return the two in random order: the uploaded picture, and the one in the catalogue."""
    first, second = sorted(pair)
    if random_edits.seeded_random(seed, "order", first, second).random() < 0.5:
        first, second = second, first
    return by_id[first], by_id[second]
