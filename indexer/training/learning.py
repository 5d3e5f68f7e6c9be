"""From labelled pictures to a head: gather, see, split, learn, judge."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from core.progress import Work, show_progress
from features.base import Json, Picture
from features.embedding.errors import TooFewPhotos
from features.embedding.feature import Embedding
from features.embedding.head import Array, Head
from features.embedding.training.evaluation import RetrievalAccuracy, evaluate
from features.embedding.training.labelled_vectors import VIEWS_PER_VECTOR, LabelledVectors
from features.embedding.training.splits import HoldOut, PhotoOrigin, hold_out
from features.embedding.training.tensorflow_loading import load_tensorflow
from features.embedding.training.vector_cache import Decode, VectorCache
from indexer.training.photo_list import LabelledPhoto
from indexer.training.picture_sources import CataloguePicture

MIN_PHOTOS = 50
"""To learn from. With 1, 5, 10, 50 photos a mean alone gained -.05, .03, .05, .07 top-1 here."""

MIN_LABELS = 2


@dataclass(frozen=True)
class TrainingSet:
    """A sample with where its photos come from; `unreadable` names files that cannot be read."""

    sample: LabelledVectors
    origins: Sequence[PhotoOrigin]
    unreadable: dict[Path, str]


@dataclass(frozen=True)
class TrainingOutcome:
    """What training came to: for photos it never saw, figures by each of LOOKS.

    They are of the bare `backbone`, of it `centred`, and with the `head`.
    """

    head: Head
    hold_out: HoldOut
    found: Mapping[str, Sequence[RetrievalAccuracy]]


def open_vector_cache(embedding: Embedding, folder: Path, decode: Decode) -> VectorCache:
    """Return the backbone's vectors for each of LOOKS, kept in `folder`."""

    def looks(picture: Picture) -> Array:
        return np.concatenate(
            [embedding.backbone_vectors([picture], views) for views in VIEWS_PER_VECTOR]
        )

    identity = json.dumps(embedding.backbone_identity(), sort_keys=True)
    return VectorCache(folder, f"{identity} {VIEWS_PER_VECTOR}", decode, looks)


def build_training_set(
    photos: Sequence[LabelledPhoto], shown: Sequence[CataloguePicture], vectors: VectorCache
) -> TrainingSet:
    """Return the sample of the pictures that can be read.

    A catalogue picture is labelled with its product's id.
    """
    files = [*(one.path for one in photos), *(one.path for one in shown)]
    with show_progress(Work("extracting vectors", "pictures"), len(files)) as progress:
        rows, broken = vectors.vectors(files, progress.move_to)
    photos_rows, shown_rows = rows[: len(photos)], rows[len(photos) :]
    good = np.asarray([one.path not in broken for one in photos], bool)
    readable = np.asarray([one.path not in broken for one in shown], bool)
    names = {
        name: number
        for number, name in enumerate(
            sorted({one.label for one in photos} | {one.product_id for one in shown})
        )
    }
    sample = LabelledVectors(
        photos_rows[good],
        np.asarray([names[one.label] for one in photos], np.int64)[good],
        shown_rows[readable],
        np.asarray([names[one.product_id] for one in shown], np.int64)[readable],
    )
    origins = [one.origin for one in photos if one.path not in broken]
    return TrainingSet(sample, origins, broken)


def require_enough(sample: LabelledVectors) -> None:
    """Raise TooFewPhotos, with the number needed, unless there is something to learn from."""
    photos, labels = len(sample.photos), len(np.unique(sample.labels))
    if photos < MIN_PHOTOS:
        raise TooFewPhotos(f"{photos} photos to learn from: at least {MIN_PHOTOS} are needed")
    if labels < MIN_LABELS:
        raise TooFewPhotos(
            f"all {photos} photos show the same: photos of at least {MIN_LABELS} products or "
            "labels are needed"
        )


def learn(seen: TrainingSet, recipe: Json, backbone: Json, kind: str | None) -> TrainingOutcome:
    """Split, learn from one side, and judge by the other.

    `recipe` are the fields of `projection.Recipe`, `kind` is how to split. Raises TooFewPhotos
    and LeakySplit.
    """
    sample = seen.sample
    require_enough(sample)
    held = hold_out(kind, sample.photos[:, 0], sample.labels, seen.origins)
    learned, judged = sample.with_photos(~held.held_out), sample.with_photos(held.held_out)
    require_enough(learned)
    load_tensorflow()
    from features.embedding.training.projection import ProjectionConfig, fit_projection  # noqa: PLC0415

    wanted = ProjectionConfig(**recipe)
    with show_progress(Work("learning", "epochs"), wanted.epochs) as progress:
        fitted = fit_projection(
            learned, wanted, lambda epoch, loss: progress.move_to(epoch, f"loss {loss:.3f}")
        )
    nothing = np.zeros_like(fitted.catalogue_mean)
    heads = {
        "backbone": Head(nothing, nothing),
        "centred": replace(fitted, projection=None),
        "head": fitted,
    }
    found = {
        name: [evaluate(head, judged, learned, look) for look in range(len(VIEWS_PER_VECTOR))]
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
        "looks": VIEWS_PER_VECTOR,
        "held_out": {name: [one.facts() for one in several] for name, several in found.items()},
    }
    head = replace(fitted, backbone=backbone, facts=facts)
    return TrainingOutcome(head, held, found)
