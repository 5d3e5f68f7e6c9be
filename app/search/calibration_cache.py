"""Caches the calibration of an index, so that a new one takes effect without a restart."""

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
    """A calibration with the reference pictures that a photo is compared with."""

    calibration: Calibration
    background: CohortBackground

    def scale(self, photo: ExtractedFeatures) -> Scale | None:
        """Return what scores mean for a photo; None for one without the calibrated feature."""
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
        self._calibration = ExpiringValue(self._read, max_age_s, clock)

    def current(self) -> LoadedCalibration | None:
        """Return the calibration, None for an index without one; raises IndexMissing and its kin.

        Checking takes about a millisecond; a new calibration's vectors are read once.
        """
        return self._calibration.current()

    def _read(self) -> LoadedCalibration | None:
        calibration = self._catalogue.calibration()
        if calibration is None or calibration.model != versions.models_tag(self._registry):
            return None
        if calibration.feature not in self._registry:
            return None
        latest = self._calibration.latest
        if latest is not None and latest.calibration == calibration:
            return latest
        feature = self._registry[calibration.feature]
        return LoadedCalibration(
            calibration, backgrounds.read_background(self._catalogue, calibration.cohort, feature)
        )
