"""Bring English words to one form: knives and knife, men's and man, running and run."""

from functools import lru_cache

import inflect
import snowballstemmer

STOP_WORDS = frozenset({
    "a", "an", "and", "any", "are", "as", "at", "be", "by", "can", "do", "for", "from", "get",
    "has", "have", "i", "in", "into", "is", "it", "its", "looking", "me", "my", "of", "on", "or",
    "our", "please", "show", "some", "something", "that", "the", "their", "them", "these", "this",
    "those", "to", "want", "was", "we", "which", "with", "you", "your",
})  # fmt: skip
"""Words that say nothing about a product by themselves."""

_inflection = inflect.engine()
_stemmer = snowballstemmer.stemmer("english")


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    """Return the form that a folded word shares with its plural, possessive and verb forms.

    Nouns are made singular first (inflect), because a stemmer knows no irregular plurals; then the
    Porter2 stemmer of Snowball runs. A word with a digit in it stays as it is.
    """
    word = word.removesuffix("'s").strip("'").replace("'", "")
    if not word.isalpha() or not word.isascii() or len(word) < 3:
        return word
    # Twice, for plurals that got a second ending: mens, womens.
    for _ in range(2):
        word = _inflection.singular_noun(word) or word
    return str(_stemmer.stemWord(word))
