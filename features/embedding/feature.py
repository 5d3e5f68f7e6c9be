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

from features.base import Ask, Json, Picture
from features.embedding.framing import Framing
from features.embedding.litert import LiteRT
from features.embedding.model_choice import RANGES, ModelChoice, digest, facts_file
from features.environment import Environment
from features.errors import ModelUnavailable, UnknownName

INDEX_TYPES = ("hnsw", "int8_hnsw", "int4_hnsw", "bbq_hnsw", "flat")
HNSW = {"m": 16, "ef_construction": 100}
"""Elasticsearch's own defaults, spelt out: what a graph was built with is not changed later."""

MEASURES = ("cosine", "dot", "l2")
# The engine answers 0 … 1 for `knn` under cosine as (1 + cos) / 2, and under l2 as 1 / (1 + d²);
# the scripts do the same. A rounded cosine may pass −1, and a negative score is an error.
SCRIPTS = {
    "cosine": "Math.max(0, (1 + cosineSimilarity(params.vector, params.field)) / 2)",
    "dot": "Math.min(1, Math.max(0, (1 + dotProduct(params.vector, params.field)) / 2))",
    "l2": "1 / (1 + Math.pow(l2norm(params.vector, params.field), 2))",
}

log = logging.getLogger(__name__)


class Embedding:
    """A vector of length one; near in angle where pictures look alike. Safe between threads."""

    name = "embedding"
    version = 1
    measures = MEASURES

    def __init__(
        self,
        model: LiteRT,
        framing: Framing,
        identity: dict[str, Json],
        index_type: str = "hnsw",
        at_once: int = 2,
    ) -> None:
        self._model = model
        self._framing = framing
        self._identity = identity
        self._index_type = index_type
        self._at_once = at_once
        self.field = self.name

    def at(self, field: str) -> "Embedding":
        placed = copy.copy(self)
        placed.field = field
        return placed

    def mapping(self) -> Json:
        options: dict[str, Json] = {"type": self._index_type}
        if self._index_type != "flat":
            options |= HNSW
        return {
            "type": "dense_vector",
            "dims": self._model.dims,
            "index": True,
            "similarity": "cosine",
            "index_options": options,
        }

    def extract(self, pictures: Sequence[Picture]) -> list[Json | None]:
        """Return lists of floats of length one; None where the model answers nothing at all."""
        if len(pictures) < 2:
            return [self._embed(picture) for picture in pictures]
        # One picture at a time in every thread: faster here than batches inside the model, which
        # outgrow the processor's cache. Threads are made per batch, so none is lost in a fork.
        with ThreadPoolExecutor(min(self._at_once, len(pictures))) as threads:
            return list(threads.map(self._embed, pictures))

    def clause(self, value: Json, ask: Ask) -> Json:
        measure = self._known(ask.measure)
        if ask.approximate is not None and measure == "cosine":
            nearest: Json = {
                "field": ask.field,
                "query_vector": value,
                "k": ask.approximate.k,
                "num_candidates": ask.approximate.num_candidates,
                "filter": list(ask.filters),
            }
            if ask.approximate.oversample is not None:
                nearest["rescore_vector"] = {"oversample": ask.approximate.oversample}
            return {"knn": nearest}
        # The graph is built for cosine: any other measure is compared with every picture.
        return {
            "script_score": {
                "query": {"exists": {"field": ask.field}},
                "script": {
                    "source": SCRIPTS[measure],
                    "params": {"vector": value, "field": ask.field},
                },
            }
        }

    def identity(self) -> dict[str, Json]:
        return copy.deepcopy(self._identity)

    def distance(self, a: Json, b: Json, measure: str | None = None) -> float:
        """Return 1 − cos (0 to 2), 1 − dot product, or the Euclidean distance (l2)."""
        known = self._known(measure)
        left, right = np.asarray(a, np.float64), np.asarray(b, np.float64)
        if left.shape != right.shape:
            raise ValueError("vectors of two models cannot be compared")
        if known == "l2":
            return float(np.linalg.norm(left - right))
        product = float(left @ right)
        if known == "cosine":
            product /= float(np.linalg.norm(left) * np.linalg.norm(right))
        return 1 - product

    def evidence(self, score: float, measure: str | None = None) -> dict[str, float]:
        """Return the cosine or dot product (−1 to 1), or the Euclidean distance (l2)."""
        known = self._known(measure)
        if known == "l2":
            return {known: math.sqrt(max(0.0, 1 / score - 1)) if score > 0 else math.inf}
        return {known: 2 * score - 1}

    def _embed(self, picture: Picture) -> list[float] | None:
        vector = self._model.run(self._framing.apply(picture.pixels))
        length = float(np.linalg.norm(vector))
        if not 0 < length < math.inf:
            return None
        unit: list[float] = (vector / length).tolist()
        return unit

    def _known(self, measure: str | None) -> str:
        if measure is not None and measure not in MEASURES:
            raise UnknownName("measure", measure, MEASURES)
        return measure or MEASURES[0]


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
