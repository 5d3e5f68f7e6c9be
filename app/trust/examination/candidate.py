"""A picture of the index that may show the same photo, and whether it is worth a closer look."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from app.trust.examination.compared_picture import ComparedPicture
from app.trust.examination.evidence import ListingPicture

MAX_DISTANCE, MAX_DISTANCE_IN_SWEEP = 0.7, 0.55
"""1 − cosine from which a candidate without a hash match is not looked at closely.

Of edited copies one in a hundred is farther from its source than the second, of small packshots
that underwent everything at once one in twenty. A check can afford to look at them; a sweep would
look at every other picture of the catalogue.
"""

NEAR_HASH_BITS: Mapping[str, float] = {"pdq_distance": 60, "phash_distance": 14}
"""Bits within which a hash asks for a closer look, whatever the embedding says."""

NEAR_EMBEDDING = 0.2
"""1 − cosine within which a candidate is found, and the picture's quarter turns need not be asked.

A copy that was cropped, framed or overprinted is mostly nearer, and a turned one is hardly ever as
near to anything else.
"""


@dataclass(frozen=True)
class Candidate:
    """A picture of the index beside the examined one. `far` is 1 − cosine of the nearest view."""

    picture: ListingPicture
    compared: ComparedPicture
    distances: Mapping[str, float]
    embedding_distance: float

    @property
    def image_id(self) -> str:
        """The picture's id, the same in every listing that shows it."""
        return self.picture.image_id

    @property
    def is_near_by_hash(self) -> bool:
        """Whether a hash says that a look is worth its time."""
        return any(
            self.distances.get(name, math.inf) <= most for name, most in NEAR_HASH_BITS.items()
        )

    def is_within(self, unlike: float) -> bool:
        """Say whether it may be a copy at all, by a hash or by its embedding."""
        return self.is_near_by_hash or self.embedding_distance <= unlike

    @property
    def is_near_by_embedding(self) -> bool:
        """Whether it is so near that the picture need not be looked for turned about."""
        return self.embedding_distance <= NEAR_EMBEDDING

    @property
    def sort_key(self) -> tuple[bool, float, str]:
        """Hash matches come first, then by nearness; the id breaks ties."""
        return not self.is_near_by_hash, self.embedding_distance, self.picture.key
