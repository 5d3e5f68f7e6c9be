"""Turns a row into the parts of a product document, or says which rule it breaks."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from features.base import Json
from indexer.feeds.columns import cells_by_field
from indexer.feeds.number_format import NumberFormat
from indexer.feeds.picture_links import picture_addresses
from indexer.feeds.prices import parse_amount, parse_price, regular_price, remove_idle_sale
from indexer.feeds.rows import Rejection, Row
from indexer.feeds.rules import BrokenRule
from indexer.feeds.values import (
    ancestors,
    category_branches,
    has_surrogates,
    parse_keyword,
    parse_path,
    parse_scalar,
    parse_value,
    parse_words,
    path_parts,
)
from mappings.catalogue.fields import PRODUCT_FIELDS, ProductField, ProductFields

ID_BYTES = 512
"""Elasticsearch's own limit on a document's id."""

PARSED_HERE = frozenset({"id", "category", "price", "currency", "image_link"})
"""Fields that take more than a cell of their own."""


@dataclass(frozen=True)
class Product:
    """A product that may go in once its pictures do.

    `fields` is the document without its pictures; `pictures` are addresses as the feed gives
    them, in its order, each once, at least one. `unreadable` names the cells that were left out.
    """

    line: int
    fields: Mapping[str, Json]
    pictures: tuple[str, ...]
    unreadable: tuple[Rejection, ...] = ()

    @property
    def id(self) -> str:
        """The product's id, and its document's."""
        return str(self.fields["id"])


def parse_product(
    row: Row, fields: ProductFields = PRODUCT_FIELDS, numbers: NumberFormat | None = None
) -> Product | Rejection:
    """Return the row's product, or the rule that keeps it out.

    An id and a picture are needed; any other cell that cannot be read is left out, an over-long
    title is cut, and both are named in `unreadable`. `numbers` is how the feed writes its
    amounts.
    """
    cells = cells_by_field(row.cells, fields)
    key = None
    try:
        key = _id(cells.get("id"))
        pictures = picture_addresses(cells)
    except BrokenRule as broken:
        return Rejection(row.line, broken.field, broken.rule, broken.detail, key)
    values: dict[str, Json] = {"id": key}
    unreadable: list[Rejection] = []

    def add(parse: Callable[[], Mapping[str, Json]]) -> None:
        try:
            values.update(parse())
        except BrokenRule as broken:
            if broken.partial_value is not None:
                values[broken.field] = broken.partial_value
            outcome = (
                "it is cut there" if broken.partial_value else "the product goes in without it"
            )
            detail = f"{broken.detail}; {outcome}"
            unreadable.append(Rejection(row.line, broken.field, broken.rule, detail, key))

    for name, entry in fields.items():
        if name in cells and name not in PARSED_HERE and entry.kind != "money":
            add(partial(_parse_field, entry, cells[name]))
    add(lambda: _category(cells))
    add(lambda: parse_price(cells.get("price"), cells.get("currency"), numbers))
    for name, entry in fields.items():
        if name in cells and name != "price" and entry.kind == "money":
            add(partial(parse_amount, name, cells[name], values.get("currency"), numbers))
    add(lambda: regular_price(values, cells.get("regular_price"), numbers))
    add(lambda: remove_idle_sale(values))
    if "availability" not in values and "stock" in values:
        values["availability"] = "in_stock" if values["stock"] else "out_of_stock"
    return Product(row.line, values, pictures, tuple(unreadable))


def _parse_field(entry: ProductField, cell: Json) -> Mapping[str, Json]:
    value = parse_value(entry, cell)
    return {} if value in ("", []) else {entry.name: value}


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
    branches = category_branches(cell)
    if len(branches) > 1:
        levels = [path for branch in branches for path in parse_path("category", branch)]
        return {"category": list(dict.fromkeys(levels))}
    parts = [] if cell is None else path_parts("category", cell)
    if "department" in cells and len(parts) <= 1:
        parts = [parse_keyword("department", cells["department"]), *parts]
    paths = ancestors("category", parts)
    return {"category": paths} if paths else {}
