"""Run all copy detectors over many pictures in several processes.

Descriptors pass from stage to stage in files: the local descriptors of hundreds of pictures are too
large to send with every task.
"""

import math
import multiprocessing
import pickle
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import numpy as np

from bench.peers.copies.detectors import roster
from bench.peers.copies.detectors.detector import (
    CopyDetector,
    Descriptor,
    Distances,
    distance_table,
)
from core.environment import Environment
from core.threads import use_single_thread
from features.imaging.decode import FEED_LIMITS, decode

_DETECTORS: list[CopyDetector] = []
"""This process's detectors, built when it starts: models cannot be sent."""


@dataclass
class DescribedPictures:
    """Every detector's descriptors of some pictures.

    By detector: the descriptors in input order (None for no signal), milliseconds, and bytes.
    """

    descriptors: dict[str, list[Descriptor | None]] = field(default_factory=dict)
    took_ms: dict[str, list[float]] = field(default_factory=dict)
    bytes_each: dict[str, list[int]] = field(default_factory=dict)


def describe_files(files: Sequence[bytes]) -> DescribedPictures:
    """Describe picture files with every detector of this process."""
    described = DescribedPictures()
    images = [decode(data, FEED_LIMITS).pixels for data in files]
    for detector in _DETECTORS:
        took, descriptors = [], []
        for image in images:
            began = time.perf_counter()
            descriptors.append(detector.describe(image))
            took.append(1000 * (time.perf_counter() - began))
        described.descriptors[detector.name], described.took_ms[detector.name] = descriptors, took
        described.bytes_each[detector.name] = [
            detector.size_bytes(each) for each in descriptors if each is not None
        ]
    return described


def timed_distance(
    detector: CopyDetector, a: Descriptor | None, b: Descriptor | None
) -> tuple[float, float]:
    """Return the distance of two descriptors (infinite without a signal) and its milliseconds."""
    began = time.perf_counter()
    distance = math.inf if a is None or b is None else detector.distance(a, b)
    return distance, 1000 * (time.perf_counter() - began)


def process_detectors() -> Sequence[CopyDetector]:
    """Return the detectors of this process."""
    return _DETECTORS


@contextmanager
def detector_processes(
    count: int, names: tuple[str, ...], environment: Environment
) -> Iterator[tuple[ProcessPoolExecutor, list[CopyDetector]]]:
    """Yield a pool of processes with the named detectors, and the detectors for this process.

    Without names, all that are available. Raises the error of a named one that is not.
    """
    # One core each: processes that use every core would wait for each other.
    alone = {"LOOKALIKE_EMBEDDING_THREADS": "1", "LOOKALIKE_EMBEDDING_INTERPRETERS": "1"}
    own = Environment({**environment.values, **alone})
    taking_part = roster.build(names, own)
    known = tuple(one.name for one in taking_part)
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(count, context, _begin, (known, own)) as pool:
        yield pool, taking_part


def _begin(names: tuple[str, ...], environment: Environment) -> None:
    use_single_thread()
    _DETECTORS[:] = roster.build(names, environment)


def save_descriptors(folder: Path, name: str, descriptors: Sequence[Descriptor | None]) -> None:
    """Save descriptors for `compare_saved` in any process."""
    (folder / name).write_bytes(pickle.dumps(list(descriptors)))


@cache
def _read_saved(path: Path) -> list[Descriptor | None]:
    descriptors: list[Descriptor | None] = pickle.loads(path.read_bytes())  # noqa: S301 - written by save_descriptors
    return descriptors


def compare_saved(
    folder: Path, name: str, first: str, second: str, rows: range, *, after_row: bool
) -> Distances:
    """Return the distances of some rows of the saved `first` to all of the saved `second`.

    With `after_row`, both are one list, and each row is compared with those after it only, so that
    each pair is compared once; all others are infinite.
    """
    (detector,) = (each for each in _DETECTORS if each.name == name)
    left, right = _read_saved(folder / first), _read_saved(folder / second)
    skipped = rows.start + 1 if after_row else 0
    distances = np.full((len(rows), len(right)), math.inf)
    distances[:, skipped:] = distance_table(detector, [left[row] for row in rows], right[skipped:])
    if after_row:
        for place, row in enumerate(rows):
            distances[place, : row + 1] = math.inf
    return distances
