"""Normalises text, so that what an engine reads and what shoppers type compare equal."""

import unicodedata
from collections.abc import Iterable

MAX_WORDS = 64
MAX_CHARACTERS = 512
"""A query's limits: a whole page would be thousands of terms, and its first lines identify it.
Japanese has no spaces, hence a limit on characters too."""


def normalise(text: str) -> str:
    """Return the text in NFKC, one space between words: full-width digits become plain ones."""
    return " ".join(unicodedata.normalize("NFKC", text).split())


def has_letter_or_digit(text: str) -> bool:
    """Return whether the text has a letter or digit."""
    return any(character.isalnum() for character in text)


def join_words(words: Iterable[str]) -> str:
    """Return the words of one line with spaces between them, but not between Japanese ones.

    Tesseract reports Japanese in pieces of a few characters; a space there would keep the
    engine's bigrams from crossing it.
    """
    line = ""
    for word in words:
        tight = line and is_cjk(line[-1]) and is_cjk(word[0])
        line += word if tight or not line else f" {word}"
    return line


def bound_query(text: str) -> str:
    """Return the first distinct words of a text, within MOST_WORDS and MOST_CHARACTERS."""
    return " ".join(list(dict.fromkeys(text.split()))[:MAX_WORDS])[:MAX_CHARACTERS]


def is_cjk(character: str) -> bool:
    """Return whether a character is kana, a kanji or one of the marks among them."""
    # Kana with their marks, the ideographs with their extension A, and the compatible ones.
    return any(
        first <= character <= last
        for first, last in (("\u3005", "\u3007"), ("\u3041", "\u9fff"), ("\uf900", "\ufaff"))
    )
