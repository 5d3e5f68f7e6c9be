"""Keeps an index's calibration at hand: what its scores are worth changes without a restart."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from app.search.query_extractor import ExtractedFeatures
from core.expiring import ExpiringValue
from features.registry import Registry
from mappings.catalogue import cohort as backgrounds
from mappings.catalogue import versions
from mappings.catalogue.calibration import Calibration
from mappings.catalogue.catalogue import Catalogue
from mappings.catalogue.cohort import CohortBackground
from mappings.catalogue.scale import Scale


@dataclass(frozen=True)
class LoadedCalibration:
    """A calibration with the pictures that a photo is seen against."""

    calibration: Calibration
    background: CohortBackground

    def scale(self, photo: ExtractedFeatures) -> Scale | None:
        """Return what scores mean for a photo; None where nothing is known of such a one."""
        value = photo.values.get(self.calibration.feature)
        if value is None:
            return None
        distance = self.background.distance(value)
        return None if distance is None else self.calibration.scale(distance)


class CalibrationCache:
    """Reads the calibration on first use and again once it is `max_age_s` old. Thread-safe."""

    def __init__(
        self,
        catalogue: Catalogue,
        registry: Registry,
        max_age_s: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._catalogue = catalogue
        self._registry = registry
        self._kept = ExpiringValue(self._read, max_age_s, clock)

    def current(self) -> LoadedCalibration | None:
        """Return the calibration, None for an index without one; raises IndexMissing and its kin.

        Looking takes about a millisecond, and reading the cohort's vectors some more once.
        """
        return self._kept.current()

    def _read(self) -> LoadedCalibration | None:
        found = self._catalogue.calibration()
        if found is None or found.model != versions.models_tag(self._registry):
            return None
        if found.feature not in self._registry:
            return None
        known = self._kept.latest
        if known is not None and known.calibration == found:
            return known
        feature = self._registry[found.feature]
        return LoadedCalibration(
            found, backgrounds.read_background(self._catalogue, found.cohort, feature)
        )
