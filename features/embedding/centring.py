"""Domain centring: subtracts from shop pictures and shoppers' photos the mean of their kind.

*Measured* on phone photos of groceries, top-1 by the number of photos the mean was learned from:
none .343, 1 .296, 5 .368, 10 .394, 50 .413, 200 or more .421.
"""

from collections.abc import Mapping

import numpy as np

from features.base import Json
from features.embedding import hubness
from features.embedding.errors import TooFewPhotos
from features.embedding.head import Array, Head, normalise

MIN_PICTURES = 50
"""Least number of pictures of each kind; a mean of fewer does not represent the kind."""


def learn_centring(
    catalogue: Array, photos: Array, backbone: Mapping[str, Json], *, correct_hubness: bool = True
) -> Head:
    """Return a head that subtracts each kind's mean and, by default, corrects hubness.

    `catalogue` (n, d) and `photos` (m, d) are as `Embedding.backbone_vectors` returns them; rows of
    zeros are ignored. Raises TooFewPhotos.
    """
    catalogue_mean, query_mean = (
        _mean(catalogue, "catalogue pictures"),
        _mean(photos, "shoppers' photos"),
    )
    uncorrected = Head(catalogue_mean, query_mean, None, backbone)
    reference_photos = (
        hubness.choose_reference_photos(_nonzero(uncorrected.transform_queries(photos)))
        if correct_hubness
        else None
    )
    facts = {
        "learned": "centring",
        "catalogue_pictures": len(catalogue),
        "photos": len(photos),
        "apart": round(float(np.linalg.norm(catalogue_mean - query_mean)), 4),
        "levelled_by": 0 if reference_photos is None else len(reference_photos),
    }
    return Head(catalogue_mean, query_mean, None, backbone, facts, reference_photos)


def _mean(vectors: Array, kind: str) -> Array:
    usable = _nonzero(normalise(vectors))
    if len(usable) < MIN_PICTURES:
        raise TooFewPhotos(
            f"centring needs at least {MIN_PICTURES} usable {kind} and got {len(usable)}: "
            "add more, or use no head"
        )
    mean: Array = usable.mean(axis=0)
    return mean


def _nonzero(rows: Array) -> Array:
    nonzero: Array = rows[rows.any(axis=1)]
    return nonzero
