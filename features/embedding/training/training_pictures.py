"""Batches of training pictures: framed, randomly cropped and mirrored, with pairs of one label."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from features.base import Picture
from features.embedding.framing import EmbeddingFraming, Pixels
from features.embedding.training.labelled_vectors import Labels

MIN_CROP = 0.6
"""Least share of each side that a random crop keeps."""

Batch = tuple[NDArray[np.float32], Labels]


@dataclass(frozen=True)
class TrainingPictures:
    """Labelled picture files, decoded on every use, because a shop's pictures exceed memory."""

    files: Sequence[Path]
    labels: Labels
    decode: Callable[[bytes], Picture]
    side: int

    def framed(self, positions: Sequence[int]) -> NDArray[np.float32]:
        """Return pictures without augmentation, (n, side, side, 3) in 0 … 255."""
        return np.asarray([self._load(position, None) for position in positions], np.float32)

    def batches(self, size: int, rng: np.random.Generator) -> Iterator[Batch]:
        """Yield one epoch of augmented pictures; pairs of one label share a batch."""
        for positions in paired_batches(self.labels, size, rng):
            pixels = [self._load(position, rng) for position in positions]
            yield np.asarray(pixels, np.float32), self.labels[positions]

    def _load(self, position: int, rng: np.random.Generator | None) -> Pixels:
        image = self.decode(self.files[position].read_bytes()).pixels
        return EmbeddingFraming(self.side).apply(image if rng is None else augment(image, rng))


def augment(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Return a random part of the picture, mirrored with probability ½."""
    width, height = (max(1, round(s * rng.uniform(MIN_CROP, 1))) for s in image.size)
    left = int(rng.integers(0, image.width - width + 1))
    top = int(rng.integers(0, image.height - height + 1))
    part = image.crop((left, top, left + width, top + height))
    return ImageOps.mirror(part) if rng.random() < 0.5 else part


def paired_batches(
    labels: Labels, size: int, rng: np.random.Generator
) -> Iterator[NDArray[np.int64]]:
    """Yield every position once, in batches in which pairs of one label are adjacent.

    The losses compare partners, so a batch without any would teach nothing.
    """
    pairs: list[NDArray[np.int64]] = []
    for label in np.unique(labels):
        members = rng.permutation(np.flatnonzero(labels == label))
        pairs += np.array_split(members, -(-len(members) // 2))
    order = [pairs[position] for position in rng.permutation(len(pairs))]
    positions = np.concatenate(order)
    for start in range(0, len(positions), size):
        yield positions[start : start + size]
