"""Bring English words to one form: knives and knife, men's and man, running and run."""

import threading
from functools import lru_cache
from typing import Any
from unittest.mock import patch

import snowballstemmer

STOP_WORDS = frozenset({
    "a", "an", "and", "any", "are", "as", "at", "be", "by", "can", "do", "for", "from", "get",
    "has", "have", "i", "in", "into", "is", "it", "its", "looking", "me", "my", "of", "on", "or",
    "our", "please", "show", "some", "something", "that", "the", "their", "them", "these", "this",
    "those", "to", "want", "was", "we", "which", "with", "you", "your",
})  # fmt: skip
"""Words that say nothing about a product by themselves."""


def _inflection_engine() -> Any:
    """Return inflect's engine without its run-time type checks, which mypy's make needless.

    *Measured*: typeguard's decorators take 2.1 of the 2.2 s of importing inflect 7.6, in every web
    worker and command, and double the time of a word.
    """
    with patch("typeguard.typechecked", lambda function: function):
        import inflect  # noqa: PLC0415 - imported under the patch

    return inflect.engine()


_inflection = _inflection_engine()
_stemmer = snowballstemmer.stemmer("english")
_in_turn = threading.Lock()
"""Held while a word is stemmed: a stemmer keeps the word it is at in itself."""


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    """Return the form that a folded word shares with its plural, possessive and verb forms.

    Nouns are made singular first (inflect), because a stemmer knows no irregular plurals; then the
    Porter2 stemmer of Snowball runs. A word with a digit in it stays as it is.
    """
    word = word.removesuffix("'s").strip("'").replace("'", "")
    if not word.isalpha() or not word.isascii() or len(word) < 3:
        return word
    with _in_turn:
        # Twice, for plurals that got a second ending: mens, womens.
        for _ in range(2):
            word = _inflection.singular_noun(word) or word
        return str(_stemmer.stemWord(word))
