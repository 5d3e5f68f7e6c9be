"""Cut text into terms: what an index stores of a field, and what a query may ask of it.

A term is a folded word in its common form: stemmed where it is English, the dictionary's normal
form where it is Japanese, in base units where it is a measure. Indexer and search cut with the
same functions, and Elasticsearch only splits at spaces.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise

from mappings.words import japanese
from mappings.words.english import STOP_WORDS, stem
from mappings.words.folding import fold, is_japanese
from mappings.words.measures import Measure, clothing_size, find_measures

WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
SHORT = 200
"""Characters of texts whose words are remembered: a product's title is cut more than once, and its
brand and category stand in many products. 1,024 such texts take at most 20 MB."""

LONGEST_TERM = 60
"""Characters; longer runs are noise, and Elasticsearch refuses terms beyond 32 kB."""

READ_AS = "="
"""Before the reading of a word that is written in kanji."""

SHORTEST_READING = 2

JOINED = 24
"""Characters of the longest two words that are also written as one: `tea pot` as `teapot`."""


@dataclass(frozen=True)
class Word:
    """One word of a text, from `start` to `end` of the folded text.

    `alternatives` are the ways to ask for it: each a set of terms that must all be there.
    `stored_terms` are further terms that an index stores of it, and `readings` further ones to ask
    for: how a Japanese word is spoken.
    `is_stop` marks words that say nothing by themselves. `joins_next` says that only a hyphen,
    or nothing, stands between this word and the next.
    """

    surface: str
    start: int
    end: int
    alternatives: tuple[tuple[str, ...], ...]
    is_stop: bool = False
    joins_next: bool = False
    stored_terms: tuple[str, ...] = ()
    readings: tuple[str, ...] = ()

    @property
    def term(self) -> str:
        """The term of its first alternative."""
        return " ".join(self.alternatives[0])


@dataclass(frozen=True)
class IndexedTerms:
    """What an index stores of a field: `terms` in order, and adjacent words `joined` into one."""

    terms: tuple[str, ...]
    joined: tuple[str, ...]


def cut_words(text: str) -> tuple[Word, ...]:
    """Return the words of a text in order; offsets are those of `fold(text)`."""
    return _cut_short(text) if len(text) <= SHORT else _cut(text)


@lru_cache(maxsize=1_024)
def _cut_short(text: str) -> tuple[Word, ...]:
    return _cut(text)


def _cut(text: str) -> tuple[Word, ...]:
    folded = fold(text)
    measures = {measure.start: measure for measure in find_measures(folded)}
    words: list[Word] = []
    at = 0
    for start, end in _segments(folded, measures):
        if start < at:
            continue
        if start in measures:
            words.append(_measure(folded, measures[start]))
            at = measures[start].end
        elif any(is_japanese(c) for c in folded[start:end]):
            words.extend(_japanese(folded[start:end], start))
            at = end
        else:
            words.append(_latin(folded[start:end], start))
            at = end
    return tuple(_with_joins(folded, words))


def index_terms(text: str) -> IndexedTerms:
    """Return what to store of a field's text."""
    words = cut_words(text)
    terms: list[str] = []
    joined: list[str] = []
    for word in words:
        for alternative in word.alternatives:
            terms.extend(alternative)
        terms.extend(word.stored_terms)
    for left, right in pairwise(words):
        if (compound := join(left, right)) is not None:
            joined.append(compound)
    return IndexedTerms(tuple(dict.fromkeys(_short(terms))), tuple(dict.fromkeys(_short(joined))))


def join(left: Word, right: Word) -> str | None:
    """Return the term of two adjacent words written as one, or None where that is no word."""
    whole = left.surface + right.surface
    latin = whole.isascii() and whole.isalpha() and len(whole) <= JOINED
    return stem(whole) if latin and len(whole) > 3 else None


def _segments(folded: str, measures: dict[int, Measure]) -> Iterator[tuple[int, int]]:
    """Yield the places of words, and of measures, in order; they may overlap."""
    places = {match.start(): match.end() for match in WORD.finditer(folded)}
    for start, measure in measures.items():
        places[start] = measure.end
        # What follows a measure without a space (500ml入り) is a word of its own.
        if measure.end < len(folded) and WORD.match(folded, measure.end):
            match = WORD.match(folded, measure.end)
            assert match is not None
            places[measure.end] = match.end()
    yield from sorted(places.items())


def _measure(folded: str, measure: Measure) -> Word:
    surface = folded[measure.start : measure.end]
    return Word(surface, measure.start, measure.end, ((measure.term,), *measure.others))


def _latin(surface: str, start: int) -> Word:
    size = clothing_size(surface)
    alternatives: tuple[tuple[str, ...], ...] = ((size or stem(surface),),)
    stop = surface in STOP_WORDS
    return Word(surface, start, start + len(surface), alternatives, is_stop=stop)


def _japanese(text: str, offset: int) -> Iterator[Word]:
    for word in japanese.split(text):
        surface = fold(word.surface)
        if not surface or not any(c.isalnum() for c in surface):
            continue
        start, end = offset + word.start, offset + word.end
        if not any(is_japanese(c) for c in surface):
            yield Word(surface, start, end, _latin(surface, start).alternatives)
            continue
        normal = fold(word.normal_form)
        alternatives: list[tuple[str, ...]] = [(normal,)]
        if word.parts:
            alternatives.append(tuple(fold(part) for part in word.parts))
        if word.pairs:
            alternatives.append(word.pairs)
        stored_terms, readings = _spoken(word)
        yield Word(
            surface,
            start,
            end,
            tuple(alternatives),
            word.is_silent,
            stored_terms=stored_terms,
            readings=readings,
        )


def _spoken(word: japanese.JapaneseWord) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the terms of a word's reading: those to store, and those to ask for.

    Kana may mean any word that is spoken so, 帽子 or 防止. A word in kanji means itself, or what is
    written in kana.
    """
    if not word.is_name or len(word.reading) < SHORTEST_READING:
        return (), ()
    in_kana, in_kanji = word.reading, f"{READ_AS}{word.reading}"
    if word.is_kana:
        return (in_kana,), (in_kana, in_kanji)
    return (in_kanji,), (in_kana,)


def _with_joins(folded: str, words: list[Word]) -> Iterator[Word]:
    for at, word in enumerate(words):
        following = words[at + 1] if at + 1 < len(words) else None
        between = folded[word.end : following.start] if following else " "
        is_joined = following is not None and between in ("", "-")
        yield replace(word, joins_next=True) if is_joined else word


def _short(terms: list[str]) -> Iterator[str]:
    return (term[:LONGEST_TERM] for term in terms if term)
