"""The same products in tantivy, a search library in one process, asked the same questions."""

from collections.abc import Iterable, Mapping
from pathlib import Path

import tantivy

from bench.words.made_products import Question
from features.base import Json

WEIGHTS = {"title": 3.0, "brand": 2.0, "category": 2.0, "color": 2.0, "size": 2.0,
           "material": 1.0, "description": 1.0}  # fmt: skip
"""Fields that are searched, with the weights of `mappings.catalogue.fields`."""

FACETS = ("brand", "category", "color")
LATIN = "en_stem"
WRITER_BYTES = 256_000_000


class TantivyIndex:
    """Products in tantivy, stemmed in English; all words must match, a typo of one letter may."""

    def __init__(self, folder: Path) -> None:
        """`folder` is made anew."""
        folder.mkdir(parents=True)
        builder = tantivy.SchemaBuilder()
        builder.add_text_field("id", stored=True, tokenizer_name="raw")
        for name in WEIGHTS:
            builder.add_text_field(name, tokenizer_name=LATIN)
        for name in FACETS:
            builder.add_text_field(f"{name}_value", tokenizer_name="raw", fast=True)
        builder.add_float_field("price", fast=True, indexed=True)
        self._index = tantivy.Index(builder.build(), path=str(folder))

    def fill(self, products: Iterable[Mapping[str, Json]]) -> None:
        """Write products and make them searchable."""
        writer = self._index.writer(WRITER_BYTES)
        for product in products:
            document = tantivy.Document(id=product["id"], price=product["price"])
            for name in WEIGHTS:
                for text in _texts(product[name]):
                    document.add_text(name, text)
            for name in FACETS:
                for text in _texts(product[name]):
                    document.add_text(f"{name}_value", text)
            writer.add_document(document)
        writer.commit()
        writer.wait_merging_threads()
        self._index.reload()

    def search(self, question: Question, size: int) -> list[str]:
        """Return the ids of the best products; the facets are counted as well.

        Where no product has all the words, the same is asked again with a letter's tolerance.
        """
        searcher = self._index.searcher()
        for tolerance in (0, 1):
            query = self._query(question, tolerance)
            found = searcher.search(query, size)
            if found.hits:
                searcher.aggregate(query, _aggregations())
                break
        return [str(searcher.doc(address)["id"][0]) for _, address in found.hits]

    def _query(self, question: Question, tolerance: int) -> tantivy.Query:
        fuzzy = dict.fromkeys(WEIGHTS, (False, tolerance, True)) if tolerance else {}
        words = self._index.parse_query(
            question.words,
            list(WEIGHTS),
            field_boosts=WEIGHTS,
            fuzzy_fields=fuzzy,
            conjunction_by_default=True,
        )
        clauses = [(tantivy.Occur.Must, words)]
        for name, values in question.filters.items():
            terms = tantivy.Query.term_set_query(self._index.schema, f"{name}_value", values)
            clauses.append((tantivy.Occur.Must, tantivy.Query.const_score_query(terms, 0.0)))
        if question.price_max is not None:
            below = tantivy.Query.range_query(
                self._index.schema, "price", tantivy.FieldType.Float, 0.0, question.price_max
            )
            clauses.append((tantivy.Occur.Must, tantivy.Query.const_score_query(below, 0.0)))
        return tantivy.Query.boolean_query(clauses)


def _aggregations() -> Json:
    counts = {name: {"terms": {"field": f"{name}_value", "size": 50}} for name in FACETS}
    return {**counts, "price": {"stats": {"field": "price"}}}


def _texts(value: Json) -> list[str]:
    return value if isinstance(value, list) else [value]
