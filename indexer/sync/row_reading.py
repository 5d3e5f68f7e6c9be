"""Reads a source's rows as what they say: a whole product, some fields of one, or that it is gone.

A row with a picture is the whole product: what it lacks, the product loses. A row without any
column or key for pictures changes only the fields it has, so that a table of prices and stocks can
be a source: a null there empties a field, an absent one leaves it as it is.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

from features.base import Json
from indexer.feeds.columns import is_empty, normalise_name
from indexer.feeds.number_format import NumberFormat
from indexer.feeds.product import Product, parse_product
from indexer.feeds.rows import Rejection, Row
from mappings.catalogue.fields import ProductFields

HASH_BYTES = 16

READING = 1
"""Raised when the same row comes to mean something else, so that all are read again."""

PICTURE_FIELDS = ("image_link", "additional_image_link")


@dataclass(frozen=True)
class FieldChanges:
    """New values of some fields of a product; None empties a field."""

    line: int
    id: str
    values: Mapping[str, Json]
    unreadable: tuple[Rejection, ...] = ()


class RowReading:
    """Reads the rows of one source with a catalogue's fields."""

    def __init__(self, fields: ProductFields, numbers: NumberFormat) -> None:
        self._fields = fields
        self._numbers = numbers
        self._picture_columns = {name for f in PICTURE_FIELDS for name in fields.columns[f]}
        salt = json.dumps([READING, fields.kinds(), fields.columns]).encode()
        self._key = hashlib.blake2b(salt, digest_size=32).digest()

    def hash(self, row: Row) -> bytes:
        """Return the hash of a row's cells; equal for equal rows, read in the same way."""
        text = json.dumps(row.cells, sort_keys=True, separators=(",", ":"))
        return hashlib.blake2b(text.encode(), digest_size=HASH_BYTES, key=self._key).digest()

    def parse(self, row: Row) -> Product | FieldChanges | Rejection:
        """Return what a row says, or the rule that keeps it out."""
        names = {normalise_name(name) for name in row.cells}
        if names & self._picture_columns:
            return parse_product(row, self._fields, self._numbers)
        # Only the picture is missing, and no other cell is read differently for it.
        parsed = parse_product(
            Row(row.line, {**row.cells, "image_link": "-"}), self._fields, self._numbers
        )
        if isinstance(parsed, Rejection):
            return parsed
        values = {name: value for name, value in parsed.fields.items() if name != "id"}
        return FieldChanges(
            row.line, parsed.id, {**self._emptied(row, values), **values}, parsed.unreadable
        )

    def _emptied(self, row: Row, values: Mapping[str, Json]) -> dict[str, None]:
        """Return the fields for which the row has nothing but empty cells."""
        empty = {normalise_name(name) for name, cell in row.cells.items() if is_empty(cell)}
        return {
            name: None
            for name, columns in self._fields.columns.items()
            if name in self._fields and name not in values and empty & set(columns)
        }
