"""Holds out photos for evaluation without leaking near-identical ones into training.

Photos of one shelf taken within seconds look the same. If training uses one of them and evaluation
another, the figures are too high: on the grocery photos a head scored .93 that way and .79 on
photos taken elsewhere. So photos are held out in groups, by a given column, the source, the time
or the burst, and a random split that divides bursts is refused.
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
"""Cosine of backbone vectors above which two photos of one label belong to one burst."""

HELD_OUT_SHARE = 0.2
TRAINING_SPLITS = frozenset({"", "train", "training"})
SPLIT_KINDS = ("column", "source", "time", "bursts", "random")

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class PhotoOrigin:
    """Where a photo comes from; '' where unknown.

    `split` names a given split, `taken_at` is a time that sorts as text (ISO 8601).
    """

    split: str = ""
    source: str = ""
    taken_at: str = ""


@dataclass(frozen=True)
class HoldOut:
    """`held_out` (n,) marks evaluation photos; `leaks` have a near-identical training photo."""

    kind: str
    held_out: Mask
    leaks: int


def hold_out(
    kind: str | None, vectors: Array, labels: Labels, origins: Sequence[PhotoOrigin], seed: int = 1
) -> HoldOut:
    """Hold out photos by `kind`, or else by the first kind the origins allow, or by bursts.

    Raises InvalidQuery if the origins lack the column of `kind`, TooFewPhotos if one side would be
    empty, and LeakySplit for a random split that divides bursts.
    """
    kind = kind or _informative_kind(origins)
    rng = np.random.default_rng(seed)
    if kind == "column":
        held_out = np.asarray(
            [origin.split.casefold() not in TRAINING_SPLITS for origin in origins]
        )
        _require("split", [one.split for one in origins])
    elif kind == "source":
        held_out = _hold_out_groups(_require("source", [one.source for one in origins]), rng)
    elif kind == "time":
        held_out = _hold_out_latest(_require("taken_at", [one.taken_at for one in origins]))
    elif kind == "bursts":
        held_out = _hold_out_groups([str(one) for one in find_bursts(vectors, labels)], rng)
    else:
        held_out = rng.permutation(len(labels)) < HELD_OUT_SHARE * len(labels)
    if not held_out.any() or held_out.all():
        raise TooFewPhotos(
            f"the split by {kind} puts all {len(labels)} photos on one side: add photos of another "
            "source or time, or choose another --split"
        )
    leaks = _count_leaks(vectors, labels, held_out)
    if kind == "random" and leaks:
        raise LeakySplit(
            f"{leaks} of {int(held_out.sum())} photos held out at random have a near-identical "
            f"photo (cosine over {BURST_COSINE}) of the same label in training, so the figures "
            "would be too high: split by source or time (columns source, taken_at), by a column "
            "split of your own, or with --split bursts, which keeps such photos together"
        )
    return HoldOut(kind, held_out, leaks)


def find_bursts(vectors: Array, labels: Labels) -> Labels:
    """Return each photo's burst: photos of one label connected by near-identical ones."""
    # Imported here because it takes a second, which every command of the indexer would wait.
    from sklearn.cluster import DBSCAN  # noqa: PLC0415

    bursts = np.zeros(len(labels), np.int64)
    for label in np.unique(labels):
        members = labels == label
        # With min_samples=1, clusters are the connected components.
        linked = DBSCAN(eps=1 - BURST_COSINE, min_samples=1, metric="cosine")
        bursts[members] = bursts.max() + 1 + linked.fit_predict(vectors[members])
    return bursts


def _count_leaks(vectors: Array, labels: Labels, held_out: Mask) -> int:
    """Return how many held-out photos have a near-identical training photo."""
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
        raise InvalidQuery(f"the list's column {column} has the same value for all photos")
    if column == "split" and not any(values):
        raise InvalidQuery("the list has no column split")
    return values


def _hold_out_groups(groups: Sequence[str], rng: np.random.Generator) -> Mask:
    """Hold out whole groups in random order, until HELD_OUT_SHARE of the photos is reached."""
    names, numbers, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    chosen = np.zeros(len(names), bool)
    for group in rng.permutation(len(names)):
        if sizes[chosen].sum() + sizes[group] / 2 <= HELD_OUT_SHARE * len(groups):
            chosen[group] = True
    if not chosen.any():
        chosen[np.argmin(sizes)] = True
    return np.asarray(chosen[numbers])


def _hold_out_latest(moments: Sequence[str]) -> Mask:
    """Hold out the latest photos; those of one moment stay together."""
    cut = sorted(moments)[int((1 - HELD_OUT_SHARE) * len(moments))]
    late = np.asarray([moment >= cut for moment in moments])
    return late if not late.all() else np.asarray([moment > cut for moment in moments])
