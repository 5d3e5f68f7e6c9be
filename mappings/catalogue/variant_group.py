"""Groups the variants of a product: one thing in several colours and sizes.

The groups are stored with every product, because a search can collapse hits only by a field's
value, and takes all products without one for a single group.
"""

from collections.abc import Mapping

from features.base import Json
from mappings.catalogue.photo_group import photo_group
from mappings.words.folding import fold

LONGEST_GROUP = 512
"""Characters of an `item_group_id` that count, as many as its filter compares."""


def variant_group(product: Mapping[str, Json]) -> str:
    """Return the group of a product's variants; without `item_group_id` it is one of its own."""
    return _item_group(product) or f"product:{product['id']}"


def card_group(product: Mapping[str, Json]) -> str:
    """Return the group of a product's variants; without `item_group_id` that of its photo."""
    return _item_group(product) or photo_group(product)


def _item_group(product: Mapping[str, Json]) -> str | None:
    group = fold(str(product.get("item_group_id") or ""))[:LONGEST_GROUP]
    return f"group:{group}" if group else None
