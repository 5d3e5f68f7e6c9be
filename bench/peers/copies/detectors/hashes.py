"""Detect copies by the 64-bit hashes of `imagehash`, and by PDQ: https://pypi.org/project/ImageHash/.

imagehash recommends no limit. Its users take 10 of 64 bits, as this project does for pHash as a
second opinion; all three get the same limit, so that none is favoured.
"""

from collections.abc import Callable, Sequence

import imagehash
import numpy as np
from PIL import Image

from bench.peers.copies.detectors.detector import Distances, hamming_table
from features import hamming
from features.base import Picture
from features.pdq import Pdq

BITS_OF_64 = 10.0


class HashDetector:
    """A hash of any length, compared by Hamming distance."""

    def __init__(
        self, name: str, usual: float, read: Callable[[Image.Image], bytes | None]
    ) -> None:
        self.name = name
        self.usual_limit: float | None = usual
        self._read = read

    def describe(self, image: Image.Image) -> bytes | None:
        return self._read(image)

    def distance(self, a: bytes, b: bytes) -> float:
        return hamming.distance(a.hex(), b.hex())

    def distances(self, first: Sequence[bytes], second: Sequence[bytes]) -> Distances:
        return hamming_table(first, second)

    def size_bytes(self, descriptor: bytes) -> int:
        return len(descriptor)


def pdq() -> HashDetector:
    """Return PDQ with upstream's limits: 31 of 256 bits, and no hash below quality 50."""
    feature = Pdq()

    def read(image: Image.Image) -> bytes | None:
        value = feature.extract([Picture(image, *image.size)])[0]
        return None if value is None else bytes.fromhex(value["bits"])

    return HashDetector("pdq", feature.max_distance, read)


def phash() -> HashDetector:
    """Return pHash: the signs of the 64 lowest frequencies against their median."""
    return HashDetector("phash", BITS_OF_64, _packed(imagehash.phash))


def dhash() -> HashDetector:
    """Return dHash: whether each of 64 fields is lighter than its neighbour."""
    return HashDetector("dhash", BITS_OF_64, _packed(imagehash.dhash))


def whash() -> HashDetector:
    """Return wHash: 64 Haar wavelet coefficients against their median."""
    return HashDetector("whash", BITS_OF_64, _packed(imagehash.whash))


def _packed(hashed: Callable[[Image.Image], imagehash.ImageHash]) -> Callable[..., bytes]:
    return lambda image: np.packbits(hashed(image).hash).tobytes()
