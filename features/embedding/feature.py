"""The feature `embedding`: a picture as one vector, by an image model that LiteRT runs.

A model is converted once, in its own process (`features.embedding.convert`). This module never
imports TensorFlow; `features.embedding.device` does where there is a GPU.
"""

import copy
import json
import logging
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from core.environment import Environment
from core.setting import Setting
from features import rotation
from features.base import Json, Picture
from features.embedding.device import model_on_device
from features.embedding.framing import VIEW_COUNTS, EmbeddingFraming
from features.embedding.head import Array, Head, normalise
from features.embedding.image_model import BatchModel, ImageModel
from features.embedding.litert import LiteRTModel
from features.embedding.model_choice import RANGES, ModelChoice, digest, facts_file
from features.errors import ModelUnavailable
from features.vector import (
    DEFAULT_INDEX_TYPE,
    INDEX_TYPES,
    VectorFeature,
    dense_vector_mapping,
)

SETTINGS = (
    Setting(
        "LOOKALIKE_EMBEDDING_HEAD",
        "",
        "head for the model (`python -m indexer centre`); after a change, load again "
        "with `--rebuild`",
    ),
    Setting(
        "LOOKALIKE_EMBEDDING_VIEWS", "1", "views of a stored picture that are averaged: 1, 5 or 10"
    ),
    Setting("LOOKALIKE_EMBEDDING_INTERPRETERS", "2", "copies of the model in each process"),
    Setting("LOOKALIKE_EMBEDDING_THREADS", "2", "threads in each copy of the model"),
    Setting(
        "LOOKALIKE_VECTOR_INDEX",
        f"`{DEFAULT_INDEX_TYPE}`",
        "Elasticsearch's vector index; also `bbq_hnsw`, `hnsw`, `int8_hnsw`, `int4_hnsw`, `flat`",
    ),
)


ACCURATE_VIEWS = 5
"""Views averaged for an accurate search and for stored shoppers' photos."""

log = logging.getLogger(__name__)


class Embedding(VectorFeature):
    """A unit vector (d,); similar pictures have vectors at a small angle. Thread-safe.

    `identity` describes the model; a `head` must have been made for the same identity, or
    ModelUnavailable is raised. `views` is how many views of a stored picture are averaged,
    `backbone_dims` the length of the model's own vectors, `concurrency` how many pictures of a
    batch are embedded at once.
    """

    name = "embedding"
    version = 1
    default_weight = 1.0
    proposes_candidates = True
    confident_score = 0.70
    """At this score, a cosine of .40, 95 % of photos without a counterpart in the catalogue stay
    below, and 83 % of right answers to phone photos of groceries lie above
    (docs/benchmarks/cosine.md)."""

    def __init__(
        self,
        model: ImageModel,
        framing: EmbeddingFraming,
        identity: dict[str, Json],
        index_type: str = DEFAULT_INDEX_TYPE,
        concurrency: int = 2,
        *,
        head: Head | None = None,
        views: int = 1,
    ) -> None:
        super().__init__()
        if head is not None and dict(head.backbone) != identity:
            raise ModelUnavailable(
                f"the head was made for the model {dict(head.backbone)}, but the model in use is "
                f"{identity}: use the settings the head was made with, or make a new head"
            )
        self._model = model
        self._framing = framing
        self._identity = identity
        self._index_type = index_type
        self._concurrency = concurrency
        self._head = head
        self.views = views
        self.backbone_dims = model.dims

    def mapping(self) -> Json:
        dims = self._head.dims if self._head else self._model.dims
        return dense_vector_mapping(dims, self._index_type)

    def extract(self, pictures: Sequence[Picture]) -> list[Json | None]:
        """Return unit vectors as lists of floats; None where the model's output is zero."""
        vectors = self.backbone_vectors(pictures, self.views)
        return _to_lists(self._head.transform_catalogue(vectors) if self._head else vectors)

    def extract_photo(
        self, pictures: Sequence[Picture], *, accurate: bool = False
    ) -> list[Json | None]:
        """Return the query vectors of shoppers' photos, centred on the photos' mean.

        With `accurate`, five views are averaged, at five times the cost.
        """
        vectors = self.backbone_vectors(pictures, ACCURATE_VIEWS if accurate else 1)
        return _to_lists(self._head.transform_queries(vectors) if self._head else vectors)

    def extract_stored_photo(self, pictures: Sequence[Picture]) -> list[Json | None]:
        """Return the vectors to store for shoppers' photos: five views, the photos' mean."""
        vectors = self.backbone_vectors(pictures, ACCURATE_VIEWS)
        return _to_lists(self._head.transform_stored_photos(vectors) if self._head else vectors)

    def backbone_vectors(self, pictures: Sequence[Picture], views: int = 1) -> Array:
        """Return the model's own unit vectors, (n, d), before any head.

        With several `views` (one of VIEW_COUNTS), a vector is the normalised mean of its views.
        Zeros where the model's output is zero or not finite.
        """
        if not pictures:
            return np.zeros((0, self._model.dims), np.float32)
        if isinstance(self._model, BatchModel):
            framed = [list(self._framing.views(one.pixels, views)) for one in pictures]
            outputs = self._model.run_many(np.stack([view for each in framed for view in each]))
            return np.stack([_mean(each) for each in np.split(outputs, len(pictures))])
        if len(pictures) == 1:
            return self._embed(pictures[0], views)[np.newaxis]
        # Each thread runs one picture at a time, which is faster than batches in the model, because
        # those outgrow the processor's cache. Threads are made per batch, so no fork loses any.
        with ThreadPoolExecutor(min(self._concurrency, len(pictures))) as threads:
            return np.stack(list(threads.map(lambda one: self._embed(one, views), pictures)))

    def identity(self) -> dict[str, Json]:
        identity = {**self.backbone_identity(), "rotation": rotation.IDENTITY}
        if self.views > 1:
            identity["preprocessing"]["views"] = self.views
        if self._head:
            identity |= {"dims": self._head.dims, "head_sha256": self._head.sha256}
        return identity

    def backbone_identity(self) -> dict[str, Json]:
        """Return the identity of the model without a head; heads are made for it."""
        return copy.deepcopy(self._identity)

    def _embed(self, picture: Picture, views: int) -> Array:
        runs = [self._model.run(pixels) for pixels in self._framing.views(picture.pixels, views)]
        return _mean(np.stack(runs))


def _mean(outputs: Array) -> Array:
    """Return the unit vector of one picture's views, (n, d)."""
    finite = np.where(np.isfinite(outputs).all(axis=1, keepdims=True), outputs, np.float32(0))
    mean: Array = normalise(normalise(finite).mean(axis=0, keepdims=True))[0]
    return mean


def _to_lists(vectors: Array) -> list[Json | None]:
    """Return the vectors as they are stored and asked, rotated; None for zeros."""
    return [vector.tolist() if vector.any() else None for vector in rotation.rotate(vectors)]


def create(environment: Environment) -> Embedding:
    """Build the feature from the settings, preparing its model first if needed.

    Raises ModelUnavailable or InvalidSetting.
    """
    choice = ModelChoice.from_env(environment)
    interpreters = environment.integer("LOOKALIKE_EMBEDDING_INTERPRETERS", 2, 1, 64)
    threads = environment.integer("LOOKALIKE_EMBEDDING_THREADS", 2, 1, 64)
    index_type = environment.choice("LOOKALIKE_VECTOR_INDEX", DEFAULT_INDEX_TYPE, INDEX_TYPES)
    views = environment.choice("LOOKALIKE_EMBEDDING_VIEWS", "1", tuple(map(str, VIEW_COUNTS)))
    head = environment.text("LOOKALIKE_EMBEDDING_HEAD")
    model = load_model(environment, choice, interpreters, threads)
    path = choice.converted_path()
    own = path == choice.own_file
    framing = EmbeddingFraming(model.side)
    facts = _own_facts(choice, path) if own else json.loads(facts_file(path).read_bytes())
    preprocessing = {**framing.facts(), "pixels": facts.pop("pixels")}
    identity = {**facts, "preprocessing": preprocessing, "dims": model.dims}
    return Embedding(
        model_on_device(environment, choice, model),
        framing,
        identity,
        index_type,
        interpreters,
        head=Head.load(Path(head).expanduser()) if head else None,
        views=int(views),
    )


def load_model(
    environment: Environment, choice: ModelChoice, interpreters: int = 1, threads: int = 1
) -> LiteRTModel:
    """Return the model ready to run, preparing it first if needed. Raises ModelUnavailable."""
    if not choice.is_ready():
        _convert(environment)
    path = choice.converted_path()
    own = path == choice.own_file
    low, high = RANGES[choice.pixel_range] if own else RANGES["0..255"]
    return LiteRTModel(path, interpreters, threads, low, high)


def _own_facts(choice: ModelChoice, path: Path) -> dict[str, Json]:
    return {
        "model": choice.label,
        "weights_sha256": digest(path),
        "runtime": "litert",
        "precision": "as in the file",
        "pixels": choice.pixel_range,
    }


def _convert(environment: Environment) -> None:
    log.info("preparing the embedding model in its own process")
    done = subprocess.run(
        [sys.executable, "-m", "features.embedding.convert"],
        env=dict(environment.values),
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise ModelUnavailable(
            done.stdout.strip()
            or f"preparing the embedding model failed with exit code {done.returncode}: "
            "run `python -m features.embedding.convert --verbose` to see why"
        )
