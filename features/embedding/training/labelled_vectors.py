"""Backbone vectors of photos and catalogue pictures, labelled by what they show."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from features.embedding.head import Array, normalise

Labels = NDArray[np.int64]

VIEWS_PER_VECTOR = (1, 5)
"""A picture has one vector for each of these numbers of averaged views."""


@dataclass(frozen=True)
class LabelledVectors:
    """Photos and catalogue pictures with common labels, which are small integers.

    `photos` is (n, v, d) and `catalogue` (m, v, d): v vectors per picture, as the backbone returns
    them. Either may be empty.
    """

    photos: Array
    labels: Labels
    catalogue: Array
    catalogue_labels: Labels

    def means(self) -> tuple[Array, Array]:
        """Return the mean unit vectors of catalogue and photos; an empty kind takes the other's."""
        kinds = [normalise_views(kind) for kind in (self.catalogue, self.photos) if len(kind)]
        return kinds[0].mean(axis=(0, 1)), kinds[-1].mean(axis=(0, 1))

    def with_photos(self, selection: NDArray[np.bool_]) -> "LabelledVectors":
        """Return the same catalogue with the chosen photos only."""
        return LabelledVectors(
            self.photos[selection], self.labels[selection], self.catalogue, self.catalogue_labels
        )


def normalise_views(vectors: Array) -> Array:
    """Scale the vectors (n, v, d) to length one."""
    return normalise(vectors.reshape(-1, vectors.shape[-1])).reshape(vectors.shape)
