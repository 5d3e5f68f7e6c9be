"""What the words of a search mean to the catalogue, and what they demand of its products."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from app.search.synonym_file import SynonymFile
from app.search.vocabulary_cache import VocabularyCache
from features.base import Json
from mappings.catalogue.catalogue import Catalogue
from mappings.catalogue.vocabulary import Vocabulary
from mappings.search import spelling
from mappings.search.query import Query
from mappings.search.word_clauses import condition
from mappings.words.reading import Reading, read
from mappings.words.terms import Word


class WordReader:
    """Reads the words of searches by the catalogue's own vocabulary. Thread-safe."""

    def __init__(self, catalogue: Catalogue, max_age_s: float, synonyms: SynonymFile) -> None:
        self._catalogue = catalogue
        self._synonyms = synonyms
        self._vocabulary = VocabularyCache(catalogue, max_age_s)

    def vocabulary(self) -> Vocabulary:
        """Return the catalogue's own words. Raises IndexMissing or EngineUnavailable."""
        return self._vocabulary.current()

    def read(self, words: str) -> Reading:
        """Return what words mean. Raises IndexMissing or EngineUnavailable."""
        return read(words, self._vocabulary.current().lexicon, self._synonyms.current())

    def corrections(self, nearest: Mapping[Word, str]) -> dict[str, str]:
        """Return the words that no product has → the ones that were meant.

        `nearest` are the words that no title, brand … has → the catalogue's nearest. Those that
        stand elsewhere, in a description, are no typos.
        """
        words = list(nearest)
        if not words:
            return {}
        counted = spelling.read_counts(self._catalogue.search(spelling.counts_body(words)), words)
        return {
            word.surface: nearest[word]
            for word, count in zip(words, counted, strict=True)
            if not count
        }

    def labelled(self, facets: Mapping[str, Json]) -> dict[str, Json]:
        """Return facets with each value as most products write it."""
        vocabulary = self._vocabulary.current()
        return {
            name: [
                {**entry, "value": vocabulary.label(name, str(entry["value"]))} for entry in values
            ]
            if isinstance(values, list)
            else values
            for name, values in facets.items()
        }

    def labels(self, name: str, values: Sequence[str]) -> tuple[str, ...]:
        """Return values of a field as most products write them."""
        vocabulary = self._vocabulary.current()
        return tuple(vocabulary.label(name, value) for value in values)


def conditions(reading: Reading) -> tuple[Json, ...]:
    """Return what the parts of a reading demand beside a photo."""
    demands = (condition(part) for part in reading.parts if not part.is_optional)
    return tuple(demand for demand in demands if demand is not None)


def wider_queries(query: Query) -> Iterator[Query]:
    """Yield what to ask, in turn, while no product meets a query: less and less of its words.

    First, products that only mention the named thing match too, and so does every shade of a named
    colour. Then, beside a photo, the words only rank.
    """
    reading = query.understood.widened()
    if reading != query.understood:
        demands = conditions(reading) if query.filters.conditions else ()
        query = replace(query, reading=reading, filters=replace(query.filters, conditions=demands))
        yield query
    if query.filters.conditions:
        yield replace(query, filters=replace(query.filters, conditions=()))
