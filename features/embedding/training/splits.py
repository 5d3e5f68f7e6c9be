"""Which photos are held back to judge by, so that the figures mean what they say.

Photos of one shelf taken in one breath look the same. Where one of them is learned from and
another judged by, the figures flatter: on the grocery photos a head scored .93 so, and .79 on
photos taken elsewhere. So photos are held back by what they have in common (the given column, the
source, the time, the burst), and a random choice that tears bursts apart is refused.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.errors import InvalidQuery
from features.embedding.errors import LeakySplit, TooFewPhotos
from features.embedding.head import Array, normalise
from features.embedding.training.labelled_vectors import Labels

BURST_COSINE = 0.9
"""Cosine of raw vectors above which photos of one label count as one burst."""

HELD_OUT_SHARE = 0.2
TRAINING_SPLITS = frozenset({"", "train", "training"})
SPLIT_KINDS = ("column", "source", "time", "bursts", "random")

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class PhotoOrigin:
    """What a list says of where a photo comes from; '' where it does not.

    `split` is a given split's name, `taken_at` sorts as text (ISO 8601).
    """

    split: str = ""
    source: str = ""
    taken_at: str = ""


@dataclass(frozen=True)
class HoldOut:
    """`held_out` is True for the photos to judge by. `leaks` of them have a twin to learn from."""

    kind: str
    held_out: Mask
    leaks: int


def hold_out(
    kind: str | None, vectors: Array, labels: Labels, origins: Sequence[PhotoOrigin], seed: int = 1
) -> HoldOut:
    """Hold photos back; without a `kind`, by the first that the list tells, else by bursts.

    Raises InvalidQuery where the list lacks what `kind` goes by, TooFewPhotos where nothing
    would be left on one side, LeakySplit for a random choice that tears bursts apart.
    """
    kind = kind or _informative_kind(origins)
    chance = np.random.default_rng(seed)
    if kind == "column":
        held_out = np.asarray([one.split.casefold() not in TRAINING_SPLITS for one in origins])
        _require("split", [one.split for one in origins])
    elif kind == "source":
        held_out = _hold_out_groups(_require("source", [one.source for one in origins]), chance)
    elif kind == "time":
        held_out = _hold_out_latest(_require("taken_at", [one.taken_at for one in origins]))
    elif kind == "bursts":
        held_out = _hold_out_groups([str(one) for one in find_bursts(vectors, labels)], chance)
    else:
        held_out = chance.permutation(len(labels)) < HELD_OUT_SHARE * len(labels)
    if not held_out.any() or held_out.all():
        raise TooFewPhotos(
            f"by {kind} all {len(labels)} photos are on one side: photos of two kinds are needed"
        )
    leaks = _count_leaks(vectors, labels, held_out)
    if kind == "random" and leaks:
        raise LeakySplit(
            f"{leaks} of {int(held_out.sum())} photos held back at random have a near-identical "
            f"photo (cosine over {BURST_COSINE}) of the same label among those learned from, so "
            "the figures would flatter: split by source or time (columns source, taken_at), by a "
            "column split of your own, or with --split bursts, which keeps such photos together"
        )
    return HoldOut(kind, held_out, leaks)


def find_bursts(vectors: Array, labels: Labels) -> Labels:
    """Return each photo's burst: photos of one label linked by near-identical ones."""
    # It takes a second to load, and every command of the indexer would wait for it.
    from sklearn.cluster import DBSCAN  # noqa: PLC0415

    found = np.zeros(len(labels), np.int64)
    for label in np.unique(labels):
        members = labels == label
        # With one neighbour as a core, a cluster is whatever hangs together.
        linked = DBSCAN(eps=1 - BURST_COSINE, min_samples=1, metric="cosine")
        found[members] = found.max() + 1 + linked.fit_predict(vectors[members])
    return found


def _count_leaks(vectors: Array, labels: Labels, held_out: Mask) -> int:
    """Return how many held-out photos have a near-identical one among those learned from."""
    count = 0
    for label in np.unique(labels[held_out]):
        judged = normalise(vectors[(labels == label) & held_out])
        learned = normalise(vectors[(labels == label) & ~held_out])
        if len(learned):
            count += int((judged @ learned.T > BURST_COSINE).any(axis=1).sum())
    return count


def _informative_kind(origins: Sequence[PhotoOrigin]) -> str:
    for kind, column in (("column", "split"), ("source", "source"), ("time", "taken_at")):
        if len({getattr(one, column) for one in origins} - {""}) > 1:
            return kind
    return "bursts"


def _require(column: str, values: Sequence[str]) -> Sequence[str]:
    if len(set(values) - {""}) < 2 and column != "split":
        raise InvalidQuery(f"the list's column {column} tells no two photos apart")
    if column == "split" and not any(values):
        raise InvalidQuery("the list has no column split")
    return values


def _hold_out_groups(groups: Sequence[str], chance: np.random.Generator) -> Mask:
    """Hold back whole groups, in random order, until a share of the photos is reached."""
    names, numbers, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    chosen = np.zeros(len(names), bool)
    for one in chance.permutation(len(names)):
        if sizes[chosen].sum() + sizes[one] / 2 <= HELD_OUT_SHARE * len(groups):
            chosen[one] = True
    if not chosen.any():
        chosen[np.argmin(sizes)] = True
    return np.asarray(chosen[numbers])


def _hold_out_latest(moments: Sequence[str]) -> Mask:
    """Hold back the latest; photos of one moment stay together."""
    cut = sorted(moments)[int((1 - HELD_OUT_SHARE) * len(moments))]
    late = np.asarray([moment >= cut for moment in moments])
    return late if not late.all() else np.asarray([moment > cut for moment in moments])
