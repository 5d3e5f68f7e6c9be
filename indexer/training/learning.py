"""From labelled pictures to a head: gather, see, split, learn, judge."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from core.errors import TooFewPhotos
from features.base import Json, Picture
from features.embedding.feature import Embedding
from features.embedding.head import Array, Head
from features.embedding.training.judgement import Found, judge
from features.embedding.training.loading import load_tensorflow
from features.embedding.training.sample import LOOKS, Sample
from features.embedding.training.splits import Origin, Split, split
from features.embedding.training.vectors import Decode, VectorCache
from indexer.training.gathering import Shown
from indexer.training.photo_list import LabelledPhoto
from indexer.training.progress import counting

LEAST_PHOTOS = 50
"""To learn from. With 1, 5, 10, 50 photos a mean alone gained -.05, .03, .05, .07 top-1 here."""

LEAST_LABELS = 2


@dataclass(frozen=True)
class Seen:
    """A sample with where its photos come from; `broken` names files that cannot be read."""

    sample: Sample
    origins: Sequence[Origin]
    broken: dict[Path, str]


@dataclass(frozen=True)
class Outcome:
    """What training came to: for photos it never saw, figures by each of LOOKS.

    They are of the bare `backbone`, of it `centred`, and with the `head`.
    """

    head: Head
    split: Split
    found: Mapping[str, Sequence[Found]]


def cache(embedding: Embedding, folder: Path, decode: Decode) -> VectorCache:
    """Return the backbone's vectors for each of LOOKS, kept in `folder`."""

    def looks(picture: Picture) -> Array:
        return np.concatenate([embedding.backbone_vectors([picture], views) for views in LOOKS])

    identity = json.dumps(embedding.backbone_identity(), sort_keys=True)
    return VectorCache(folder, f"{identity} {LOOKS}", decode, looks)


def see(photos: Sequence[LabelledPhoto], shown: Sequence[Shown], vectors: VectorCache) -> Seen:
    """Return the sample of the pictures that can be read.

    A catalogue picture is labelled with its product's id.
    """
    files = [*(one.path for one in photos), *(one.path for one in shown)]
    with counting("seeing pictures", len(files)) as told:
        rows, broken = vectors.vectors(files, told)
    photos_rows, shown_rows = rows[: len(photos)], rows[len(photos) :]
    good = np.asarray([one.path not in broken for one in photos], bool)
    fit = np.asarray([one.path not in broken for one in shown], bool)
    names = {
        name: number
        for number, name in enumerate(
            sorted({one.label for one in photos} | {one.product_id for one in shown})
        )
    }
    sample = Sample(
        photos_rows[good],
        np.asarray([names[one.label] for one in photos], np.int64)[good],
        shown_rows[fit],
        np.asarray([names[one.product_id] for one in shown], np.int64)[fit],
    )
    origins = [one.origin for one in photos if one.path not in broken]
    return Seen(sample, origins, broken)


def require(sample: Sample) -> None:
    """Raise TooFewPhotos, with the number needed, unless there is something to learn from."""
    photos, labels = len(sample.photos), len(np.unique(sample.labels))
    if photos < LEAST_PHOTOS:
        raise TooFewPhotos(f"{photos} photos to learn from: at least {LEAST_PHOTOS} are needed")
    if labels < LEAST_LABELS:
        raise TooFewPhotos(
            f"all {photos} photos show the same: photos of at least {LEAST_LABELS} products or "
            "labels are needed"
        )


def learn(seen: Seen, recipe: Json, backbone: Json, kind: str | None) -> Outcome:
    """Split, learn from one side, and judge by the other.

    `recipe` are the fields of `projection.Recipe`, `kind` is how to split. Raises TooFewPhotos
    and LeakySplit.
    """
    sample = seen.sample
    require(sample)
    held = split(kind, sample.photos[:, 0], sample.labels, seen.origins)
    learned, judged = sample.taught(~held.held_out), sample.taught(held.held_out)
    require(learned)
    load_tensorflow()
    from features.embedding.training.projection import Recipe, fit  # noqa: PLC0415

    wanted = Recipe(**recipe)
    with counting("learning", wanted.epochs, "loss") as told:
        fitted = fit(learned, wanted, told)
    nothing = np.zeros_like(fitted.catalogue_mean)
    heads = {
        "backbone": Head(nothing, nothing),
        "centred": replace(fitted, projection=None),
        "head": fitted,
    }
    found = {
        name: [judge(head, judged, learned, look) for look in range(len(LOOKS))]
        for name, head in heads.items()
    }
    facts = {
        "learned": "projection",
        "recipe": recipe,
        "photos": len(learned.photos),
        "labels": len(np.unique(learned.labels)),
        "catalogue_pictures": len(sample.catalogue),
        "split": held.kind,
        "leaks": held.leaks,
        "looks": LOOKS,
        "held_out": {name: [one.facts() for one in several] for name, several in found.items()},
    }
    head = replace(fitted, backbone=backbone, facts=facts)
    return Outcome(head, held, found)
