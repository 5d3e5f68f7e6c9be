"""pHash, a 64-bit perceptual hash: a second opinion that survives what PDQ does not.

Each bit says whether one of the 64 lowest frequencies of the picture lies above their median:
https://www.hackerfactor.com/blog/index.php?/archives/432-Looks-Like-It.html
"""

from collections.abc import Sequence

import imagehash
import numpy as np
from PIL import Image

from core.environment import Environment
from features import hamming
from features.base import ClauseContext, Json, Picture

BITS = 64
INPUT_SIZE = (32, 32)
"""imagehash shrinks a picture to this before its transform."""


class Phash:
    """A 64-bit hash; small crops, slight rotation and watermarks change it less than PDQ."""

    name = "phash"
    version = 1
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
        """
        self.max_distance = max_distance
        self.min_contrast = min_contrast
        # imagehash imports SciPy (0.4 s) on its first hash: now, not during a request.
        imagehash.phash(Image.new("L", INPUT_SIZE))

    def mapping(self) -> Json:
        """Return the object of bits, without a vector index: a scan of 64 bits is cheap."""
        return {
            "properties": {
                "bits": {
                    "type": "dense_vector",
                    "element_type": "bit",
                    "dims": BITS,
                    "index": False,
                }
            }
        }

    def extract(self, pictures: Sequence[Picture]) -> list[Json | None]:
        """Return `{"bits": hex}` a picture; None for a near-blank one."""
        return [self._hash(picture) for picture in pictures]

    def _hash(self, picture: Picture) -> Json | None:
        small = picture.pixels.convert("L").resize(INPUT_SIZE, Image.Resampling.LANCZOS)
        if float(np.asarray(small).std()) < self.min_contrast:
            return None
        return {"bits": hamming.to_hex(imagehash.phash(small).hash)}

    def clause(self, value: Json, context: ClauseContext) -> Json:
        """Return the query for hashes within `max_distance`; the score is 1 - distance / 64."""
        bits = f"{context.field}.bits"
        return {
            "script_score": {
                "query": {"bool": {"filter": [{"exists": {"field": bits}}]}},
                "script": hamming.nearest_script([value["bits"]], bits, BITS),
                "min_score": 1 - self.max_distance / BITS,
            }
        }

    def distance(self, a: Json, b: Json, measure: str | None = None) -> float:
        """Return how many of 64 bits differ between two stored values."""
        return hamming.distance(a["bits"], b["bits"])

    def evidence(self, score: float, measure: str | None = None) -> dict[str, float]:
        """Return the distance in bits."""
        return {"distance": round((1 - score) * BITS)}


def create(environment: Environment) -> Phash:
    """Build the feature; it has no settings."""
    return Phash()
