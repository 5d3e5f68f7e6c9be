"""Domain centring: shop pictures and shoppers' photos, each about their own mean.

*Measured* on phone photos of groceries, top-1 by how many photos the mean was learned from: 1 .296
(worse than the .343 without), 5 .368, 10 .394, 50 .413, 200 or more .421.
"""

from collections.abc import Mapping

import numpy as np

from features.base import Json
from features.embedding import hubness
from features.embedding.errors import TooFewPhotos
from features.embedding.head import Array, Head, normalise

MIN_PICTURES = 50
"""Pictures of each kind: with fewer, a mean says more of these pictures than of their kind."""


def learn_centring(
    catalogue: Array, photos: Array, backbone: Mapping[str, Json], *, correct_hubness: bool = True
) -> Head:
    """Return the head that takes from each side its mean, and levels unless told otherwise.

    `catalogue` and `photos` are (n, d) and (m, d), as `Embedding.backbone_vectors` gives them;
    rows without direction say nothing. Raises TooFewPhotos.
    """
    shop, shoppers = _mean(catalogue, "catalogue pictures"), _mean(photos, "shoppers' photos")
    bare = Head(shop, shoppers, None, backbone)
    crowd = (
        hubness.choose_reference_photos(_nonzero(bare.transform_queries(photos)))
        if correct_hubness
        else None
    )
    facts = {
        "learned": "centring",
        "catalogue_pictures": len(catalogue),
        "photos": len(photos),
        "apart": round(float(np.linalg.norm(shop - shoppers)), 4),
        "levelled_by": 0 if crowd is None else len(crowd),
    }
    return Head(shop, shoppers, None, backbone, facts, crowd)


def _mean(vectors: Array, kind: str) -> Array:
    seen = _nonzero(normalise(vectors))
    if len(seen) < MIN_PICTURES:
        raise TooFewPhotos(
            f"centring needs {MIN_PICTURES} {kind} in which something can be seen, and there are "
            f"{len(seen)}: until there are more, go without a head"
        )
    mean: Array = seen.mean(axis=0)
    return mean


def _nonzero(rows: Array) -> Array:
    found: Array = rows[rows.any(axis=1)]
    return found
