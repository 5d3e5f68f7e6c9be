"""PDQ, a 256-bit perceptual hash, searched exactly among millions without a vector index.

Algorithm and distances: https://github.com/facebook/ThreatExchange/tree/main/pdq

Two photos of one scene differ in about half the bits unless one was made from the other, and
upstream calls a pair the same picture when at most 31 of the 256 differ. 31 differing bits cannot
put two into each of 16 bands, so 16 x 17 = 272 terms select *every* hash within 31
(`features.hash_bands`). An HNSW graph over the bits would be slower to build and would miss some.
"""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import pdqhash
from numpy.typing import NDArray
from PIL import Image

from core.environment import Environment
from features import hamming, hash_bands
from features.base import ClauseContext, Json, Picture

BITS = 256
BAND_FLIPS = 1
"""Bits by which a band of the query may differ from a stored one."""

MAX_DISTANCE = hash_bands.furthest(BITS, BAND_FLIPS)
"""31 differing bits, up to which upstream calls two pictures the same and bands find every hash."""

LONGEST_SIDE = 512
"""Upstream's program shrinks larger pictures to this before hashing, and so do we."""


class Pdq:
    """The second rung of the evidence ladder: the same pixels, perhaps turned or mirrored."""

    name = "pdq"
    relation = "same_photo"
    version = 1
    default_weight = 0.5
    proposes_candidates = True
    measures = ("hamming",)
    is_expensive_query = True
    """Its up to 2,176 terms are looked up in every segment."""

    def __init__(self, min_quality: int = 50, max_distance: int = MAX_DISTANCE) -> None:
        """`min_quality` is PDQ's own, 0 to 100; upstream advises to discard hashes below 50.

        Raises ValueError for a `max_distance` above 31, where the bands stop being complete.
        """
        if not 0 <= max_distance <= MAX_DISTANCE:
            raise ValueError(f"bands find every hash within 0 to 31 bits, not {max_distance}")
        self.min_quality = min_quality
        self.max_distance = max_distance

    def mapping(self) -> Json:
        """Return the object of bits, bands and quality.

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
                "quality": {"type": "byte"},
            }
        }

    def extract(self, pictures: Sequence[Picture]) -> list[Json | None]:
        """Return `{"bits": hex, "bands": 16 terms, "quality": 0..100}`; None below `min_quality`.

        A low-information picture (blank, a plain gradient) hashes close to any other such.
        """
        values: list[Json | None] = []
        for picture in pictures:
            vector, quality = pdqhash.compute(_pixels(picture))
            value = stored_value(hamming.to_hex(vector), quality)
            values.append(value if quality >= self.min_quality else None)
        return values

    def extract_query(self, pictures: Sequence[Picture]) -> list[Json | None]:
        """Return `{"turns": 8 hex hashes, "quality": 0..100}`: each quarter turn, also mirrored."""
        values: list[Json | None] = []
        for picture in pictures:
            vectors, quality = pdqhash.compute_dihedral(_pixels(picture))
            value = {"turns": [hamming.to_hex(turn) for turn in vectors], "quality": quality}
            values.append(value if quality >= self.min_quality else None)
        return values

    def clause(self, value: Json, context: ClauseContext) -> Json:
        """Return the query for hashes within `max_distance` of the nearest turn.

        Takes stored and query values. The score is 1 - distance / 256.
        """
        turns = value["turns"] if "turns" in value else [value["bits"]]
        terms = list(_query_bands(tuple(turns)))
        return {
            "script_score": {
                "query": {"bool": {"filter": [{"terms": {f"{context.field}.bands": terms}}]}},
                "script": hamming.nearest_script(turns, f"{context.field}.bits", BITS),
                "min_score": 1 - self.max_distance / BITS,
            }
        }

    def distance(self, a: Json, b: Json, measure: str | None = None) -> float:
        """Return how many of 256 bits differ; for a query value, from the nearest of its turns."""
        turns = a["turns"] if "turns" in a else [a["bits"]]
        return min(hamming.distance(turn, b["bits"]) for turn in turns)

    def evidence(self, score: float, measure: str | None = None) -> dict[str, float]:
        """Return the distance, in bits, to the nearest turn."""
        return {"distance": round((1 - score) * BITS)}


def stored_value(bits: str, quality: int) -> Json:
    """Return the value to store of a hash: `bits` are 64 hex digits, `quality` is 0 to 100."""
    return {"bits": bits, "bands": hash_bands.bands(bits), "quality": quality}


@lru_cache(maxsize=16)
def _query_bands(turns: tuple[str, ...]) -> tuple[str, ...]:
    """Return every band to search; cached, since a search builds the clause twice."""
    return tuple(
        sorted({term for turn in turns for term in hash_bands.neighbour_bands(turn, BAND_FLIPS)})
    )


def _pixels(picture: Picture) -> NDArray[np.uint8]:
    pixels = picture.pixels
    if max(pixels.size) > LONGEST_SIDE:
        pixels = pixels.copy()
        pixels.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.BICUBIC)
    return np.asarray(pixels)


def create(environment: Environment) -> Pdq:
    """Build the feature with upstream's limits; it has no settings."""
    return Pdq()
