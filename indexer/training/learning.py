"""Trains a head on labelled pictures: embeds them, holds photos out, learns and evaluates."""

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
"""Least photos to learn from. On the grocery photos, centring alone changed top-1 by -.05, .03, .05
and .07 with 1, 5, 10 and 50 photos."""

MIN_LABELS = 2


@dataclass(frozen=True)
class TrainingSet:
    """Vectors, the origins of their photos, and the reason for each unreadable file."""

    vectors: LabelledVectors
    origins: Sequence[PhotoOrigin]
    unreadable: dict[Path, str]


@dataclass(frozen=True)
class TrainingOutcome:
    """The head, the split, and the accuracy on held-out photos.

    `accuracy` has the keys `backbone` (without a head), `centred` (centring only) and `head`, each
    with one figure per entry of VIEWS_PER_VECTOR.
    """

    head: Head
    hold_out: HoldOut
    accuracy: Mapping[str, Sequence[RetrievalAccuracy]]


def open_vector_cache(embedding: Embedding, folder: Path, decode: Decode) -> VectorCache:
    """Return the cache in `folder` of backbone vectors, one for each of VIEWS_PER_VECTOR."""

    def embed(picture: Picture) -> Array:
        return np.concatenate(
            [embedding.backbone_vectors([picture], views) for views in VIEWS_PER_VECTOR]
        )

    identity = json.dumps(embedding.backbone_identity(), sort_keys=True)
    return VectorCache(folder, f"{identity} {VIEWS_PER_VECTOR}", decode, embed)


def build_training_set(
    photos: Sequence[LabelledPhoto], catalogue: Sequence[CataloguePicture], cache: VectorCache
) -> TrainingSet:
    """Embed the readable pictures; a catalogue picture's label is its product's id."""
    files = [*(one.path for one in photos), *(one.path for one in catalogue)]
    with show_progress(Work("extracting vectors", "pictures"), len(files)) as progress:
        rows, unreadable = cache.vectors(files, progress.move_to)
    photo_rows, catalogue_rows = rows[: len(photos)], rows[len(photos) :]
    usable_photos = np.asarray([one.path not in unreadable for one in photos], bool)
    usable_pictures = np.asarray([one.path not in unreadable for one in catalogue], bool)
    names = {
        name: number
        for number, name in enumerate(
            sorted({one.label for one in photos} | {one.product_id for one in catalogue})
        )
    }
    vectors = LabelledVectors(
        photo_rows[usable_photos],
        np.asarray([names[one.label] for one in photos], np.int64)[usable_photos],
        catalogue_rows[usable_pictures],
        np.asarray([names[one.product_id] for one in catalogue], np.int64)[usable_pictures],
    )
    origins = [one.origin for one in photos if one.path not in unreadable]
    return TrainingSet(vectors, origins, unreadable)


def require_enough(vectors: LabelledVectors) -> None:
    """Raise TooFewPhotos, with the number needed, if there are too few photos or labels."""
    photos, labels = len(vectors.photos), len(np.unique(vectors.labels))
    if photos < MIN_PHOTOS:
        raise TooFewPhotos(f"{photos} photos to learn from: at least {MIN_PHOTOS} are needed")
    if labels < MIN_LABELS:
        raise TooFewPhotos(
            f"all {photos} photos have the same label: photos of at least {MIN_LABELS} products "
            "or labels are needed"
        )


def learn(
    training_set: TrainingSet, recipe: Json, backbone: Json, kind: str | None
) -> TrainingOutcome:
    """Hold photos out, learn from the others, and evaluate on those held out.

    `recipe` holds fields of `ProjectionConfig`, `backbone` the model's identity, and `kind` one of
    SPLIT_KINDS or None. Raises TooFewPhotos and LeakySplit.
    """
    vectors = training_set.vectors
    require_enough(vectors)
    split = hold_out(kind, vectors.photos[:, 0], vectors.labels, training_set.origins)
    learned = vectors.with_photos(~split.held_out)
    held_out = vectors.with_photos(split.held_out)
    require_enough(learned)
    load_tensorflow()
    from features.embedding.training.projection import ProjectionConfig, fit_projection  # noqa: PLC0415

    config = ProjectionConfig(**recipe)
    with show_progress(Work("learning", "epochs"), config.epochs) as progress:
        fitted = fit_projection(
            learned, config, lambda epoch, loss: progress.move_to(epoch, f"loss {loss:.3f}")
        )
    zeros = np.zeros_like(fitted.catalogue_mean)
    heads = {
        "backbone": Head(zeros, zeros),
        "centred": replace(fitted, projection=None),
        "head": fitted,
    }
    accuracy = {
        name: [evaluate(head, held_out, learned, view) for view in range(len(VIEWS_PER_VECTOR))]
        for name, head in heads.items()
    }
    facts = {
        "learned": "projection",
        "recipe": recipe,
        "photos": len(learned.photos),
        "labels": len(np.unique(learned.labels)),
        "catalogue_pictures": len(vectors.catalogue),
        "split": split.kind,
        "leaks": split.leaks,
        "looks": VIEWS_PER_VECTOR,
        "held_out": {name: [view.facts() for view in views] for name, views in accuracy.items()},
    }
    head = replace(fitted, backbone=backbone, facts=facts)
    return TrainingOutcome(head, split, accuracy)
