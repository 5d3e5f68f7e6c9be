"""Pictures as training wants them: framed, now and then mirrored and cropped, in mixed batches."""

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
"""Share of each side that a random crop keeps at least."""

Batch = tuple[NDArray[np.float32], Labels]


@dataclass(frozen=True)
class TrainingPictures:
    """Picture files with labels, decoded anew each time: a shop's pictures outgrow memory."""

    files: Sequence[Path]
    labels: Labels
    decode: Callable[[bytes], Picture]
    side: int

    def framed(self, places: Sequence[int]) -> NDArray[np.float32]:
        """Return (n, side, side, 3) in 0 … 255, as the embedding sees them."""
        return np.asarray([self._one(place, None) for place in places], np.float32)

    def batches(self, size: int, chance: np.random.Generator) -> Iterator[Batch]:
        """Yield one epoch, altered at random; two pictures of a label come in one batch."""
        for places in paired_batches(self.labels, size, chance):
            pixels = [self._one(place, chance) for place in places]
            yield np.asarray(pixels, np.float32), self.labels[places]

    def _one(self, place: int, chance: np.random.Generator | None) -> Pixels:
        image = self.decode(self.files[place].read_bytes()).pixels
        return EmbeddingFraming(self.side).apply(
            image if chance is None else augment(image, chance)
        )


def augment(image: Image.Image, chance: np.random.Generator) -> Image.Image:
    """Return a random part of the picture, mirrored half the time."""
    width, height = (max(1, round(s * chance.uniform(MIN_CROP, 1))) for s in image.size)
    left = int(chance.integers(0, image.width - width + 1))
    top = int(chance.integers(0, image.height - height + 1))
    part = image.crop((left, top, left + width, top + height))
    return ImageOps.mirror(part) if chance.random() < 0.5 else part


def paired_batches(
    labels: Labels, size: int, chance: np.random.Generator
) -> Iterator[NDArray[np.int64]]:
    """Yield places in batches, every place once, with pairs of one label side by side.

    A batch of strangers would teach nothing: the losses compare partners.
    """
    pairs: list[NDArray[np.int64]] = []
    for label in np.unique(labels):
        members = chance.permutation(np.flatnonzero(labels == label))
        pairs += np.array_split(members, -(-len(members) // 2))
    order = [pairs[place] for place in chance.permutation(len(pairs))]
    places = np.concatenate(order)
    for start in range(0, len(places), size):
        yield places[start : start + size]
