"""How words are cut, for shops that write English and Japanese.

Only what every Elasticsearch distribution carries: no kuromoji, no ICU. Japanese is cut into
overlapping pairs of characters (`cjk_bigram`), which finds every word without a dictionary and
ranks a little worse than one. Text is NFKC-normalised before it gets here (`normalise`).
"""

import unicodedata

from features.base import Json


def normalise(text: str) -> str:
    """Return NFKC text without control characters, white space collapsed: ＡＢＣ becomes ABC."""
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    folded = unicodedata.normalize("NFKC", text)
    printable = "".join(" " if unicodedata.category(c) == "Cc" else c for c in folded)
    return " ".join(printable.split())


def analysis_settings() -> Json:
    """Return the index's `analysis` settings: the analyzers and the normalizer."""
    return {
        # One facet value whatever its case, width and spaces; the field's `raw` keeps the spelling.
        "char_filter": {
            "spaces": {"type": "pattern_replace", "pattern": "\\s+", "replacement": " "}
        },
        "normalizer": {
            "value": {
                "type": "custom",
                "char_filter": ["spaces"],
                "filter": ["cjk_width", "lowercase", "asciifolding", "trim"],
            }
        },
        "filter": {
            "english_possessive": {"type": "stemmer", "language": "possessive_english"},
            "english_stem": {"type": "stemmer", "language": "english"},
        },
        "analyzer": {
            # Ready-made terms (`mappings.words`): the index only splits them.
            "terms": {"tokenizer": "whitespace"},
            "words_en": {
                "tokenizer": "standard",
                "filter": ["english_possessive", "lowercase", "asciifolding", "english_stem"],
            },
            "words_cjk": {
                "tokenizer": "standard",
                "filter": ["cjk_width", "lowercase", "cjk_bigram"],
            },
        },
    }
