"""The register of product fields: what a feed may say of a product, one entry a field.

Everything that treats fields one by one reads this register: the index's mapping, filters, facets
and word search, the feed reader's columns and parsers, the product page and the trust desk. A new
field is one entry here and one `field.<name>` message in each language of `app/translations`.

Names are Google Merchant's where it has one (https://support.google.com/merchants/answer/7052112).
The order is that of facets, product page and trust desk. A field's kind can't be changed in an
index that is there: it takes a reindex.
"""

import copy
from collections.abc import ItemsView, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from features.base import Json
from mappings.catalogue.column_translations import COLUMN_TRANSLATIONS

KEYWORD: Json = {"type": "keyword", "ignore_above": 512}
RAW = "raw"
"""Sub-field of a value as it was written; the field itself is one value in every spelling."""

VALUE: Json = {**KEYWORD, "normalizer": "value", "fields": {RAW: KEYWORD}}
"""Mapping of a value that filters and is counted, whatever its case, width and spaces."""

STORED: Json = {"type": "keyword", "index": False, "doc_values": False}
"""Mapping of a value that is shown and neither searched nor counted."""

MAPPINGS: Mapping[str, Json] = {
    # Searched by its terms (`mappings.catalogue.search_terms`), never as it is.
    "text": {"type": "text", "index": False},
    "identifier": KEYWORD,
    "keyword": VALUE,
    "keywords": VALUE,
    "code": VALUE,
    # Every ancestor's path is stored, so one term filters a whole branch.
    "path": VALUE,
    # A double, because scaled_float is not in every distribution.
    "money": {"type": "double"},
    "count": {"type": "integer"},
    "time": {"type": "date"},
    "period": {"type": "date_range"},
    "address": STORED,
}
"""Kind → mapping. An `identifier` is compared to the letter; a `keyword` is one value in any
spelling, `keywords` are several, a `code` is one of a short list and stored in lower case; a `path`
is Home > Kitchen > Mugs; a `period` is a time span.
"""

EXACT_KINDS = frozenset({"identifier", "keyword", "keywords", "code", "path"})
RANGE_KINDS = frozenset({"money", "count", "time"})
WORD_KINDS = EXACT_KINDS | {"text"}
FILTER_KINDS = EXACT_KINDS | RANGE_KINDS | {"period"}
FACET_KINDS = EXACT_KINDS | {"money", "count"}


INPUT_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "department": ("department",),
    "additional_image_link": (
        "additional_image_link", "additional_image_links", "additional_images",
        "lifestyle_image_link",
    ),
    "regular_price": ("regular_price", "original_price", "compare_at_price", "list_price"),
    "attributes": ("attributes",),
}  # fmt: skip
"""Columns of a feed that fill other fields and are none themselves."""


@dataclass(frozen=True)
class ProductField:
    """One field of a product.

    `columns` are a feed's names for it, the best first. With `words`, a text search looks into it
    with that weight; 0 leaves it out. A facet is counted on the results page unless
    `is_on_results_page` is false, and by the API always. `from_attributes` lets a feed's column
    `attributes` fill it. `labels` are a shop's own, by language; ours are in `app/translations`.
    """

    name: str
    kind: str
    columns: tuple[str, ...] = ()
    is_filter: bool = False
    is_facet: bool = False
    words: float = 0.0
    is_on_results_page: bool = True
    is_on_product_page: bool = False
    is_on_desk: bool = False
    from_attributes: bool = False
    labels: Mapping[str, str] = field(default_factory=dict)

    def mapping(self) -> Json:
        """Return the field's mapping, a fresh one on every call."""
        return copy.deepcopy(MAPPINGS[self.kind])


class ProductFields(Mapping[str, ProductField]):
    """The fields in use, by name, in order. Immutable."""

    def __init__(self, fields: Iterable[ProductField]) -> None:
        self._fields = {entry.name: entry for entry in fields}

    def __getitem__(self, name: str) -> ProductField:
        return self._fields[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields)

    def __len__(self) -> int:
        return len(self._fields)

    def items(self) -> ItemsView[str, ProductField]:
        # Each row of a feed walks them several times; Mapping's own view looks each one up.
        return self._fields.items()

    def __hash__(self) -> int:
        return hash(tuple(self._fields))

    def with_fields(self, added: Iterable[ProductField]) -> "ProductFields":
        """Return these fields and further ones, before those that stand at the end."""
        own = list(self.values())
        return ProductFields([*own[:-1], *added, *own[-1:]])

    @cached_property
    def facets(self) -> tuple[str, ...]:
        """Names of the fields whose values are counted."""
        return tuple(name for name, entry in self.items() if entry.is_facet)

    @cached_property
    def counted_values(self) -> tuple[str, ...]:
        """Names of the facets that have exact values to count, not a range."""
        return tuple(name for name in self.facets if self[name].kind in EXACT_KINDS)

    @cached_property
    def columns(self) -> Mapping[str, tuple[str, ...]]:
        """Return field → a feed's names for it, INPUT_COLUMNS among them, the best first."""
        own = {**{name: entry.columns for name, entry in self.items()}, **INPUT_COLUMNS}
        return {name: (*names, *COLUMN_TRANSLATIONS.get(name, ())) for name, names in own.items()}

    @cached_property
    def by_column(self) -> Mapping[str, tuple[str, ...]]:
        """Return a feed's column → the fields it fills; `sku` fills `id` as well."""
        fields: dict[str, tuple[str, ...]] = {}
        for name, columns in self.columns.items():
            for column in columns:
                fields[column] = (*fields.get(column, ()), name)
        return fields

    @cached_property
    def filters(self) -> tuple[str, ...]:
        """Names of the fields that filter."""
        return tuple(name for name, entry in self.items() if entry.is_filter)

    @cached_property
    def word_weights(self) -> Mapping[str, float]:
        """Return field → its weight in a text search, of the fields that are searched."""
        return {name: entry.words for name, entry in self.items() if entry.words}

    def properties(self) -> dict[str, Json]:
        """Return the mapping of every field."""
        return {name: entry.mapping() for name, entry in self.items()}

    def kinds(self) -> dict[str, str]:
        """Return name → kind, as an index's `_meta` keeps it."""
        return {name: entry.kind for name, entry in self.items()}


SHOWN = ProductField(
    "", "keyword", is_filter=True, is_on_product_page=True, is_on_desk=True, from_attributes=True
)
"""What most fields of a product share: they filter, and are shown and compared."""


def _facet(name: str, kind: str, *columns: str, words: float = 1.0) -> ProductField:
    return replace(SHOWN, name=name, kind=kind, columns=(name, *columns), words=words,
                   is_facet=True)  # fmt: skip


PRODUCT_FIELDS = ProductFields(
    [
        ProductField(
            "title", "text", ("title", "name", "product_name"), words=3, is_on_desk=True
        ),
        ProductField("description", "text", ("description",), words=1),
        ProductField(
            "category", "path",
            ("category", "categories", "product_type", "google_product_category"),
            is_filter=True, is_facet=True, words=2, is_on_desk=True,
        ),
        ProductField(
            "category_id", "keyword", ("category_id",),
            is_filter=True, is_facet=True, is_on_results_page=False,
        ),
        _facet("brand", "keyword", "manufacturer", "vendor", words=2),
        _facet("color", "keywords", "colour", "colors", "colours", words=2),
        _facet("size", "keywords", "sizes", "size_text", words=2),
        _facet("material", "keywords", "materials"),
        _facet("pattern", "keywords", "patterns"),
        _facet("gender", "code"),
        _facet("age_group", "code"),
        _facet("condition", "code"),
        ProductField(
            "availability", "code", ("availability",),
            is_filter=True, is_facet=True, is_on_desk=True,
        ),
        ProductField(
            "stock", "count",
            ("stock", "quantity", "inventory", "stock_quantity", "synthetic_stock"),
            is_filter=True,
        ),
        # `price_min` and `price_max` filter it.
        ProductField(
            "price", "money", ("price", "synthetic_price"), is_facet=True, is_on_desk=True
        ),
        ProductField(
            "sale_price", "money", ("sale_price",), is_filter=True, is_facet=True,
            is_on_results_page=False, is_on_product_page=True, is_on_desk=True,
        ),
        ProductField(
            "sale_price_effective_date", "period", ("sale_price_effective_date",),
            is_filter=True, is_on_product_page=True, is_on_desk=True,
        ),
        ProductField("currency", "keyword", ("currency", "price_currency", "synthetic_currency")),
        ProductField(
            "seller_id", "keyword", ("seller_id", "seller", "merchant_id", "external_seller_id"),
            is_filter=True, is_facet=True, is_on_product_page=True, is_on_desk=True,
        ),
        *(
            # A shop's own marks for campaigns: shoppers don't see them.
            ProductField(
                f"custom_label_{number}", "keyword", (f"custom_label_{number}",),
                is_filter=True, is_facet=True, words=1, is_on_results_page=False, is_on_desk=True,
            )
            for number in range(5)
        ),
        ProductField(
            "item_group_id", "keyword", ("item_group_id", "group_id", "parent_id"), is_filter=True
        ),
        ProductField(
            "gtin", "keyword", ("gtin", "ean", "upc", "isbn", "barcode"),
            is_filter=True, is_on_product_page=True, is_on_desk=True, from_attributes=True,
        ),
        replace(SHOWN, name="mpn", columns=("mpn",), words=1),
        replace(SHOWN, name="sku", columns=("sku",), words=1, from_attributes=False),
        ProductField("link", "address", ("link", "product_url", "url", "source_url")),
        ProductField(
            "image_link", "address", ("image_link", "images", "image", "image_url", "picture")
        ),
        ProductField("updated_at", "time", is_filter=True, is_on_desk=True),
        ProductField(
            "id", "identifier", ("id", "product_id", "offer_id", "sku"),
            is_filter=True, is_on_product_page=True, is_on_desk=True,
        ),
    ]
)  # fmt: skip
