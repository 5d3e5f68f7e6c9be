"""The index that changes over HTTP go into: made by the first of them where there is none."""

from collections.abc import Mapping

from core.errors import IndexMissing
from core.expiring import ExpiringValue
from features.base import Feature
from indexer.ledger.ledger import Ledger
from mappings.catalogue.catalogue import Catalogue

REFRESH_FEATURES_S = 2.0
"""How soon a second model in the index, or an index that is gone, is noticed."""


class LiveIndex:
    """The products index of one process. Thread-safe."""

    def __init__(self, catalogue: Catalogue, ledger: Ledger) -> None:
        self._catalogue = catalogue
        self._ledger = ledger
        self._has_fields = False
        self._features: ExpiringValue[Mapping[str, Feature]] = ExpiringValue(
            self._read, REFRESH_FEATURES_S
        )

    def features(self) -> Mapping[str, Feature]:
        """Return what to store of every picture, field → feature; a missing index is made.

        Raises ModelMismatch, InvalidSetting and EngineUnavailable.
        """
        return self._features.current()

    def _read(self) -> Mapping[str, Feature]:
        try:
            features = self._catalogue.refresh_write_features()
        except IndexMissing:
            if self._catalogue.make_index():
                # What the ledger has was in an index that is gone.
                self._ledger.forget_present()
            features = self._catalogue.refresh_write_features()
        if not self._has_fields:
            self._catalogue.add_missing_fields()
            self._has_fields = True
        return features
