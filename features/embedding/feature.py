"""The look of a picture as one vector, by an image model that LiteRT runs.

A model is converted once, in a process of its own (`features.embedding.convert`); this module never
imports TensorFlow.
"""

import copy
import json
import logging
import math
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from features.base import Json, Picture
from features.embedding.framing import Framing
from features.embedding.litert import LiteRT
from features.embedding.model_choice import RANGES, ModelChoice, digest, facts_file
from features.environment import Environment
from features.errors import ModelUnavailable
from features.vector import INDEX_TYPES, VectorFeature, dense_vector

log = logging.getLogger(__name__)


class Embedding(VectorFeature):
    """A vector of length one; near in angle where pictures look alike. Safe between threads."""

    name = "embedding"
    version = 1

    def __init__(
        self,
        model: LiteRT,
        framing: Framing,
        identity: dict[str, Json],
        index_type: str = "hnsw",
        at_once: int = 2,
    ) -> None:
        super().__init__()
        self._model = model
        self._framing = framing
        self._identity = identity
        self._index_type = index_type
        self._at_once = at_once

    def mapping(self) -> Json:
        return dense_vector(self._model.dims, self._index_type)

    def extract(self, pictures: Sequence[Picture]) -> list[Json | None]:
        """Return lists of floats of length one; None where the model answers nothing at all."""
        if len(pictures) < 2:
            return [self._embed(picture) for picture in pictures]
        # One picture at a time in every thread: faster here than batches inside the model, which
        # outgrow the processor's cache. Threads are made per batch, so none is lost in a fork.
        with ThreadPoolExecutor(min(self._at_once, len(pictures))) as threads:
            return list(threads.map(self._embed, pictures))

    def identity(self) -> dict[str, Json]:
        return copy.deepcopy(self._identity)

    def _embed(self, picture: Picture) -> list[float] | None:
        vector = self._model.run(self._framing.apply(picture.pixels))
        length = float(np.linalg.norm(vector))
        if not 0 < length < math.inf:
            return None
        unit: list[float] = (vector / length).tolist()
        return unit


def create(environment: Environment) -> Embedding:
    """Build the feature, preparing its model first where that has not been done.

    Raises ModelUnavailable or InvalidSetting.
    """
    choice = ModelChoice.from_env(environment)
    interpreters = environment.integer("LOOKALIKE_EMBEDDING_INTERPRETERS", 2, 1, 64)
    threads = environment.integer("LOOKALIKE_EMBEDDING_THREADS", 2, 1, 64)
    index_type = environment.choice("LOOKALIKE_VECTOR_INDEX", "hnsw", INDEX_TYPES)
    if not choice.is_ready():
        _convert(environment)
    path = choice.converted()
    own = path == choice.own_file
    low, high = RANGES[choice.pixel_range] if own else RANGES["0..255"]
    model = LiteRT(path, interpreters, threads, low, high)
    framing = Framing(model.side)
    facts = _own_facts(choice, path) if own else json.loads(facts_file(path).read_bytes())
    preprocessing = {**framing.facts(), "pixels": facts.pop("pixels")}
    identity = {**facts, "preprocessing": preprocessing, "dims": model.dims}
    return Embedding(model, framing, identity, index_type, interpreters)


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
