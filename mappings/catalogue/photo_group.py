"""Which products show one photo: many sellers of one thing take its picture from one source.

Written with every product, because a search can make one hit only of what has one value of one
field. It is the SHA-256 of the product's own first picture: certain, and the same wherever the same
file is.
"""

from collections.abc import Mapping

from features.base import Json
from mappings.catalogue.products import PICTURES, own_pictures


def photo_group(product: Mapping[str, Json]) -> str:
    """Return the group of a product; one without a picture is a group of its own."""
    pictures = own_pictures(product.get(PICTURES, []))
    return str(pictures[0]["image_id"]) if pictures else f"product:{product['id']}"
