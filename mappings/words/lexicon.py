"""The phrases a catalogue itself knows: its brands, categories, colours, sizes, materials, sellers.

A query that names one of them means it: "nike shoes" asks for a brand and a category. The phrases
come from the index's own values, so a shop's private words are understood without a list.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from mappings.words.colours import basic_colour
from mappings.words.folding import fold
from mappings.words.terms import Word, cut_words

T = TypeVar("T")

LONGEST_PHRASE = 6
"""Words of the longest value that is looked for in a query."""

PATH_SEPARATOR = " > "


@dataclass(frozen=True)
class Meaning:
    """What a phrase names: a product field, and the values of it that are written so."""

    field: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Lexicon:
    """Phrases, as the terms of their telling words, and what each means.

    `colours` has, for each basic colour, the catalogue's own values of `color` that are of it.
    """

    phrases: Mapping[tuple[str, ...], tuple[Meaning, ...]] = field(default_factory=dict)
    colours: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def longest(self, words: Sequence[Word]) -> tuple[int, tuple[Meaning, ...]]:
        """Return how many of the first words form the longest known phrase, and its meanings.

        Stop words inside a phrase are passed over, as in "sets of knives"; 0 and () where none is.
        """
        count, meanings = longest_phrase(words, self.phrases)
        return count, meanings or ()


def longest_phrase(
    words: Sequence[Word], phrases: Mapping[tuple[str, ...], T]
) -> tuple[int, T | None]:
    """Return how many of the first words form the longest phrase, and what stands for it.

    Stop words inside a phrase are passed over; 0 and None where there is none.
    """
    longest: tuple[int, T | None] = (0, None)
    terms: list[str] = []
    for count, word in enumerate(words, start=1):
        if word.is_stop:
            if not terms:
                break
            continue
        terms.append(word.term)
        if len(terms) > LONGEST_PHRASE:
            break
        if (found := phrases.get(tuple(terms))) is not None:
            longest = (count, found)
    return longest


def build(values: Mapping[str, Iterable[str]]) -> Lexicon:
    """Return the lexicon of a catalogue from each field's values.

    Fields named first win where a phrase means several. A category's path is known by its last
    part, and a value of `color` also by the basic colour it names.
    """
    phrases: dict[tuple[str, ...], dict[str, list[str]]] = {}
    colours: dict[str, list[str]] = {}
    for name, given in values.items():
        for value in given:
            key = phrase_key(value.rpartition(PATH_SEPARATOR)[2])
            if key and len(key) <= LONGEST_PHRASE:
                phrases.setdefault(key, {}).setdefault(name, []).append(value)
            if name == "color":
                for basic in basic_colours(value):
                    colours.setdefault(basic, []).append(value)
    return Lexicon(
        {
            key: tuple(Meaning(name, tuple(own)) for name, own in fields.items())
            for key, fields in phrases.items()
        },
        {basic: tuple(own) for basic, own in colours.items()},
    )


def phrase_key(text: str) -> tuple[str, ...]:
    """Return the terms of a text's telling words, in order."""
    return tuple(word.term for word in cut_words(text) if not word.is_stop)


def basic_colours(value: str) -> set[str]:
    """Return the basic colours that a value of `color` names, such as "light blue / white"."""
    whole = basic_colour(fold(value))
    if whole:
        return {whole}
    named = {basic_colour(word.surface) or basic_colour(word.term) for word in cut_words(value)}
    return {basic for basic in named if basic}
