"""Turns a row into the parts of a product document, or says which rule it breaks."""

from collections.abc import Mapping
from dataclasses import dataclass

from features.base import Json
from indexer.feeds.columns import cells_by_field
from indexer.feeds.prices import parse_amount, parse_price
from indexer.feeds.rows import Rejection, Row
from indexer.feeds.rules import BrokenRule
from indexer.feeds.values import (
    LINK_CHARACTERS,
    ancestors,
    has_surrogates,
    parse_keyword,
    parse_scalar,
    parse_value,
    parse_words,
    path_parts,
)
from mappings.catalogue.fields import PRODUCT_FIELDS, ProductFields

ID_BYTES = 512
"""Elasticsearch's own limit on a document's id."""

PICTURES = 50

PARSED_HERE = frozenset({"id", "category", "price", "currency", "image_link"})
"""Fields that take more than a cell of their own."""


@dataclass(frozen=True)
class Product:
    """A product that may go in once its pictures do.

    `fields` is the document without its pictures; `pictures` are addresses as the feed gives
    them, in its order, each once, at least one.
    """

    line: int
    fields: Mapping[str, Json]
    pictures: tuple[str, ...]

    @property
    def id(self) -> str:
        """The product's id, and its document's."""
        return str(self.fields["id"])


def parse_product(row: Row, fields: ProductFields = PRODUCT_FIELDS) -> Product | Rejection:
    """Return the row's product, or the first rule it breaks."""
    cells = cells_by_field(row.cells, fields)
    key = None
    try:
        key = _id(cells.get("id"))
        values: dict[str, Json] = {"id": key}
        for name, entry in fields.items():
            if name in cells and name not in PARSED_HERE and entry.kind != "money":
                value = parse_value(entry, cells[name])
                if value not in ("", []):
                    values[name] = value
        values |= _category(cells)
        values |= parse_price(cells.get("price"), cells.get("currency"))
        for name, entry in fields.items():
            if name in cells and name != "price" and entry.kind == "money":
                values |= parse_amount(name, cells[name], values.get("currency"))
        if "availability" not in values and "stock" in values:
            values["availability"] = "in_stock" if values["stock"] else "out_of_stock"
        return Product(row.line, values, _pictures(cells))
    except BrokenRule as broken:
        return Rejection(row.line, broken.field, broken.rule, broken.detail, key)


def _id(cell: Json) -> str:
    text = parse_scalar("id", cell).strip() if cell is not None else ""
    if not text:
        raise BrokenRule("id", "required", "a product needs an id")
    if any(ord(character) < 32 or ord(character) == 127 for character in text):
        raise BrokenRule("id", "characters", "an id has no control characters")
    if len(text.encode("utf-8", "surrogatepass")) > ID_BYTES:
        raise BrokenRule("id", "too_long", f"an id has at most {ID_BYTES} bytes")
    if has_surrogates(text):
        raise BrokenRule("id", "characters", "an id is valid Unicode")
    return text


def _category(cells: Mapping[str, Json]) -> dict[str, Json]:
    """Return the category's path and all its ancestors, so that one term filters a branch."""
    cell = cells.get("category")
    if cell is not None and not isinstance(cell, list) and "category_id" not in cells:
        text = parse_words("category", cell)
        if text.isdecimal():
            # Google's taxonomy may be given by number, which is an id and no name.
            return {"category_id": parse_keyword("category", text)}
    parts = [] if cell is None else path_parts("category", cell)
    if "department" in cells and len(parts) <= 1:
        parts = [parse_keyword("department", cells["department"]), *parts]
    paths = ancestors("category", parts)
    return {"category": paths} if paths else {}


def _pictures(cells: Mapping[str, Json]) -> tuple[str, ...]:
    found: list[str] = []
    for field in ("image_link", "additional_image_link"):
        cell = cells.get(field, [])
        listed = cell if isinstance(cell, list) else [cell]
        for one in listed:
            address = parse_scalar(field, one).strip()
            # Google separates additional pictures by commas, and asks for %2C inside one.
            several = address.split(",") if field != "image_link" else [address]
            found += [part.strip() for part in several if part.strip()]
    found = list(dict.fromkeys(found))
    if any(len(address) > LINK_CHARACTERS for address in found):
        detail = f"a picture's address has at most {LINK_CHARACTERS} characters"
        raise BrokenRule("image_link", "too_long", detail)
    if not found:
        raise BrokenRule("image_link", "required", "a product needs a picture")
    if len(found) > PICTURES:
        raise BrokenRule("image_link", "too_many", f"a product has at most {PICTURES} pictures")
    return tuple(found)
