"""Runs one query: once as it is read, and once more where its words find nothing as they stand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from app.search.word_reader import WordReader, wider_queries
from features.base import Json
from features.registry import Registry
from mappings.catalogue.catalogue import Catalogue
from mappings.catalogue.products import ITEM_GROUP, VARIANT_GROUP
from mappings.search import results, spelling
from mappings.search.collapsing import BY_VARIANTS
from mappings.search.query import Query
from mappings.search.request_body import build_body
from mappings.search.results import Hit, Results
from mappings.search.variants import Variants, read_variants, variants_body
from mappings.words.folding import fold
from mappings.words.terms import Word


@dataclass(frozen=True)
class QueryRun:
    """One page, with the query and the request that found it.

    `is_relaxed` says that no product met what the words demand beside a photo, so that it was left
    out.
    """

    query: Query
    body: Json
    page: Results
    is_relaxed: bool = False


class QueryRunner:
    """Runs queries. Thread-safe."""

    def __init__(self, catalogue: Catalogue, registry: Registry, words: WordReader) -> None:
        self._catalogue = catalogue
        self._registry = registry
        self._words = words

    def run(self, query: Query, *, is_literal: bool) -> QueryRun:
        """Return a page. `is_literal` says that words are meant as they are written.

        So they are beside a picture, where they decide nothing. Otherwise suggestions for typos
        come with the hits, so that only a query with a typo costs more requests.
        """
        is_checked = bool(query.words) and not is_literal
        doubtful = spelling.doubtful_words(query.understood) if is_checked else ()
        body, answer = self._search(query, doubtful)
        if doubtful:
            nearest = spelling.read_suggestions(answer, doubtful)
            if corrections := self._words.corrections(nearest):
                query = replace(query, corrections=corrections)
                body, answer = self._search(query)
        page = results.read_results(answer, query)
        demands = query.filters.conditions
        for wider in wider_queries(query):
            # Not the hits: a page behind the last one has none either.
            if page.total:
                break
            query = wider
            body, answer = self._search(query)
            page = results.read_results(answer, query)
        is_relaxed = bool(demands) and not query.filters.conditions
        page = replace(page, facets=self._words.labelled(page.facets))
        if query.collapse in BY_VARIANTS:
            page = replace(page, hits=self.with_variants(page.hits))
        return QueryRun(query, body, page, is_relaxed)

    def run_together(self, queries: Sequence[Query]) -> list[Results]:
        """Return the first page of each of these queries, in one request to Elasticsearch.

        For queries of pictures and filters: words are not corrected. Variants are counted in
        another request, where any hit has some.
        """
        bodies = [build_body(query, self._registry) for query in queries]
        answers = self._catalogue.search_many(bodies)
        pages = [results.read_results(*pair) for pair in zip(answers, queries, strict=True)]
        every = iter(self.with_variants([hit for page in pages for hit in page.hits]))
        return [replace(page, hits=tuple(next(every) for _ in page.hits)) for page in pages]

    def with_variants(self, hits: Sequence[Hit]) -> tuple[Hit, ...]:
        """Return hits with their further variants; asks only where some hit has a group."""
        grouped = [hit for hit in hits if ITEM_GROUP in hit.product]
        if not grouped:
            return tuple(hits)
        groups = list(dict.fromkeys(hit.product[VARIANT_GROUP] for hit in grouped))
        found = read_variants(self._catalogue.search(variants_body(groups)))
        return tuple(
            replace(hit, variants=self._further(hit, found))
            if hit.product[VARIANT_GROUP] in found
            else hit
            for hit in hits
        )

    def _search(self, query: Query, doubtful: Sequence[Word] = ()) -> tuple[Json, Json]:
        """Return the request and Elasticsearch's answer, with suggestions for doubtful words."""
        body = build_body(query, self._registry)
        if doubtful:
            body["suggest"] = spelling.suggestions(doubtful)
        return body, self._catalogue.search(body)

    def _further(self, hit: Hit, found: Mapping[str, Variants]) -> Variants:
        """Return the variants of a hit's group without itself, and the colours it hasn't."""
        group = found[hit.product[VARIANT_GROUP]]
        color = hit.product.get("color") or []
        own = {fold(str(value)) for value in (color if isinstance(color, list) else [color])}
        colours = [colour for colour in group.colours if fold(colour) not in own]
        return Variants(group.count - 1, self._words.labels("color", colours))
