"""Tells by a short tag whether a stored product says and shows the same as before.

Its fields and its own pictures count. The time of the last write, feature values and shoppers'
photos do not: they change without the product's source.
"""

import hashlib
import json
from collections.abc import Mapping

from features.base import Json
from mappings.catalogue.fields import ProductFields
from mappings.catalogue.products import PICTURES, own_pictures

UNTAGGED_FIELDS = frozenset({"updated_at"})


def product_tag(product: Mapping[str, Json], fields: ProductFields) -> str:
    """Return the tag of a stored product: 32 hexadecimal digits."""
    said = {name: product[name] for name in fields if name in product}
    content = {name: value for name, value in said.items() if name not in UNTAGGED_FIELDS}
    pictures = [
        [picture["image_id"], picture.get("url")]
        for picture in own_pictures(product.get(PICTURES, []))
    ]
    text = json.dumps([content, pictures], sort_keys=True, ensure_ascii=False)
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
