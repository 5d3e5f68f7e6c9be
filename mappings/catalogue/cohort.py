"""Measures how near a query picture is to unrelated pictures.

A cosine of .5 is a good match for one photo and usual for another that resembles everything. Scores
become comparable between queries once each is set against a few unrelated pictures: a cohort, as
in speaker verification (T-norm: Auckenthaler, Carey and Lloyd-Thomas, Digital Signal Processing 10,
2000; only the nearest of the cohort: Sturim and Reynolds, ICASSP 2005).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from features.base import Feature, Json
from features.capabilities import Measurable
from mappings.catalogue.catalogue import Catalogue
from mappings.catalogue.products import PHOTO_GROUP, PICTURES, own_pictures
from mappings.catalogue.versions import field_of

COHORT_SIZE = 64
"""Pictures of a cohort. With 27 instead, the first hit's calibration error was .11 instead of .08
on grocery photos (and .16 without any): means of seven splits by product and by source."""

NEAREST_DIVISOR = 16
"""The nearest 1 in this many of the cohort are compared with."""


@dataclass(frozen=True)
class CohortBackground:
    """The values of one feature for the first pictures of a few products."""

    feature: Feature
    values: Mapping[str, Json]

    def distance(self, value: Json, without: str | None = None) -> float | None:
        """Return the mean distance of a picture to the nearest of the cohort, in its own unit.

        `without` is a product to leave out. None where there is nothing to compare with.
        """
        measurable = cast(Measurable, self.feature)
        asked = _array(value)
        found = sorted(
            measurable.distance(asked, kept) for key, kept in self.values.items() if key != without
        )
        near = found[: max(1, round(len(found) / NEAREST_DIVISOR))]
        return sum(near) / len(near) if near else None


def choose_cohort(catalogue: Catalogue) -> list[str]:
    """Return the ids of a cohort, the same at every call.

    They are the first by their photo's SHA-256, which is as good as drawn by lot.
    """
    body = {
        "size": COHORT_SIZE,
        "query": {"nested": {"path": PICTURES, "query": {"match_all": {}}}},
        "sort": [{PHOTO_GROUP: "asc"}, {"id": "asc"}],
        "collapse": {"field": PHOTO_GROUP},
        "_source": ["id"],
    }
    return [hit["_source"]["id"] for hit in catalogue.search(body)["hits"]["hits"]]


def read_background(catalogue: Catalogue, ids: Sequence[str], feature: Feature) -> CohortBackground:
    """Return the cohort; products that are gone, or that it saw nothing in, are missing."""
    found = catalogue.products(ids, vectors=True) if ids else {}
    return CohortBackground(feature, dict(_values(found, field_of(feature))))


def _values(products: Mapping[str, Json], field: str) -> Iterable[tuple[str, Json]]:
    for key, product in products.items():
        for first in own_pictures(product.get(PICTURES, []))[:1]:
            if field in first:
                yield key, _array(first[field])


def _array(value: Json) -> Any:
    """Return a vector as an array, which is quick to compare; anything else as it is."""
    return np.asarray(value, np.float64) if isinstance(value, list) else value
