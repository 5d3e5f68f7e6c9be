"""A picture of the index that may show the same photo, and how near it is."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from app.trust.examination.compared_picture import ComparedPicture
from app.trust.examination.evidence import ListingPicture

MAX_DISTANCE, MAX_DISTANCE_IN_SWEEP = 0.7, 0.55
"""1 − cosine beyond which a candidate without a hash match is left out.

One in a hundred edited copies is farther from its source than the second value; of small packshots
with all edits at once it is one in twenty. A check has the time to compare them. A sweep would
compare every other picture of the catalogue.
"""

NEAR_HASH_BITS: Mapping[str, float] = {"pdq_distance": 60, "phash_distance": 14}
"""Bits within which a hash makes a candidate, whatever the embedding says."""

NEAR_EMBEDDING = 0.2
"""1 − cosine within which a candidate is so near that quarter turns need not be searched.

Most cropped, framed or overprinted copies are nearer; a turned copy is hardly ever as near to
anything else.
"""


@dataclass(frozen=True)
class Candidate:
    """A picture of the index that may match the examined one.

    `embedding_distance` is 1 − cosine from the nearest view of the examined picture.
    """

    picture: ListingPicture
    compared: ComparedPicture
    distances: Mapping[str, float]
    embedding_distance: float

    @property
    def image_id(self) -> str:
        """The picture's id, the same in every listing that shows it."""
        return self.picture.image_id

    @property
    def view_id(self) -> str:
        """The id of the pixels that are compared: the picture's, or those of a part of it."""
        return self.compared.view_id or self.picture.image_id

    @property
    def is_near_by_hash(self) -> bool:
        """Whether a hash is near."""
        return any(
            self.distances.get(name, math.inf) <= bits for name, bits in NEAR_HASH_BITS.items()
        )

    def is_within(self, max_distance: float) -> bool:
        """Say whether it may be a copy, by a hash or by its embedding."""
        return self.is_near_by_hash or self.embedding_distance <= max_distance

    @property
    def is_near_by_embedding(self) -> bool:
        """Whether it is so near that quarter turns need not be searched."""
        return self.embedding_distance <= NEAR_EMBEDDING

    @property
    def sort_key(self) -> tuple[bool, float, str, str]:
        """Hash matches come first, then by nearness; the ids break ties."""
        key = self.picture.key
        return not self.is_near_by_hash, self.embedding_distance, key, self.view_id
