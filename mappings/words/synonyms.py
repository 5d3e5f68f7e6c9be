"""A shop's own synonyms, in Solr's format: which words also mean which others.

    sneakers, trainers, 運動靴      each finds the others
    tv stand => media console      the left finds the right, too, and not the other way round
    # a comment; \\, is a comma that separates nothing

A synonym is asked for beside what was typed, and expanded once: with `a => b` and `b => c`, a
finds b and never c, so rules may form a circle.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from mappings.words.folding import fold
from mappings.words.lexicon import LONGEST_PHRASE, longest_phrase, phrase_key
from mappings.words.terms import Word

MOST_LINES = 50_000
MOST_SYNONYMS = 20
"""Synonyms of one phrase: each is asked for in every field."""

ARROW = "=>"
SEPARATOR = re.compile(r"(?<!\\),")
ESCAPE = re.compile(r"\\(.)")


class BrokenSynonymRule(ValueError):
    """A line is no rule. `line` is its number, from 1."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line = line


@dataclass(frozen=True)
class Synonyms:
    """Phrases, as the terms of their telling words, and the texts that also mean each."""

    texts: Mapping[tuple[str, ...], tuple[str, ...]] = field(default_factory=dict)

    def longest(self, words: Sequence[Word]) -> tuple[int, tuple[str, ...]]:
        """Return how many of the first words form the longest phrase with synonyms, and those.

        0 and () where there is none.
        """
        count, texts = longest_phrase(words, self.texts)
        return count, texts or ()


def read_synonyms(lines: Iterable[str]) -> Synonyms:
    """Return the synonyms that a file's lines state; raises BrokenSynonymRule."""
    texts: dict[tuple[str, ...], dict[str, None]] = {}
    for number, line in enumerate(lines, start=1):
        rule = line.strip().removeprefix("\ufeff")
        if not rule or rule.startswith("#"):
            continue
        if number > MOST_LINES:
            raise BrokenSynonymRule(
                number, f"there are more than {MOST_LINES:,} lines; use fewer rules"
            )
        left, right = _sides(rule, number)
        for phrase, key in left.items():
            others = [text for text, other in right.items() if other != key and text != phrase]
            known = texts.setdefault(key, {})
            known |= dict.fromkeys(others)
            if len(known) > MOST_SYNONYMS:
                reason = f"{phrase[:40]!r} has more than {MOST_SYNONYMS} synonyms; use fewer"
                raise BrokenSynonymRule(number, reason)
    return Synonyms({key: tuple(others) for key, others in texts.items() if others})


def _sides(rule: str, number: int) -> tuple[dict[str, tuple[str, ...]], dict[str, tuple[str, ...]]]:
    """Return both sides of a rule as text → its terms; those of equal words are the same."""
    left, *right = rule.split(ARROW)
    if len(right) > 1:
        raise BrokenSynonymRule(number, f"there is more than one {ARROW}; write a rule for each")
    if right:
        return _phrases(left, number), _phrases(right[0], number)
    phrases = _phrases(left, number)
    if len(phrases) < 2:
        raise BrokenSynonymRule(
            number, f"a rule needs two different phrases, as in a, b or a {ARROW} b"
        )
    return phrases, phrases


def _phrases(side: str, number: int) -> dict[str, tuple[str, ...]]:
    phrases: dict[str, tuple[str, ...]] = {}
    for piece in SEPARATOR.split(side):
        text = fold(ESCAPE.sub(r"\1", piece))
        key = phrase_key(text)
        if not key:
            raise BrokenSynonymRule(number, "a phrase is empty or has no telling word; take it out")
        if len(key) > LONGEST_PHRASE:
            raise BrokenSynonymRule(number, f"{text[:40]!r} has more than {LONGEST_PHRASE} words")
        phrases[text] = key
    return phrases
