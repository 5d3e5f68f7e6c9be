"""Hashes of what a source says of a product, to see without a picture whether it has changed."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from features.base import Json

HASH_BYTES = 16

EXTRA_FIELDS = frozenset({"image_link", "updated_at"})
"""Fields of a stored product that are no statement of its source: an address for the page, and the
time of the last write."""


@dataclass(frozen=True)
class ContentHash:
    """Hashes of HASH_BYTES bytes: of a product's fields, and of its pictures' addresses."""

    fields: bytes
    pictures: bytes

    def said(self) -> list[str]:
        """Return the content as `decide_whole` compares it."""
        return [self.fields.hex(), self.pictures.hex()]


def hash_content(fields: Mapping[str, Json], addresses: Iterable[str]) -> ContentHash:
    """Return the hashes of a product's parsed fields and of its pictures' addresses, in order."""
    return ContentHash(hash_fields(fields), _digest(list(addresses)))


def hash_fields(fields: Mapping[str, Json]) -> bytes:
    """Return the hash of parsed fields, whatever their order; EXTRA_FIELDS do not count.

    The fields of a stored product have the hash of the fields that it was made from.
    """
    return _digest({name: fields[name] for name in fields if name not in EXTRA_FIELDS})


def _digest(value: Json) -> bytes:
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.blake2b(text.encode(), digest_size=HASH_BYTES).digest()
