"""Typos: words that no product has, and the catalogue's own words that were meant.

The engine's term suggester proposes only for words it lacks, so a word that is there is never
"corrected" into another.
"""

from collections.abc import Sequence

from features.base import Json
from mappings.catalogue.search_terms import TERMS
from mappings.search.word_clauses import match_query
from mappings.words.reading import Part, Phrase, Reading
from mappings.words.terms import Word

SHORTEST_WORD = 4
"""Letters; of three letters every word is near to some other."""

LEAST_SIMILARITY = 0.7
"""Of a correction: 1 minus edits by letters. One edit from four letters on, two from seven."""

MOST_WORDS = 8


def doubtful_words(reading: Reading) -> tuple[Word, ...]:
    """Return the words that may be typos: plain Latin words that name nothing known."""
    words = [
        word
        for part in reading.required
        if part.field is None and not part.synonyms
        for word in part.words
        if len(word.surface) >= SHORTEST_WORD and word.surface.isascii() and word.surface.isalpha()
    ]
    return tuple(words[:MOST_WORDS])


def suggestions(words: Sequence[Word]) -> Json:
    """Return the `suggest` part of a search: words near to those that no title, brand … has."""
    suggester = {
        "field": f"{TERMS}.spelling", "suggest_mode": "missing", "max_edits": 2,
        "prefix_length": 1, "min_word_length": SHORTEST_WORD, "size": 3,
    }  # fmt: skip
    return {
        f"word {number}": {"text": word.surface, "term": suggester}
        for number, word in enumerate(words)
    }


def read_suggestions(answer: Json, words: Sequence[Word]) -> dict[Word, str]:
    """Return word → the nearest word of the catalogue, from the answer to `suggestions`.

    A word without one that is near enough is left out.
    """
    nearest: dict[Word, str] = {}
    for number, word in enumerate(words):
        options = [
            option
            for entry in answer.get("suggest", {}).get(f"word {number}", [])
            for option in entry["options"]
            if option["score"] >= LEAST_SIMILARITY
        ]
        if options:
            nearest[word] = options[0]["text"]
    return nearest


def counts_body(words: Sequence[Word]) -> Json:
    """Return the search that counts the products that have each word in any field."""
    return {
        "size": 0,
        "track_total_hits": False,
        "aggs": {
            f"word {number}": {"filter": match_query(Part(Phrase((word,)), word.start, word.end))}
            for number, word in enumerate(words)
        },
    }


def read_counts(answer: Json, words: Sequence[Word]) -> list[int]:
    """Return how many products have each word, from the answer to `counts_body`."""
    counted = answer["aggregations"]
    return [int(counted[f"word {number}"]["doc_count"]) for number in range(len(words))]
