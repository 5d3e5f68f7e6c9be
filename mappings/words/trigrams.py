"""Cut text into runs of three letters, so that text read wrongly in places still matches.

A photo's own words are compared so: BOHEHAN for BOHEMAN shares three of its five runs.
"""

import re

from mappings.words.folding import fold, is_japanese

WORD = re.compile(r"[^\W_]+")
LETTERS = 3
JAPANESE_LETTERS = 2
"""Most Japanese words are of two characters."""

MOST = 400
"""Runs kept of one text: a page of small print says little more than its first lines."""


def trigrams(text: str) -> tuple[str, ...]:
    """Return the distinct runs of a text's words, in order, folded; shorter words are left out."""
    runs: dict[str, None] = {}
    for word in WORD.findall(fold(text)):
        letters = JAPANESE_LETTERS if any(map(is_japanese, word)) else LETTERS
        for at in range(len(word) - letters + 1):
            runs[word[at : at + letters]] = None
            if len(runs) == MOST:
                return tuple(runs)
    return tuple(runs)
