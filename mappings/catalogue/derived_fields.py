"""Which of a product's fields others are made from when it is stored."""

from collections.abc import Iterable

from mappings.catalogue.fields import ProductFields
from mappings.catalogue.products import ITEM_GROUP
from mappings.catalogue.search_terms import CODE_FIELDS


def derives_from(names: Iterable[str], fields: ProductFields) -> bool:
    """Say whether a change of these fields changes what `Catalogue.derived` returns.

    Words, numbers, colours and groups are made from some; a price or a stock is in none of them.
    """
    sources = {*fields.word_weights, *CODE_FIELDS, ITEM_GROUP, "color"}
    return any(name in sources for name in names)
