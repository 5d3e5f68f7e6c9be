"""The words of a search as Elasticsearch JSON: every telling part of a query decides.

A part matches a product by the field it names, or by its terms in any field; most parts must
match (`required_parts`). Product numbers stand beside: who types one means that product.
"""

from collections.abc import Iterable, Mapping, Sequence

from features.base import Json
from mappings.catalogue.search_terms import CODES, COLOURS, TERMS
from mappings.words.reading import Part, Reading
from mappings.words.terms import Word, join

WEIGHTS: Mapping[str, float] = {
    "title": 3.0, "joined": 2.5, "brand": 2.0, "category": 2.0, "color": 2.0, "size": 2.0,
    "more": 1.0, "description": 1.0,
}  # fmt: skip
"""Relative weight of a term found in a field."""

TIE = 0.3
"""Share that a term's further fields add to its best: order by how many fields, too."""

NAMED = 8.0
"""Score of a part whose named field holds the value, about that of a rare word in a title."""

EXACT_CODE = 4_000.0
PREFIX_CODE = 400.0
"""Scores of a product number, far above any words: that product comes first."""

CORRECTED = 0.5
"""Share of the score that a word counts where only its corrected spelling is found."""

ALL_UP_TO = 3
"""Parts of which each must match; of more, SHARE."""

SHARE = 0.75


def required_parts(count: int) -> int:
    """Return how many of `count` parts a product must match."""
    return count if count <= ALL_UP_TO else max(ALL_UP_TO, round(SHARE * count))


def words_query(reading: Reading, corrections: Mapping[str, str]) -> Json:
    """Return the query for the products that the words mean; its score rises with the match.

    `corrections` are words that the catalogue lacks, with the ones meant instead.
    """
    parts = [part_query(part, corrections) for part in reading.required]
    ranks = [part_query(part, corrections) for part in reading.parts if part.is_optional]
    parts += _joined_parts(reading.required)
    matching: Json = {"match_none": {}}
    count = len(reading.required)
    if count:
        matching = {
            "bool": {
                "must": [
                    {
                        "bool": {
                            "should": parts,
                            "minimum_should_match": required_parts(count),
                        }
                    }
                ],
                "should": ranks,
                "must_not": [match_query(part) for part in reading.negative],
            }
        }
    elif reading.negative or reading.price:
        denied = [match_query(part) for part in reading.negative]
        matching = {"bool": {"must": [{"match_all": {}}], "must_not": denied}}
    codes = _code_queries(reading.codes)
    if not codes:
        return matching
    return {"bool": {"should": [matching, *codes], "minimum_should_match": 1}}


def condition(part: Part) -> Json | None:
    """Return what a part demands as a filter beside a photo, or None where it only ranks.

    A part that names a field's value demands it; a word alone does not, for a photo says more.
    """
    if part.field is None and not part.is_negative:
        return None
    query = match_query(part)
    return {"bool": {"must_not": [query]}} if part.is_negative else query


def match_query(part: Part) -> Json:
    """Return the query that matches a part, to filter by."""
    return {"bool": {"should": [*_named(part), *_texts(part.words)], "minimum_should_match": 1}}


def part_query(part: Part, corrections: Mapping[str, str]) -> Json:
    """Return the query that a part scores by."""
    queries = [{"constant_score": {"filter": query, "boost": NAMED}} for query in _named(part)]
    queries += _texts(part.words)
    for word in part.words:
        if right := corrections.get(word.surface):
            queries.append(_scaled(_terms_query(right.split()), CORRECTED))
    return {"dis_max": {"queries": queries, "tie_breaker": TIE}}


def _named(part: Part) -> list[Json]:
    found: list[Json] = []
    for meaning in part.meanings:
        if meaning.field == "size":
            found.append({"match": {f"{TERMS}.size": " ".join(w.term for w in part.words)}})
        elif meaning.values:
            found.append({"terms": {meaning.field: list(meaning.values)}})
    if part.colour is not None:
        found.append({"term": {COLOURS: part.colour}})
    return found


def _texts(words: Sequence[Word]) -> list[Json]:
    """Return the queries for the words of one part, each way they may be written."""
    telling = [word for word in words if not word.is_stop] or list(words)
    if len(telling) == 1:
        return [_terms_query(alternative) for alternative in telling[0].alternatives]
    queries = [_terms_query([word.term for word in telling])]
    if len(telling) == 2 and (both := join(*telling)):
        queries.append(_terms_query([both]))
    return queries


def _joined_parts(parts: Sequence[Part]) -> list[Json]:
    """Return the queries of two adjacent words written as one: each counts as one more part."""
    found: list[Json] = []
    for left, right in zip(parts, parts[1:], strict=False):
        if len(left.words) == len(right.words) == 1 and left.field is right.field is None:
            both = join(left.words[0], right.words[0])
            if both is not None:
                # Both parts count as found where the one word is.
                found += [_terms_query([both])] * 2
    return found


def _terms_query(terms: Iterable[str]) -> Json:
    queries = [_term_query(term) for term in terms]
    return queries[0] if len(queries) == 1 else {"bool": {"must": queries}}


def _term_query(term: str) -> Json:
    fields = [f"{TERMS}.{name}^{weight:g}" for name, weight in WEIGHTS.items()]
    return {
        "multi_match": {
            "query": term,
            "fields": fields,
            "type": "best_fields",
            "tie_breaker": TIE,
        }
    }


def _scaled(query: Json, share: float) -> Json:
    return {"function_score": {"query": query, "weight": share}}


def _code_queries(codes: Sequence[str]) -> list[Json]:
    found: list[Json] = []
    for code in codes:
        exact = {"term": {CODES: code}}
        begins = {"prefix": {CODES: code}}
        found.append({"constant_score": {"filter": exact, "boost": EXACT_CODE}})
        found.append({"constant_score": {"filter": begins, "boost": PREFIX_CODE}})
    return found
