"""From which score on a picture of this index looks like the one searched for.

Unrelated pictures set the limit: the first pictures of a few products, drawn by lot, as those that
a calibration compares with (`mappings.catalogue.cohort`). A hit has to be nearer to the photo than
they are to each other, and nearer than they are to the photo itself, by more than they vary.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.expiring import ExpiringValue
from features.base import Feature, Json
from features.vector import VectorFeature
from mappings.catalogue.catalogue import Catalogue
from mappings.catalogue.cohort import choose_cohort, read_background
from mappings.catalogue.versions import field_of
from mappings.search.combining import clause_shares
from mappings.search.query import ABOUT_WORDS, Query, Signal

MEAN = "mean"
"""What a signal is about that averages several pictures."""

FEWEST = 12
"""Unrelated pictures below which nothing can be said; a smaller shop is shown whole."""

DEVIATIONS = 2.0
"""Standard deviations above the mean cosine of unrelated pictures from which two look alike."""


@dataclass(frozen=True)
class UnrelatedPictures:
    """Unit vectors of unrelated pictures, (n, d), and the mean and deviation of their cosines."""

    vectors: NDArray[np.float64]
    mean: float
    deviation: float

    @classmethod
    def of(cls, vectors: Sequence[Json]) -> "UnrelatedPictures | None":
        """Return what these vectors say; None for too few."""
        if len(vectors) < FEWEST:
            return None
        table = np.asarray(vectors, np.float64)
        cosines = (table @ table.T)[np.triu_indices(len(table), 1)]
        return cls(table, float(cosines.mean()), float(cosines.std()))

    def limit(self, vector: Json) -> float:
        """Return the cosine from which a picture looks like that of the vector."""
        cosines = self.vectors @ np.asarray(vector, np.float64)
        return max(
            self.mean + DEVIATIONS * self.deviation,
            float(cosines.mean() + DEVIATIONS * cosines.std()),
        )


class LikenessLimits:
    """Knows the limits of one index; what they rest on is read again from time to time."""

    def __init__(self, catalogue: Catalogue, max_age_s: float) -> None:
        self._catalogue = catalogue
        self._max_age_s = max_age_s
        self._unrelated: dict[str, ExpiringValue[UnrelatedPictures | None]] = {}

    def engine_score(self, query: Query) -> float | None:
        """Return the engine's score that a hit must reach to look like the query's picture.

        None where that cannot be told: without a picture, with several that are not averaged, with
        words or negative examples, or in an index of a few products.
        """
        signal = _compared_signal(query)
        if signal is None:
            return None
        unrelated = self._unrelated_pictures(signal.feature)
        if unrelated is None:
            return None
        clause_score = (1 + unrelated.limit(signal.value)) / 2
        return clause_shares(query)[signal.label] * clause_score

    def _unrelated_pictures(self, feature: Feature) -> UnrelatedPictures | None:
        field = field_of(feature)
        if field not in self._unrelated:
            self._unrelated[field] = ExpiringValue(lambda: self._read(feature), self._max_age_s)
        return self._unrelated[field].current()

    def _read(self, feature: Feature) -> UnrelatedPictures | None:
        background = read_background(self._catalogue, choose_cohort(self._catalogue), feature)
        return UnrelatedPictures.of(list(background.values.values()))


def _compared_signal(query: Query) -> Signal | None:
    """Return the signal that decides how alike a hit is."""
    pictured = [signal for signal in query.signals if signal.about != ABOUT_WORDS]
    if query.words or query.unlike or len({signal.about for signal in pictured} - {MEAN}) > 1:
        return None
    vectors = [one for one in pictured if isinstance(one.feature, VectorFeature)]
    cosines = [one for one in vectors if one.measure in (None, "cosine")]
    return max(cosines, key=lambda signal: signal.weight, default=None)
