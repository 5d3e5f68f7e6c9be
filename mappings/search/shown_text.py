"""The text that a shopper's photo shows, as a clause: products that may show the same text.

A pack shows its name. The text read on a photo of it is compared with all products' names and with
the text in their pictures, by runs of letters.

*Measured* on 2,152 photos of groceries, 40 % of which show legible text: top-1 .339 with the
embedding alone, .447 with this; top-5 .691 and .733.
"""

from collections.abc import Iterable

from features.base import Json
from mappings.catalogue.search_terms import SHOWN, TERMS
from mappings.words.folding import fold
from mappings.words.trigrams import trigrams

READ_TEXT = "read_text"
"""The signal's name."""

READ_TEXT_WEIGHT = 0.2
"""Beside an embedding's 1, whose score is half its cosine: .4 of the cosine was best."""

HALF_SCORE = 20.0
"""The BM25 score that counts as half a match; from 10 to 40 little changes."""


def shown_text_query(text: str) -> Json | None:
    """Return the query for products that may show a text, scoring in [0, 1).

    None where the text is too short to say anything.
    """
    runs = trigrams(text)
    if not runs:
        return None
    return {
        "script_score": {
            "query": {"match": {f"{TERMS}.{SHOWN}": {"query": " ".join(runs)}}},
            "script": {
                "source": "_score / (_score + params.half)",
                "params": {"half": HALF_SCORE},
            },
        }
    }


def without_words(text: str, ignored: Iterable[str]) -> str:
    """Return a text without the words that are to be left out, whatever their case and width."""
    left_out = {fold(word) for word in ignored}
    lines = (
        " ".join(word for word in line.split() if fold(word) not in left_out)
        for line in text.splitlines()
    )
    return "\n".join(line for line in lines if line)
