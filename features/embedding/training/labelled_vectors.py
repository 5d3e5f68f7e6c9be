"""What there is to learn from: backbone vectors, and which of them show the same thing."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from features.embedding.head import Array, normalise

Labels = NDArray[np.int64]

VIEWS_PER_VECTOR = (1, 5)
"""Views averaged for each of the vectors a picture is learned by: a glance, and a closer look."""


@dataclass(frozen=True)
class LabelledVectors:
    """Photos and catalogue pictures under common labels, small integers.

    `photos` is (n, v, d), `catalogue` (m, v, d): v looks at each, as the backbone puts them out.
    Either may be empty.
    """

    photos: Array
    labels: Labels
    catalogue: Array
    catalogue_labels: Labels

    def means(self) -> tuple[Array, Array]:
        """Return the mean unit vector of catalogue and of photos; one stands in for the other."""
        kinds = [normalise_views(kind) for kind in (self.catalogue, self.photos) if len(kind)]
        return kinds[0].mean(axis=(0, 1)), kinds[-1].mean(axis=(0, 1))

    def with_photos(self, chosen: NDArray[np.bool_]) -> "LabelledVectors":
        """Return the sample with these photos alone."""
        return LabelledVectors(
            self.photos[chosen], self.labels[chosen], self.catalogue, self.catalogue_labels
        )


def normalise_views(looks: Array) -> Array:
    """Return (n, v, d) vectors at length one."""
    return normalise(looks.reshape(-1, looks.shape[-1])).reshape(looks.shape)
