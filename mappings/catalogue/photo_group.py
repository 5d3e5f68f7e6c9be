"""Groups the products that show one photo: many sellers of a thing use the same picture.

The group is stored with every product, because a search can collapse hits only by a field's value.
It is the SHA-256 of the product's own first picture, so it is certain, and equal wherever the same
file is.
"""

from collections.abc import Mapping

from features.base import Json
from mappings.catalogue.products import PICTURES, real_pictures


def photo_group(product: Mapping[str, Json]) -> str:
    """Return a product's group; a product without a real picture is a group of its own."""
    pictures = real_pictures(product.get(PICTURES, []))
    return str(pictures[0]["image_id"]) if pictures else f"product:{product['id']}"
