"""The words of a search as Elasticsearch JSON: every telling part of a query decides.

A part matches a product by the field it names, or by its terms in any field; most parts must
match (`required_parts`). Product numbers stand beside: who types one means that product.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from features.base import Json
from mappings.catalogue.search_terms import CODES, COLOURS, OWN_FIELDS, TERMS
from mappings.words.reading import Part, Phrase, Reading
from mappings.words.terms import Word, cut_words, join

JOINED_WEIGHT = 2.5
"""Weight of two adjacent words of a title that are written as one in the query, or the other way.

A little less than the title's own, so that the word as it was typed comes first.
"""

MENTIONS = ("description", "more")
"""Term fields that mention things; a part that names a field's value is not looked for there."""

TIE = 0.3
"""Share that a term's further fields add to its best: order by how many fields, too."""

NAMED_SCORE = 8.0
"""Score of a part whose named field holds the value, about that of a rare word in a title."""

EXACT_CODE_SCORE = 4_000.0
CODE_PREFIX_SCORE = 400.0
"""Scores of a product number, far above any words: that product comes first."""

SYNONYM = 0.9
"""Share of the score that a synonym counts, so that the word as it was typed comes first."""

CORRECTED = 0.5
"""Share of the score that a word counts where only its corrected spelling is found."""

ALL_UP_TO = 3
"""Parts of which each must match; of more, SHARE."""

SHARE = 0.75


def required_parts(count: int) -> int:
    """Return how many of `count` parts a product must match."""
    return count if count <= ALL_UP_TO else max(ALL_UP_TO, round(SHARE * count))


def field_weights(word_weights: Mapping[str, float]) -> dict[str, float]:
    """Return term field → weight, from the weights of the product fields that are searched."""
    own = {name: word_weights[name] for name in OWN_FIELDS if name in word_weights}
    return {**own, "joined": JOINED_WEIGHT, "more": 1.0}


def match_query(part: Part) -> Json:
    """Return the query that matches a part in any field, to filter by."""
    return WordQuery(dict.fromkeys((*OWN_FIELDS, "joined", "more"), 1.0)).match(part)


def condition(part: Part) -> Json | None:
    """Return what a part demands as a filter beside a photo, or None where it only ranks.

    A part that names a field's value demands it; a word alone does not, for a photo says more.
    """
    if part.is_negative:
        return {"bool": {"must_not": [match_query(part)]}}
    return match_query(part) if part.field is not None else None


@dataclass(frozen=True)
class WordQuery:
    """Makes the query for a reading. `weights` are those of term fields.

    `corrections` are words that the catalogue lacks, with the ones meant instead.
    """

    weights: Mapping[str, float]
    corrections: Mapping[str, str] = field(default_factory=dict)

    def body(self, reading: Reading) -> Json:
        """Return the query for the products that the words mean; its score rises with the match."""
        matching = self._matching(reading)
        codes = _code_queries(reading.codes)
        if not codes:
            return matching
        return {"bool": {"should": [matching, *codes], "minimum_should_match": 1}}

    def match(self, part: Part) -> Json:
        """Return the query that matches a part, to filter by."""
        queries = [
            query
            for phrase in (part.phrase, *(synonym.phrase for synonym in part.synonyms))
            for query in (
                *_named(phrase, is_wide=part.is_wide),
                *self._for(phrase, is_wide=part.is_wide)._texts(phrase.words),
            )
        ]
        return {"bool": {"should": queries, "minimum_should_match": 1}}

    def _for(self, phrase: Phrase, *, is_wide: bool) -> "WordQuery":
        """Return the queries of a phrase: in all fields, or without what only mentions it."""
        if phrase.field is None or is_wide:
            return self
        own = {name: weight for name, weight in self.weights.items() if name not in MENTIONS}
        return replace(self, weights=own)

    def _matching(self, reading: Reading) -> Json:
        required = reading.required
        denied = [self.match(part) for part in reading.negative]
        if not required:
            anything: Json = {"match_all": {}} if denied or reading.price else {"match_none": {}}
            return {"bool": {"must": [anything], "must_not": denied}}
        decide = {
            "should": [*(self._part(part) for part in required), *self._joined_parts(required)],
            "minimum_should_match": required_parts(len(required)),
        }
        ranking = [self._part(part) for part in reading.parts if part.is_optional]
        return {"bool": {"must": [{"bool": decide}], "should": ranking, "must_not": denied}}

    def _part(self, part: Part) -> Json:
        """Return the query that a part scores by."""
        if part.synonyms:
            queries = [*self._even(part.phrase, NAMED_SCORE, is_wide=part.is_wide)]
            for synonym in part.synonyms:
                score = SYNONYM * NAMED_SCORE
                queries += self._even(synonym.phrase, score, is_wide=part.is_wide)
            return {"dis_max": {"queries": queries}}
        named = _named(part.phrase, is_wide=part.is_wide)
        queries = [constant_score(query, NAMED_SCORE) for query in named]
        queries += self._for(part.phrase, is_wide=part.is_wide)._texts(part.words)
        for word in part.words:
            if right := self.corrections.get(word.surface):
                meant = self._terms([other.term for other in cut_words(right)])
                queries.append({"function_score": {"query": meant, "weight": CORRECTED}})
        return {"dis_max": {"queries": queries, "tie_breaker": TIE}}

    def _even(self, phrase: Phrase, score: float, *, is_wide: bool) -> Iterator[Json]:
        """Yield the queries of a phrase that score by the field alone, at most `score`.

        By rarity, as words score otherwise, a rare synonym would come before the typed word.
        """
        yield from (constant_score(query, score) for query in _named(phrase, is_wide=is_wide))
        weights = self._for(phrase, is_wide=is_wide).weights
        highest = max(weights.values(), default=1.0)
        for terms in _spellings(phrase.words):
            each = score / len(terms) / highest
            yield {"bool": {"must": [_flat_term(term, weights, each) for term in terms]}}

    def _texts(self, words: Sequence[Word]) -> list[Json]:
        """Return the queries for the words of one part, each way they may be written."""
        return [self._terms(terms) for terms in _spellings(words)]

    def _joined_parts(self, parts: Sequence[Part]) -> list[Json]:
        """Return the queries of two adjacent words written as one, which count for both."""
        queries: list[Json] = []
        for left, right in pairwise(parts):
            if len(left.words) == len(right.words) == 1 and left.field is right.field is None:
                compound = join(left.words[0], right.words[0])
                queries += [self._terms([compound])] * 2 if compound is not None else []
        return queries

    def _terms(self, terms: Sequence[str]) -> Json:
        queries = [self._term(term) for term in terms]
        return queries[0] if len(queries) == 1 else {"bool": {"must": queries}}

    def _term(self, term: str) -> Json:
        fields = [f"{TERMS}.{name}^{weight:g}" for name, weight in self.weights.items()]
        return {
            "multi_match": {
                "query": term, "fields": fields, "type": "best_fields", "tie_breaker": TIE,
            }
        }  # fmt: skip


def _spellings(words: Sequence[Word]) -> list[Sequence[str]]:
    """Return the ways to ask for the words of one phrase: each terms that must all be there."""
    telling = [word for word in words if not word.is_stop] or list(words)
    if len(telling) == 1:
        word = telling[0]
        return list(dict.fromkeys([*word.alternatives, *((term,) for term in word.readings)]))
    spellings: list[Sequence[str]] = [[word.term for word in telling]]
    if len(telling) == 2 and (compound := join(*telling)):
        spellings.append([compound])
    return spellings


def _named(phrase: Phrase, *, is_wide: bool) -> list[Json]:
    """Return the queries for the values of the fields that a phrase names."""
    queries: list[Json] = []
    for meaning in phrase.meanings:
        if meaning.field == "size":
            queries.append({"match": {f"{TERMS}.size": " ".join(w.term for w in phrase.words)}})
        elif meaning.values:
            queries.append({"terms": {meaning.field: list(meaning.values)}})
    if phrase.colour is not None and (is_wide or not phrase.is_shade):
        queries.append({"term": {COLOURS: phrase.colour}})
    return queries


def _flat_term(term: str, weights: Mapping[str, float], score: float) -> Json:
    """Return the query for a term that scores by its best field alone, `score` by weight 1."""
    queries = [
        constant_score({"term": {f"{TERMS}.{name}": term}}, score * weight)
        for name, weight in weights.items()
    ]
    return {"dis_max": {"queries": queries}}


def constant_score(query: Json, score: float) -> Json:
    """Return the query that scores every match alike."""
    return {"constant_score": {"filter": query, "boost": score}}


def _code_queries(codes: Sequence[str]) -> list[Json]:
    queries: list[Json] = []
    for code in codes:
        exact, begins = {"term": {CODES: code}}, {"prefix": {CODES: code}}
        queries.append(constant_score(exact, EXACT_CODE_SCORE))
        queries.append(constant_score(begins, CODE_PREFIX_SCORE))
    return queries
