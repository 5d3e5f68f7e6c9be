"""pHash, a 64-bit perceptual hash: a second opinion that survives what PDQ does not.

Each bit says whether one of the 64 lowest frequencies of the picture lies above their median:
https://www.hackerfactor.com/blog/index.php?/archives/432-Looks-Like-It.html

11 differing bits cannot put three into each of four bands, so 4 x 137 = 548 terms select *every*
hash within 11 (`features.hash_bands`).
"""

from collections.abc import Sequence

import imagehash
import numpy as np
from PIL import Image

from core.environment import Environment
from features import hamming, hash_bands
from features.base import ClauseContext, Json, Picture

BITS = 64
BAND_FLIPS = 2
"""Bits by which a band of the query may differ from a stored one."""

INPUT_SIZE = (32, 32)
"""imagehash shrinks a picture to this before its transform."""


class Phash:
    """A 64-bit hash; small crops, slight rotation and watermarks change it less than PDQ."""

    name = "phash"
    version = 2
    default_weight = 0.25
    proposes_candidates = True
    measures = ("hamming",)

    def __init__(self, max_distance: int = 10, min_contrast: float = 3.0) -> None:
        """`min_contrast` is the standard deviation of luminance, in grey levels of 255.

        A bit is the sign of one coefficient against the median, whatever their size, so the hash
        of a near-blank picture describes its noise. The roughest JPEG in use (quality 10) rounds
        the mean of each block to steps of 10 grey levels, which alone is a deviation of
        10 / √12 ≈ 3: below that, the bits describe the compression, not the picture.

        There is no guard against plain shapes of good contrast: many pictures share their
        bits, which is why this hash alone decides nothing.

        Raises ValueError for a `max_distance` above 11, where the bands stop being complete.
        """
        if not 0 <= max_distance <= hash_bands.furthest(BITS, BAND_FLIPS):
            raise ValueError(f"bands find every hash within 0 to 11 bits, not {max_distance}")
        self.max_distance = max_distance
        self.min_contrast = min_contrast
        # imagehash imports SciPy (0.4 s) on its first hash: now, not during a request.
        imagehash.phash(Image.new("L", INPUT_SIZE))

    def mapping(self) -> Json:
        """Return the object of bits and bands.

        `bits` has no vector index: the bands select, the script only counts.
        """
        return {
            "properties": {
                "bits": {
                    "type": "dense_vector",
                    "element_type": "bit",
                    "dims": BITS,
                    "index": False,
                },
                "bands": {"type": "keyword", "doc_values": False, "norms": False},
            }
        }

    def extract(self, pictures: Sequence[Picture]) -> list[Json | None]:
        """Return `{"bits": hex, "bands": 4 terms}` a picture; None for a near-blank one."""
        return [self._hash(picture) for picture in pictures]

    def _hash(self, picture: Picture) -> Json | None:
        small = picture.pixels.convert("L").resize(INPUT_SIZE, Image.Resampling.LANCZOS)
        if float(np.asarray(small).std()) < self.min_contrast:
            return None
        return stored_value(hamming.to_hex(imagehash.phash(small).hash))

    def clause(self, value: Json, context: ClauseContext) -> Json:
        """Return the query for hashes within `max_distance`; the score is 1 - distance / 64."""
        terms = hash_bands.neighbour_bands(value["bits"], BAND_FLIPS)
        return {
            "script_score": {
                "query": {"bool": {"filter": [{"terms": {f"{context.field}.bands": terms}}]}},
                "script": hamming.nearest_script([value["bits"]], f"{context.field}.bits", BITS),
                "min_score": 1 - self.max_distance / BITS,
            }
        }

    def distance(self, a: Json, b: Json, measure: str | None = None) -> float:
        """Return how many of 64 bits differ between two stored values."""
        return hamming.distance(a["bits"], b["bits"])

    def evidence(self, score: float, measure: str | None = None) -> dict[str, float]:
        """Return the distance in bits."""
        return {"distance": round((1 - score) * BITS)}


def stored_value(bits: str) -> Json:
    """Return the value to store of a hash: `bits` are 16 hex digits."""
    return {"bits": bits, "bands": hash_bands.bands(bits)}


def create(environment: Environment) -> Phash:
    """Build the feature; it has no settings."""
    return Phash()
