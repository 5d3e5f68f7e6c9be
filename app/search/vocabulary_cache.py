"""Keeps the catalogue's own words, by which queries are read and facets are labelled."""

from core.expiring import ExpiringValue
from mappings.catalogue.catalogue import Catalogue
from mappings.catalogue.vocabulary import Vocabulary, read_vocabulary, vocabulary_body


class VocabularyCache:
    """Reads the vocabulary on first use and again once it is `max_age_s` old. Thread-safe."""

    def __init__(self, catalogue: Catalogue, max_age_s: float) -> None:
        self._catalogue = catalogue
        self._value = ExpiringValue(self._read, max_age_s)

    def current(self) -> Vocabulary:
        """Return the vocabulary. Raises IndexMissing or EngineUnavailable."""
        return self._value.current()

    def _read(self) -> Vocabulary:
        return read_vocabulary(self._catalogue.search(vocabulary_body(self._catalogue.fields)))
