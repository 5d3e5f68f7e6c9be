"""Find texts by what somebody has typed of them so far.

The last word may be unfinished; those before it are whole words. Case, width and accents don't
count, nor whether kana is hiragana or katakana. Japanese has no spaces, so a text is found from
each of its words on, as it is written and as it is read: くつし begins 靴下.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from mappings.words import japanese
from mappings.words.folding import fold, hiragana, is_japanese
from mappings.words.terms import JOINED, LONGEST_TERM, WORD

LONGEST = 24
"""Characters of a Japanese text that are kept from each of its words on."""

SHORTEST_NEAR = 4
"""Letters from which a typo is forgiven; of three letters every word is near to some other."""

LONGEST_NEAR = 14
"""Letters compared for a typo: Elasticsearch takes patterns of 1,000 characters."""

CLUSTER = re.compile(r"[\s\S][\u0300-\u036f\u3099\u309a\uff9e\uff9f]*")
"""A character with the marks that fold into it."""


@dataclass(frozen=True)
class TypedText:
    """What was typed: `words` in order, the last of them maybe unfinished; all kana is hiragana.

    `earlier` is the folded text before the last word.
    """

    words: tuple[str, ...] = ()
    earlier: str = ""

    @property
    def last(self) -> str:
        """The word that is being typed; '' where there is none."""
        return self.words[-1] if self.words else ""

    @cached_property
    def near(self) -> re.Pattern[str] | None:
        """What words begin with that the last word may be a typo of; None for too short ones."""
        pattern = near_beginning(self.last)
        return None if pattern is None else re.compile(pattern)


def read_typed(text: str) -> TypedText:
    """Return what was typed, cut into words."""
    folded = fold(text)
    words = list(WORD.finditer(hiragana(folded)))
    return TypedText(
        tuple(match[0] for match in words), folded[: words[-1].start()] if words else ""
    )


def completion_words(text: str) -> tuple[str, ...]:
    """Return what begins with whatever one may type to find a text."""
    words: dict[str, None] = {}
    latin: list[str] = []
    for match in WORD.finditer(fold(text)):
        if any(is_japanese(character) for character in match[0]):
            words |= dict.fromkeys(_japanese(match[0]))
            latin.append("")
        else:
            words[match[0][:LONGEST_TERM]] = None
            latin.append(match[0] if match[0].isalpha() else "")
    for left, right in pairwise(latin):
        if left and right and len(left) + len(right) <= JOINED:
            words[left + right] = None
    return tuple(words)


def title_beginning(text: str) -> str:
    """Return the beginning of a text as one word, marked so that no word inside a text is like it.

    Titles that begin with what was typed come before those that only hold it.
    """
    return "^" + re.sub(r"\W+", "_", hiragana(fold(text)))[:LONGEST]


def near_beginning(word: str) -> str | None:
    """Return a pattern of all texts that begin like a word with one slip in it, or None.

    A slip is a wrong letter, a missing one, one too many, or two swapped; never the first letter.
    Python and Elasticsearch both read the pattern. None where a word is short or not Latin.
    """
    word = word[:LONGEST_NEAR]
    if len(word) < SHORTEST_NEAR or not (word.isascii() and word.isalpha()):
        return None
    first, tail = word[0], word[1:]
    slips = {tail}
    for at, letter in enumerate(tail):
        before, after = tail[:at], tail[at + 1 :]
        slips |= {f"{before}.{after}", f"{before}.{letter}{after}"}
        if after:
            slips |= {f"{before}{after}", f"{before}{after[0]}{letter}{after[1:]}"}
    return f"{first}({'|'.join(sorted(slips))}).*"


@dataclass(frozen=True)
class CompletionIndex:
    """A few thousand texts, to be found by their beginnings without asking an engine.

    `texts` are in order of preference; `entries` are (word, number of its text), sorted.
    """

    texts: tuple[str, ...] = ()
    entries: tuple[tuple[str, int], ...] = ()

    @classmethod
    def build(cls, texts: Iterable[str]) -> "CompletionIndex":
        """Return the index of some texts, the preferred first."""
        ordered = tuple(texts)
        entries = [(w, n) for n, text in enumerate(ordered) for w in completion_words(text)]
        return cls(ordered, tuple(sorted(entries)))

    def find(self, typed: TypedText, *, is_near: bool = False) -> list[int]:
        """Return the numbers of the texts that go on what was typed, the preferred first.

        With `is_near`, those that do but for one slip in the last word.
        """
        numbers = sorted(set(self._near(typed) if is_near else self._beginning(typed.last)))
        earlier = typed.words[:-1]
        return [n for n in numbers if not earlier or _begins_all(self.texts[n], earlier)]

    def _beginning(self, typed: str) -> Iterator[int]:
        if not typed:
            return
        for word, number in self.entries[bisect_left(self.entries, (typed, 0)) :]:
            if not word.startswith(typed):
                return
            yield number

    def _near(self, typed: TypedText) -> Iterator[int]:
        if typed.near is not None:
            yield from (number for word, number in self.entries if typed.near.fullmatch(word))


def matched_spans(text: str, typed: TypedText, *, is_near: bool = False) -> list[tuple[int, int]]:
    """Return where a text shows what was typed, as (start, end) in its characters, in order.

    Nothing is matched where Japanese was found by its reading alone. With `is_near`, the whole word
    that the typo stands for.
    """
    folded, places = _folded_with_places(text)
    spans: list[tuple[int, int]] = []
    for word in typed.words:
        span = _place(folded, word, typed.near if is_near and word == typed.last else None)
        if span is not None:
            spans.append((places[span[0]][0], places[span[1] - 1][1]))
    return _merged(spans)


def _japanese(run: str) -> Iterator[str]:
    """Yield a run of Japanese from each of its words on, as written and as read."""
    words = japanese.split(run)
    for at, word in enumerate(words):
        if word.is_silent:
            continue
        yield hiragana(run[word.start :])[:LONGEST]
        yield "".join(other.reading for other in words[at:])[:LONGEST]


def _begins_all(text: str, typed: Sequence[str]) -> bool:
    words = completion_words(text)
    return all(any(word.startswith(one) for word in words) for one in typed)


def _place(folded: str, word: str, near: re.Pattern[str] | None) -> tuple[int, int] | None:
    for match in WORD.finditer(folded):
        if near is not None and near.fullmatch(match[0]):
            return match.span()
        at = match[0].find(word)
        # Inside a word only where Japanese words follow each other without a space.
        if at == 0 or (at > 0 and is_japanese(word[0])):
            return match.start() + at, match.start() + at + len(word)
    return None


def _folded_with_places(text: str) -> tuple[str, list[tuple[int, int]]]:
    """Return text as `read_typed` folds it, and for each character where it came from."""
    if text.isascii() and text.isprintable():
        return text.lower(), [(at, at + 1) for at in range(len(text))]
    folded: list[str] = []
    places: list[tuple[int, int]] = []
    for match in CLUSTER.finditer(text):
        piece = hiragana(fold(match[0])) or " "
        folded.append(piece)
        places += [match.span()] * len(piece)
    return "".join(folded), places


def _merged(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
