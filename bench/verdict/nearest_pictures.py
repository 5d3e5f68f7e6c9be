"""Find the most similar other pictures of a catalogue: the source of hard negatives.

Two measures that fail differently choose them: embeddings find the same kind of thing, SIFT finds
shared texture, such as two shirts photographed on one rug.
"""

import hashlib
import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby
from operator import attrgetter

import cv2
import numpy as np
from numpy.typing import NDArray

from bench.data.sample_pictures import SamplePicture, cache_folder
from core import atomic_file
from core.environment import Environment
from features.base import Picture
from features.embedding.feature import create
from features.imaging.decode import FEED_LIMITS, decode

BY_EMBEDDING, BY_KEYPOINTS = 4, 2
"""Number of neighbours that each measure chooses."""

KEYPOINTS_COMPARED = 40
"""Number of nearest pictures by embedding whose keypoints are compared."""

SIDE = 400
KEYPOINTS = 300
RATIO = 0.8
"""Lowe's ratio test: https://doi.org/10.1023/B:VISI.0000029664.99615.94, section 7.1."""

Vectors = NDArray[np.float32]
Neighbours = dict[str, list[str]]


def nearest_pictures(shots: Sequence[SamplePicture], environment: Environment) -> Neighbours:
    """Return picture id → ids of its nearest in the same set, nearest by embedding first.

    Takes a minute or two the first time; later calls read the cache folder.
    """
    names = "\n".join(f"{shot.id} {shot.set} {shot.path.stat().st_size}" for shot in shots)
    size = f"{BY_EMBEDDING} {BY_KEYPOINTS} {KEYPOINTS_COMPARED} {KEYPOINTS} {SIDE} {RATIO}"
    digest = hashlib.sha256(f"{size}\n{names}".encode()).hexdigest()[:16]
    cache_file = cache_folder(environment) / f"nearness-{digest}.json"
    if not cache_file.exists():
        atomic_file.write(cache_file, json.dumps(_compute(shots, environment)).encode())
    neighbours: Neighbours = json.loads(cache_file.read_bytes())
    return neighbours


def _compute(shots: Sequence[SamplePicture], environment: Environment) -> Neighbours:
    feature = create(environment)

    def look(shot: SamplePicture) -> tuple[Vectors, Vectors]:
        picture = decode(shot.path.read_bytes(), FEED_LIMITS)
        vector = np.asarray(feature.extract([picture])[0] or [0.0], np.float32)
        return vector, root_sift(picture) if shot.is_catalogue else np.zeros((0, 128), np.float32)

    nearest_by_id: Neighbours = {}
    for _, group in groupby(sorted(shots, key=attrgetter("set", "id")), attrgetter("set")):
        members = list(group)
        with ThreadPoolExecutor(2) as threads:
            extracted = list(threads.map(look, members))
        vectors = np.stack([vector for vector, _ in extracted])
        cosines = vectors @ vectors.T
        np.fill_diagonal(cosines, -np.inf)
        for number, shot in enumerate(members):
            order = np.argsort(-cosines[number], kind="stable")[
                : min(KEYPOINTS_COMPARED, len(members) - 1)
            ]
            nearest = [int(other) for other in order[:BY_EMBEDDING]]
            if shot.is_catalogue:
                further = [int(other) for other in order[BY_EMBEDDING:]]
                shared = {
                    other: count_matches(extracted[number][1], extracted[other][1])
                    for other in further
                }
                nearest += sorted(further, key=lambda other: -shared[other])[:BY_KEYPOINTS]
            nearest_by_id[shot.id] = [members[other].id for other in nearest]
    return nearest_by_id


def root_sift(picture: Picture) -> Vectors:
    """Return RootSIFT descriptors of length one, at most `KEYPOINTS` × 128, strongest first."""
    grey = np.asarray(picture.pixels.convert("L"))
    scale = SIDE / max(grey.shape)
    grey = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    points, values = cv2.SIFT.create(KEYPOINTS).detectAndCompute(grey, None)
    if values is None:
        return np.zeros((0, 128), np.float32)
    # https://www.robots.ox.ac.uk/~vgg/publications/2012/Arandjelovic12/
    total = np.maximum(values.sum(axis=1, keepdims=True), 1e-9)
    rooted: Vectors = np.sqrt(values / total).astype(np.float32)
    strength = [-point.response for point in points]
    return rooted[np.argsort(strength, kind="stable")][:KEYPOINTS]


def count_matches(first: Vectors, second: Vectors) -> int:
    """Return how many descriptors of `first` pass the ratio test among those of `second`."""
    if len(first) == 0 or len(second) < 2:
        return 0
    squared = 2 - 2 * first @ second.T
    best = np.partition(squared, 1, axis=1)
    return int((best[:, 0] < RATIO**2 * best[:, 1]).sum())
