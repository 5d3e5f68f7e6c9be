"""Make the labelled pairs that the verdict model is fitted, calibrated and judged on.

`bench.verdict.pair_planning` decides which pairs there are; here their files are made.
"""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from types import ModuleType

from bench.data import attack_module, judged_pairs
from bench.data.sample_pictures import read_pictures
from bench.edits import random_edits, siblings
from bench.edits.random_edits import seeded_random
from bench.verdict.nearest_pictures import nearest_pictures
from bench.verdict.pair_planning import (
    EDITED_SIDE,
    OTHER_SIDE,
    PlannedPair,
    group_relatives,
    plan_pairs,
    split_of,
)
from core.environment import Environment
from features.imaging.decode import FEED_LIMITS, decode

HARDEST = 0.3
"""Share of a limited number of pairs that may be the hardest."""


@dataclass(frozen=True)
class LabelledPair:
    """An uploaded picture, a catalogue picture, and how they relate.

    `first` is a file's bytes; `truth` is one of `judged_pairs.TRUTHS`. `kind` is ``edited`` (a
    positive), ``variant``, ``judged``, ``hard``, ``random``, or one of `kind_pairs.KINDS`; `edit`
    is the edit of the first picture. `group` names its group of relatives, all in one split.
    """

    first: bytes
    second: Path
    truth: str
    kind: str
    group: str
    split: str
    edit: str
    a: str
    b: str


def labelled_pairs(
    data: Path,
    seed: int = 7,
    splits: Sequence[str] = ("fit",),
    limit: int | None = None,
    environment: Environment | None = None,
) -> Iterator[LabelledPair]:
    """Yield the pairs of the splits: the hardest first, then the rest in an order drawn by `seed`.

    The hardest are those a person judged and the two sides of an object. `limit` keeps that many
    pairs, at most HARDEST of them the hardest: without copies enough, nothing is learned of them.

    Same data, seed and splits give the same pairs, byte for byte. The attacks of ``attacks.py``
    occur in ``test`` alone.
    """
    module = attack_module.open_module(data / "attacks.py")
    shots = read_pictures(data)
    near = nearest_pictures(shots, environment or Environment.current())
    planned = [
        plan
        for plan in plan_pairs(
            shots, near, judged_pairs.read_judged_pairs(), tuple(module.ATTACKS), seed
        )
        if plan.split in splits
    ]
    planned.sort(key=lambda p: seeded_random(seed, p.a.id, p.b.id, p.edit, str(p.turn)).random())
    hardest = [plan for plan in planned if _is_hard(plan)]
    others = [plan for plan in planned if not _is_hard(plan)]
    planned = [*hardest[: None if limit is None else round(limit * HARDEST)], *others]
    pairs = (pair for plan in planned if (pair := _made(plan, module, seed)) is not None)
    yield from islice(pairs, limit)


def _is_hard(plan: PlannedPair) -> bool:
    return plan.kind == "judged" or plan.edit in (OTHER_SIDE, EDITED_SIDE)


def catalogue_pictures(
    data: Path, split: str, seed: int = 7, environment: Environment | None = None
) -> list[Path]:
    """Return the catalogue pictures of a split; their relatives are in no other."""
    shots = read_pictures(data)
    near = nearest_pictures(shots, environment or Environment.current())
    known = {shot.id for shot in shots}
    judged = [one for one in judged_pairs.read_judged_pairs() if one.pair <= known]
    groups = group_relatives(shots, near, judged)
    return [
        shot.path
        for shot in shots
        if shot.is_catalogue and split_of(groups[shot.id], seed) == split
    ]


def _made(plan: PlannedPair, module: ModuleType, seed: int) -> LabelledPair | None:
    first = render(plan, module, seed)
    if first is None:
        return None
    return LabelledPair(
        first, plan.b.path, plan.truth, plan.kind, plan.group,
        plan.split, plan.edit, plan.a.id, plan.b.id,
    )  # fmt: skip


def render(plan: PlannedPair, module: ModuleType, seed: int) -> bytes | None:
    """Return the first picture's file: the stored bytes, or a new file after its edit.

    None if the picture has no such sibling.
    """
    data = plan.a.path.read_bytes()
    family, _, name = plan.edit.partition(":")
    if not family:
        return data
    key = f"{plan.a.id} {plan.turn}"
    if family == "variant":
        name, _, then = name.partition("+")
        sibling = siblings.SIBLINGS[name](
            decode(data, FEED_LIMITS).pixels, random_edits.seeded_random(seed, name, key)
        )
        if sibling is None or not then:
            return sibling
        name = random_edits.seeded_random(seed, then, key).choice(random_edits.LEGIBLE)
        return random_edits.apply_edit(decode(sibling, FEED_LIMITS).pixels, name, key, seed)
    if family == "edit":
        return random_edits.apply_edit(decode(data, FEED_LIMITS).pixels, name, key, seed)
    edited = module.variant(module.load(plan.a.path), name, plan.a.id, seed)
    file = io.BytesIO()
    if name in module.LOSSLESS:
        edited.save(file, "PNG")
    else:
        edited.save(file, "JPEG", quality=attack_module.QUALITY)
    return file.getvalue()
