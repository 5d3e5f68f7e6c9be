"""Make any number of vectors distributed like real embeddings, grown from those of real pictures.

The pictures of the data folder are embedded by the product's own model (1280 numbers), projected on
their first principal components without whitening, and normalised to length one. A grown vector is
one of these, moved by the differences between two other pairs of real neighbours, so it differs
from its origin in the same ways, and by about as much, as real neighbours do. Random vectors would
not do: at 256 dimensions they have no meaningful neighbours. Compared with the 3,293 real ones, as
many grown ones are a little harder: median cosine to the nearest .77 (real
.84), to the tenth .56 (.69), intrinsic dimension (Levina and Bickel 2004, 20 neighbours) 13 (10).
"""

import hashlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.data import query_photos, sample_pictures
from bench.report import log_progress
from core.environment import Environment
from core.errors import LookalikeError
from features import rotation
from features.base import ClauseContext, Json, Picture
from features.embedding import feature
from features.embedding.feature import Embedding
from features.imaging import decode
from features.vector import dense_vector_mapping
from indexer.errors import FeedUnreadable

DIMS = 256
NEAREST = 5
"""Number of real neighbours of each real vector whose differences move grown vectors."""

ONE_PHOTO = 0.98
"""Cosine from which two real pictures count as one photo and not as neighbours."""

HUGE, SMALL = (1_000, 3_000), (2, 40)
"""Sizes of groups of identical vectors: a maker's photo in every shop, and a few resellers."""

BLOCK = 20_000

Vectors = NDArray[np.float32]
"""One vector a row, of length one."""


@dataclass(frozen=True)
class PrincipalComponents:
    """Principal components without whitening, rotated. `axes` has a row per kept dimension."""

    mean: Vectors
    axes: Vectors

    @classmethod
    def fit(cls, vectors: Vectors, dims: int = DIMS) -> "PrincipalComponents":
        """Raises FeedUnreadable for fewer vectors than dimensions."""
        if len(vectors) < dims:
            raise FeedUnreadable(f"{dims} dimensions need as many pictures, not {len(vectors)}")
        mean = vectors.mean(axis=0)
        _, _, axes = np.linalg.svd(vectors - mean, full_matrices=False)
        return cls(mean, rotation.rotate(axes[:dims].T.astype(np.float32)).T)

    def apply(self, vectors: Vectors) -> Vectors:
        """Return the projected vectors, of length one."""
        return unit_length(np.asarray((vectors - self.mean) @ self.axes.T, np.float32))


@dataclass(frozen=True)
class ProjectedEmbedding:
    """The product's embedding with fewer dimensions, with the same field, clause and evidence."""

    embedding: Embedding
    projection: PrincipalComponents
    name = Embedding.name
    version = Embedding.version
    default_weight = Embedding.default_weight
    proposes_candidates = Embedding.proposes_candidates
    measures = Embedding.measures

    def mapping(self) -> Json:
        kept = self.embedding.mapping()["index_options"]["type"]
        return dense_vector_mapping(len(self.projection.axes), kept)

    def extract(self, pictures: Sequence[Picture]) -> list[Json | None]:
        return [
            None if value is None else self._projected(value)
            for value in self.embedding.extract(pictures)
        ]

    def _projected(self, value: Json) -> Json:
        return self.projection.apply(np.array([value], np.float32))[0].tolist()

    def clause(self, value: Json, context: ClauseContext) -> Json:
        return self.embedding.clause(value, context)

    def identity(self) -> dict[str, Json]:
        digest = hashlib.sha256(self.projection.axes.tobytes()).hexdigest()
        return {**self.embedding.identity(), "projection": digest}

    def distance(self, a: Json, b: Json, measure: str | None = None) -> float:
        return self.embedding.distance(a, b, measure)

    def evidence(self, score: float, measure: str | None = None) -> dict[str, float]:
        return self.embedding.evidence(score, measure)


@dataclass(frozen=True)
class GrownVectors:
    """Vectors to store, and questions of the same distribution that are not stored.

    `duplicates` counts the vectors in groups of identical ones, which are spread over all rows.
    `feature` is the feature that stores and searches them.
    """

    stored: Vectors
    questions: Vectors
    duplicates: int
    largest_group: int
    feature: ProjectedEmbedding


def embed_pictures(
    data: Path, environment: Environment, pictures: int | None = None
) -> tuple[Vectors, Embedding]:
    """Return the embeddings of the data folder's pictures, and the feature that made them.

    `pictures` limits their number, evenly spaced over all sets. Cached by model and pictures.
    Raises ModelUnavailable.
    """
    embedding = feature.create(environment)
    shots = query_photos.take_evenly(sample_pictures.read_pictures(data), pictures)
    digest = hashlib.sha256(repr((embedding.identity(), [shot.id for shot in shots])).encode())
    cache_file = (
        sample_pictures.cache_folder(environment) / f"embeddings-{digest.hexdigest()[:16]}.npy"
    )
    if cache_file.exists():
        cached: Vectors = np.load(cache_file)
        return cached, embedding
    log_progress(f"embedding {len(shots)} pictures, once")
    with ThreadPoolExecutor(2) as threads:
        embedded = threads.map(lambda shot: _embedded(embedding, shot.path), shots)
        vectors = np.array([value for value in embedded if value is not None], np.float32)
    cache_file.parent.mkdir(parents=True, exist_ok=True)
    part = cache_file.with_suffix(".part.npy")
    np.save(part, vectors)
    part.replace(cache_file)
    return vectors, embedding


def _embedded(embedding: Embedding, path: Path) -> Json | None:
    try:
        return embedding.extract([decode.decode(path.read_bytes(), decode.FEED_LIMITS)])[0]
    except LookalikeError:
        return None


def grow_from_pictures(
    data: Path,
    environment: Environment,
    count: int,
    *,
    questions: int,
    duplicates: float = 0.0,
    seed: int = 7,
    pictures: int | None = None,
) -> GrownVectors:
    """Return `count` vectors, a share `duplicates` of them in groups of identical ones.

    They are grown from all pictures of the data folder, or from `pictures` of them.
    """
    vectors, embedding = embed_pictures(data, environment, pictures)
    projection = PrincipalComponents.fit(vectors)
    made_by = ProjectedEmbedding(embedding, projection)
    origins = projection.apply(vectors)
    return grow_vectors(origins, made_by, count, questions, duplicates, seed)


def grow_vectors(
    origins: Vectors,
    made_by: ProjectedEmbedding,
    count: int,
    questions: int,
    duplicates: float,
    seed: int,
) -> GrownVectors:
    """Return vectors grown from `origins`; equal arguments give equal vectors."""
    chance = np.random.default_rng([seed, count])
    moves = _moves(origins)
    stored = _neighbours(chance, origins, moves, count)
    in_groups, largest = _repeat(chance, stored, round(count * duplicates))
    stored = stored[chance.permutation(count)] if in_groups else stored
    queries = _neighbours(chance, origins, moves, questions)
    return GrownVectors(stored, queries, in_groups, largest, made_by)


def unit_length(vectors: Vectors) -> Vectors:
    """Return the vectors normalised to length one."""
    long: Vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return long.astype(np.float32)


def _moves(origins: Vectors) -> Vectors:
    """Return the differences between each real vector and its nearest of other photos."""
    similarities = origins @ origins.T
    similarities[similarities > ONE_PHOTO] = -1
    nearest = np.argsort(-similarities, axis=1)[:, :NEAREST]
    moves: Vectors = (origins[:, None, :] - origins[nearest]).reshape(-1, origins.shape[1])
    return moves


def _neighbours(
    chance: np.random.Generator, origins: Vectors, moves: Vectors, count: int
) -> Vectors:
    """Return `count` grown vectors: origin + u·move + v·move, u and v uniform in -1 … 1.

    The mean length of the sum is that of one difference times √(2/3).
    """
    grown = np.empty((count, origins.shape[1]), np.float32)
    for start in range(0, count, BLOCK):
        size = min(BLOCK, count - start)
        block = origins[chance.integers(0, len(origins), size)]
        for _ in range(2):
            share = chance.uniform(-1, 1, (size, 1)).astype(np.float32)
            block = block + share * moves[chance.integers(0, len(moves), size)]
        grown[start : start + size] = unit_length(block)
    return grown


def _repeat(chance: np.random.Generator, vectors: Vectors, in_groups: int) -> tuple[int, int]:
    """Make the first `in_groups` rows groups of identical vectors; return their number and the
    largest group."""
    start, largest = 0, 1
    while start < in_groups - 1:
        # A tenth of the duplicates is in huge groups, if there is room for one.
        huge = start < in_groups // 10 and in_groups >= HUGE[1]
        size = min(int(chance.integers(*(HUGE if huge else SMALL))), in_groups - start)
        vectors[start : start + size] = vectors[start]
        largest, start = max(largest, size), start + size
    return start, largest
