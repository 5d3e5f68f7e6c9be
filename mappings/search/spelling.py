"""Typos: words that no product has, and the catalogue's own words that were meant.

The engine's term suggester proposes only for words it lacks, so a word that is there is never
"corrected" into another.
"""

from collections.abc import Mapping, Sequence

from features.base import Json
from mappings.catalogue.search_terms import TERMS
from mappings.search.word_clauses import match_query
from mappings.words.reading import Part, Reading
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
        if part.field is None
        for word in part.words
        if len(word.surface) >= SHORTEST_WORD and word.surface.isascii() and word.surface.isalpha()
    ]
    return tuple(words[:MOST_WORDS])


def spelling_body(words: Sequence[Word]) -> Json:
    """Return the search that tells which of the words no product has, with words near to them."""
    suggester = {
        "field": f"{TERMS}.spelling", "suggest_mode": "missing", "max_edits": 2,
        "prefix_length": 1, "min_word_length": SHORTEST_WORD, "size": 3,
    }  # fmt: skip
    return {
        "size": 0,
        "track_total_hits": False,
        "aggs": {
            f"word {number}": {"filter": match_query(Part((word,), word.start, word.end))}
            for number, word in enumerate(words)
        },
        "suggest": {
            f"word {number}": {"text": word.surface, "term": suggester}
            for number, word in enumerate(words)
        },
    }


def read_corrections(answer: Json, words: Sequence[Word]) -> dict[str, str]:
    """Return word → the word that was meant, for those that no product has."""
    corrections: dict[str, str] = {}
    counts: Mapping[str, Json] = answer.get("aggregations", {})
    for number, word in enumerate(words):
        label = f"word {number}"
        if counts.get(label, {}).get("doc_count", 0):
            continue
        options = [
            option
            for entry in answer.get("suggest", {}).get(label, [])
            for option in entry["options"]
            if option["score"] >= LEAST_SIMILARITY
        ]
        if options:
            corrections[word.surface] = options[0]["text"]
    return corrections
