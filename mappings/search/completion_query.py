"""The products that somebody is typing the title of, as Elasticsearch JSON."""

from dataclasses import dataclass

from features.base import Json
from mappings.catalogue.products import PICTURES, VARIANT_GROUP, own_pictures
from mappings.catalogue.search_terms import CODES, COMPLETION, TERMS
from mappings.search.word_clauses import WordQuery, constant_score
from mappings.words.codes import asked_codes
from mappings.words.colours import basic_colour
from mappings.words.completion import TypedText, read_typed, title_beginning
from mappings.words.folding import fold, hiragana, is_japanese
from mappings.words.reading import Part, Phrase
from mappings.words.terms import cut_words

PATH = f"{TERMS}.{COMPLETION}"

EARLIER_FIELDS = ("title", "brand", "category", "color", "size", "joined")
"""Term fields that may hold the whole words before the last."""

MOST_EARLIER = 8
"""Whole words that are asked for, those nearest to the one being typed."""

MOST_CODES = 2

WORD_SCORE, TITLE_SCORE, CODE_SCORE = 1.0, 2.0, 4.0
"""A word of the title begins so; the title itself does; the product's number does."""


@dataclass(frozen=True)
class CompletedProduct:
    """A product found by its beginning. `image_id` is that of its first picture, None without."""

    id: str
    title: str
    image_id: str | None


def completion_body(text: str, size: int, *, is_near: bool = False) -> Json:
    """Return the search for the products that a typed text begins.

    The variants of a product are one. With `is_near`, those that it begins but for one slip in its
    last word.
    """
    typed = read_typed(text)
    ways = _near_ways(typed) if is_near else _ways(typed, text)
    return {
        "size": size,
        "track_total_hits": False,
        "collapse": {"field": VARIANT_GROUP},
        "_source": ["id", "title", f"{PICTURES}.image_id", f"{PICTURES}.source"],
        "query": {"bool": {"should": ways, "minimum_should_match": 1}}
        if ways
        else {"match_none": {}},
    }


def read_products(answer: Json) -> list[CompletedProduct]:
    """Return the products of an answer, the best first."""
    return [_product(hit["_source"]) for hit in answer["hits"]["hits"]]


def _product(source: Json) -> CompletedProduct:
    pictures = own_pictures(source.get(PICTURES, []))
    return CompletedProduct(
        str(source["id"]),
        str(source.get("title") or source["id"]),
        pictures[0]["image_id"] if pictures else None,
    )


def _ways(typed: TypedText, text: str) -> list[Json]:
    if not typed.words:
        return []
    ways = [
        constant_score(_goes_on(typed.earlier, _begins(typed.last)), WORD_SCORE),
        constant_score(_begins(title_beginning(text)), TITLE_SCORE),
    ]
    if len(typed.words) > 1:
        # Two words that the title writes as one: book ca finds Bookcase.
        left, right = typed.words[-2:]
        before = typed.earlier.rstrip().removesuffix(left)
        ways.append(constant_score(_goes_on(before, _begins(left + right)), WORD_SCORE))
    words = cut_words(text)
    if len(words) > 1 and is_japanese(words[-1].surface[0]):
        # Japanese words in another order than the title's, with particles between them.
        before, last = fold(text)[: words[-1].start], _begins(hiragana(words[-1].surface))
        ways.append(constant_score(_goes_on(before, last), WORD_SCORE))
    ways += [
        constant_score({"prefix": {CODES: code}}, CODE_SCORE)
        for code in asked_codes(text)[:MOST_CODES]
        if any(character.isdigit() for character in code)
    ]
    return ways


def _near_ways(typed: TypedText) -> list[Json]:
    if typed.near is None:
        return []
    near = {"regexp": {PATH: {"value": typed.near.pattern, "flags": "NONE"}}}
    return [constant_score(_goes_on(typed.earlier, near), WORD_SCORE)]


def _begins(word: str) -> Json:
    return {"prefix": {PATH: {"value": word}}}


def _goes_on(earlier: str, last: Json) -> Json:
    """Return a clause for the last word together with the whole words of the text before it."""
    query = WordQuery(dict.fromkeys(EARLIER_FIELDS, 1.0))
    words = [word for word in cut_words(earlier) if not word.is_stop][-MOST_EARLIER:]
    whole = [
        query.match(Part(Phrase((w,), (), basic_colour(w.surface)), w.start, w.end)) for w in words
    ]
    return {"bool": {"filter": [last, *whole]}}
