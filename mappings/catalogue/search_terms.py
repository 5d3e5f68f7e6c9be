"""What a product is found by when words are typed: terms, numbers and colours, made when stored.

Elasticsearch analyses nothing here: terms come ready from `mappings.words`, and its analyzer only
splits them at spaces, so that indexer and search agree and a stock server is enough.
"""

from collections.abc import Iterable, Mapping, Sequence

from features.base import Json
from mappings.words.codes import code_key
from mappings.words.completion import completion_words, title_beginning
from mappings.words.lexicon import basic_colours
from mappings.words.terms import cut_words, index_terms
from mappings.words.trigrams import trigrams

TERMS = "terms"
"""Object of the term fields."""

CODES = "codes"
"""Keys of a product's numbers: whole numbers, compared and searched by prefix."""

COLOURS = "colours"
"""Basic colours of a product: what its feed says, else what its first picture shows."""

COLOUR = "colour"
"""Name of their filter and facet."""

TEXT_FEATURE = "ocr"
"""The feature that reads the text in a picture."""

COLOUR_FEATURE = "colour"
"""The feature that names the colours of a picture."""

SHOWN = "shown"
"""Term field of the text that photos of the product may show, in runs of letters."""

ANALYZER = "terms"

CODE_FIELDS = ("id", "sku", "gtin", "mpn", "item_group_id")
SPELLING_FIELDS = ("title", "brand", "category")
"""Fields whose words a typo is corrected to."""

COMPLETION = "completion"
"""Term field of what begins with whatever one may type to find a product's title."""

OWN_FIELDS = ("title", "brand", "category", "color", "size", "description")
"""Fields with terms of their own; every other one that is searched as words shares `more`."""

_TEXT: Json = {"type": "text", "analyzer": ANALYZER, "index_options": "freqs"}


def search_properties() -> dict[str, Json]:
    """Return the mapping of the fields that hold what a product is found by."""
    names = (*OWN_FIELDS, "more", "joined", "spelling", COMPLETION, SHOWN)
    return {
        TERMS: {"properties": {name: dict(_TEXT) for name in names}},
        CODES: {"type": "keyword", "ignore_above": 64},
        COLOURS: {"type": "keyword"},
    }


def search_terms(product: Mapping[str, Json], word_fields: Iterable[str]) -> dict[str, Json]:
    """Return the values of `search_properties` for one product document.

    `word_fields` are the fields that are searched as words. Fields without a value are left out.
    """
    terms: dict[str, Json] = {}
    more: list[str] = []
    joined: list[str] = []
    for name in word_fields:
        texts = _texts(product.get(name))
        indexed = [index_terms(text) for text in texts]
        own = list(dict.fromkeys(term for one in indexed for term in one.terms))
        if name in SPELLING_FIELDS or name in ("color", "size"):
            joined += [term for one in indexed for term in one.joined]
        if name in OWN_FIELDS and own:
            terms[name] = " ".join(own)
        else:
            more += own
    if more:
        terms["more"] = " ".join(dict.fromkeys(more))
    if joined:
        terms["joined"] = " ".join(dict.fromkeys(joined))
    if shown := shown_text(product):
        terms[SHOWN] = " ".join(shown)
    if spelling := spelling_words(product):
        terms["spelling"] = " ".join(spelling)
    if completion := [w for text in _texts(product.get("title")) for w in _completion(text)]:
        terms[COMPLETION] = " ".join(completion)
    values: dict[str, Json] = {TERMS: terms}
    if codes := product_codes(product):
        values[CODES] = codes
    if colours := product_colours(product):
        values[COLOURS] = colours
    return values


def shown_text(product: Mapping[str, Json]) -> tuple[str, ...]:
    """Return the runs of letters that a photo of a product may show.

    They are those of its name and brand, and of the text read in its pictures.
    """
    named = [text for name in ("title", "brand") for text in _texts(product.get(name))]
    read = [
        (picture.get(TEXT_FEATURE) or {}).get("text", "") for picture in product.get("images", [])
    ]
    return trigrams("\n".join([*named, *read]))


def product_codes(product: Mapping[str, Json]) -> list[str]:
    """Return the keys of a product's numbers."""
    keys = (code_key(text) for name in CODE_FIELDS for text in _texts(product.get(name)))
    return list(dict.fromkeys(key for key in keys if key))


def product_colours(product: Mapping[str, Json]) -> list[str]:
    """Return the basic colours of a product.

    They are those its `color` names; where that names none, the main colour of its first picture.
    """
    named = {basic for text in _texts(product.get("color")) for basic in basic_colours(text)}
    if named:
        return sorted(named)
    for picture in product.get("images", [])[:1]:
        names: Sequence[str] = (picture.get(COLOUR_FEATURE) or {}).get("names", ())
        return list(names[:1])
    return []


def spelling_words(product: Mapping[str, Json]) -> list[str]:
    """Return the words, as written, that a typo may be corrected to."""
    spellings: dict[str, None] = {}
    for name in SPELLING_FIELDS:
        for text in _texts(product.get(name)):
            for word in cut_words(text):
                written = word.surface
                is_latin = written.isascii() and written.isalpha()
                if is_latin and len(written) > 2 and not word.is_stop:
                    spellings[written] = None
    return list(spellings)


def _completion(title: str) -> list[str]:
    return [*completion_words(title), title_beginning(title)]


def _texts(value: Json) -> list[str]:
    if value is None:
        return []
    return [str(one) for one in value] if isinstance(value, list) else [str(value)]
