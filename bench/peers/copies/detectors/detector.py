"""The protocol of a copy detector: a descriptor of a picture, and the distance of two."""

import math
from collections.abc import Sequence
from typing import Any, Protocol, TypeAlias, runtime_checkable

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Descriptor: TypeAlias = Any
"""What a detector stores of a picture; can be sent to another process."""

Distances = NDArray[np.float64]


class CopyDetector(Protocol):
    """A way of deciding whether two pictures are one photo."""

    name: str

    usual_limit: float | None
    """A pair up to this distance is called one photo; None if no limit is published."""

    def describe(self, image: Image.Image) -> Descriptor | None:
        """Return the descriptor of an RGB picture; None for a picture without a signal."""
        ...

    def distance(self, a: Descriptor, b: Descriptor) -> float:
        """Return the distance of two pictures in the detector's own unit; may be infinite."""
        ...

    def size_bytes(self, descriptor: Descriptor) -> int:
        """Return the bytes that a catalogue stores for one picture."""
        ...


@runtime_checkable
class BatchComparing(Protocol):
    """A detector that compares many descriptors with many at once."""

    def distances(self, first: Sequence[Descriptor], second: Sequence[Descriptor]) -> Distances:
        """Return the distance of each of `first` (rows) to each of `second` (columns)."""
        ...


def distance_table(
    detector: CopyDetector,
    first: Sequence[Descriptor | None],
    second: Sequence[Descriptor | None],
) -> Distances:
    """Return the distances between two lists; infinite where one side has no signal."""
    distances = np.full((len(first), len(second)), math.inf)
    rows = [number for number, one in enumerate(first) if one is not None]
    columns = [number for number, one in enumerate(second) if one is not None]
    if not rows or not columns:
        return distances
    left, right = [first[row] for row in rows], [second[column] for column in columns]
    if isinstance(detector, BatchComparing):
        inside = detector.distances(left, right)
    else:
        inside = np.array([[detector.distance(a, b) for b in right] for a in left])
    distances[np.ix_(rows, columns)] = inside
    return distances


def hamming_table(first: Sequence[bytes], second: Sequence[bytes]) -> Distances:
    """Return the Hamming distances between two lists of hashes of one length."""
    left = np.frombuffer(b"".join(first), np.uint8).reshape(len(first), -1)
    right = np.frombuffer(b"".join(second), np.uint8).reshape(len(second), -1)
    distances = [np.bitwise_count(row ^ right).sum(axis=1) for row in left]
    return np.array(distances, np.float64)
