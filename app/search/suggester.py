"""Suggestions while a shopper types: popular queries, categories, brands and products."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from app.search.popular_queries import PopularQueries
from mappings.catalogue.catalogue import Catalogue
from mappings.catalogue.vocabulary import Vocabulary
from mappings.search.completion_query import CompletedProduct, completion_body, read_products
from mappings.words.completion import CompletionIndex, TypedText, matched_spans, read_typed
from mappings.words.folding import fold
from mappings.words.lexicon import PATH_SEPARATOR

Kind = Literal["query", "category", "brand", "product"]

FIELDS: tuple[Literal["category", "brand"], ...] = ("category", "brand")
"""Product fields whose values are suggested."""

SHARE = 4
"""One suggestion in so many is a query, at most, and as many a category and a brand."""

SPARE = 2
"""Times as many products are read as are shown: many have the same title."""


@dataclass(frozen=True)
class Suggestion:
    """A way to go on. `value` is a product's id, a filter's value, or the query to ask.

    `spans` are where `text` shows what was typed, as (start, end) in its characters. `parent` is
    the category above a category, '' for others; `image_id` a product's first picture.
    """

    kind: Kind
    text: str
    value: str
    spans: tuple[tuple[int, int], ...] = ()
    parent: str = ""
    image_id: str | None = None


@dataclass(frozen=True)
class _Values:
    """The values of one product field, the commonest first, to be found by their beginnings."""

    values: tuple[str, ...]
    index: CompletionIndex


class Suggester:
    """Suggests by the catalogue's own titles, categories and brands, and what others asked.

    Categories and brands are already in memory; a suggestion takes one request for products, and
    another one where nothing at all begins as typed. Thread-safe.
    """

    def __init__(
        self, catalogue: Catalogue, vocabulary: Callable[[], Vocabulary], popular: PopularQueries
    ) -> None:
        self._catalogue = catalogue
        self._vocabulary = vocabulary
        self._popular = popular
        self._values: Mapping[str, _Values] = {}

    def suggest(self, text: str, size: int) -> list[Suggestion]:
        """Return at most `size` suggestions: queries, categories, brands, then products.

        Where nothing begins as typed, those that do but for one slip in the last word. Raises
        IndexMissing or EngineUnavailable.
        """
        typed = read_typed(text)
        if not typed.words:
            return []
        found = self._suggest(text, typed, size, is_near=False)
        if not found and typed.near is not None:
            found = self._suggest(text, typed, size, is_near=True)
        return found

    def _suggest(
        self, text: str, typed: TypedText, size: int, *, is_near: bool
    ) -> list[Suggestion]:
        most = max(1, size // SHARE)
        popular = self._popular.current()
        queries = [popular.texts[number] for number in popular.find(typed, is_near=is_near)]
        found = [Suggestion("query", q, q) for q in queries if q != fold(text)][:most]
        for kind in FIELDS:
            known = self._field_values(kind)
            for number in known.index.find(typed, is_near=is_near)[:most]:
                value = known.values[number]
                parent, last = _path_parts(kind, value)
                found.append(Suggestion(kind, last, value, parent=parent))
        found += [
            Suggestion("product", product.title, product.id, image_id=product.image_id)
            for product in self._products(text, size, is_near=is_near)
        ]
        return [
            replace(one, spans=tuple(matched_spans(one.text, typed, is_near=is_near)))
            for one in found[:size]
        ]

    def _products(self, text: str, size: int, *, is_near: bool) -> list[CompletedProduct]:
        body = completion_body(text, SPARE * size, is_near=is_near)
        by_title: dict[str, CompletedProduct] = {}
        for product in read_products(self._catalogue.search(body)):
            by_title.setdefault(fold(product.title), product)
        return list(by_title.values())

    def _field_values(self, name: str) -> _Values:
        """Return a field's values as they are now; they are indexed anew only when they change."""
        values = tuple(self._vocabulary().labels.get(name, {}).values())
        known = self._values.get(name)
        if known is None or known.values != values:
            index = CompletionIndex.build(_path_parts(name, value)[1] for value in values)
            known = _Values(values, index)
            self._values = {**self._values, name: known}
        return known


def _path_parts(name: str, value: str) -> tuple[str, str]:
    """Return the path above a category and its own name; any other value has no path."""
    if name != "category":
        return "", value
    parent, _, last = value.rpartition(PATH_SEPARATOR)
    return parent, last
