"""Turns a row into the parts of a product document, or says which rule it breaks."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import unescape
from urllib.parse import urlsplit

from features.base import Json
from indexer.feeds import columns
from indexer.feeds.columns import CELL_CHARACTERS, CELL_RULE
from indexer.feeds.prices import parse_price
from indexer.feeds.rows import Rejection, Row
from indexer.feeds.rules import BrokenRule
from mappings.catalogue.analysis import normalise

ID_BYTES = 512
"""Elasticsearch's own limit on a document's id."""

KEYWORD_CHARACTERS = 500
"""A longer keyword would be stored and yet not be found (`ignore_above` in the mapping)."""

TITLE_CHARACTERS = 1_000
LINK_CHARACTERS = 4_096
VALUES = 50
PICTURES = 50
STOCK = 2**31 - 1

AVAILABILITY = {
    "instock": "in_stock", "available": "in_stock", "limitedavailability": "in_stock",
    "outofstock": "out_of_stock", "soldout": "out_of_stock", "discontinued": "out_of_stock",
    "preorder": "preorder", "backorder": "backorder", "availablefororder": "backorder",
}  # fmt: skip
"""Google's four words, also as Meta and schema.org (https://schema.org/InStock) write them."""


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


def parse_product(row: Row) -> Product | Rejection:
    """Return the row's product, or the first rule it breaks."""
    cells = columns.fields_of(row.cells)
    key = None
    try:
        key = _id(cells.get("id"))
        fields: dict[str, Json] = {"id": key}
        for name, parse in PARSERS.items():
            if name in cells:
                value = parse(name, cells[name])
                if value not in ("", []):
                    fields[name] = value
        fields |= _category(cells)
        fields |= parse_price(cells.get("price"), cells.get("currency"))
        if "availability" not in fields and "stock" in fields:
            fields["availability"] = "in_stock" if fields["stock"] else "out_of_stock"
        return Product(row.line, fields, _pictures(cells))
    except BrokenRule as broken:
        return Rejection(row.line, broken.field, broken.rule, broken.detail, key)


def _id(cell: Json) -> str:
    text = _scalar("id", cell).strip() if cell is not None else ""
    if not text:
        raise BrokenRule("id", "required", "a product needs an id")
    if any(ord(character) < 32 or ord(character) == 127 for character in text):
        raise BrokenRule("id", "characters", "an id has no control characters")
    if len(text.encode("utf-8", "surrogatepass")) > ID_BYTES:
        raise BrokenRule("id", "too_long", f"an id has at most {ID_BYTES} bytes")
    if _has_surrogates(text):
        raise BrokenRule("id", "characters", "an id is valid Unicode")
    return text


def _has_surrogates(text: str) -> bool:
    return any("\ud800" <= character <= "\udfff" for character in text)


def _scalar(field: str, cell: Json) -> str:
    """Return a cell as text; a list's first value that is not empty stands for it."""
    if isinstance(cell, list):
        cell = next((value for value in cell if not columns.is_empty(value)), "")
    if isinstance(cell, bool) or not isinstance(cell, (str, int, float)):
        raise BrokenRule(field, "type", f"text or a number is wanted, not {type(cell).__name__}")
    text = str(cell)
    if len(text) > CELL_CHARACTERS:
        raise BrokenRule(field, "cell_too_long", CELL_RULE)
    return text


def _words(field: str, cell: Json, limit: int) -> str:
    # Feeds are often cut out of web pages: &nbsp; and &amp; mean what they mean there.
    text = unescape(_scalar(field, cell))
    text = normalise("".join(c for c in text if not "\ud800" <= c <= "\udfff"))
    if len(text) > limit:
        raise BrokenRule(field, "too_long", f"{field} has at most {limit} characters")
    return text


def _title(field: str, cell: Json) -> str:
    return _words(field, cell, TITLE_CHARACTERS)


def _description(field: str, cell: Json) -> str:
    return _words(field, cell, CELL_CHARACTERS)


def _keyword(field: str, cell: Json) -> str:
    return _words(field, cell, KEYWORD_CHARACTERS)


def _values(field: str, cell: Json) -> list[str]:
    """Return a list of keywords, each once. Google writes several colours as Red/Green."""
    cells = cell if isinstance(cell, list) else [cell]
    if field == "color":
        cells = [part for one in cells for part in re.split(r"[/,]", _scalar(field, one))]
    if len(cells) > VALUES:
        raise BrokenRule(field, "too_many", f"{field} has at most {VALUES} values")
    words = (_keyword(field, one) for one in cells if not columns.is_empty(one))
    return list(dict.fromkeys(word for word in words if word))


def _link(field: str, cell: Json) -> str:
    link = _scalar(field, cell).strip()
    if len(link) > LINK_CHARACTERS:
        raise BrokenRule(field, "too_long", f"{field} has at most {LINK_CHARACTERS} characters")
    try:
        parts = urlsplit(link)
    except ValueError:
        raise BrokenRule(field, "address", f"{field} is no web address") from None
    # Anything else (javascript:, data:) would be a trap in a page that shows it.
    if parts.scheme not in ("http", "https") or not parts.netloc or _has_surrogates(link):
        raise BrokenRule(field, "address", f"{field} is a whole http:// or https:// address")
    if any(ord(character) <= 32 or ord(character) == 127 for character in link):
        raise BrokenRule(field, "address", f"{field} has no blanks or control characters")
    return link


def _availability(field: str, cell: Json) -> str:
    said = normalise(_scalar(field, cell)).lower().rpartition("/")[2]
    found = AVAILABILITY.get(re.sub(r"[\s_-]", "", said))
    if found is None:
        known = ", ".join(sorted(set(AVAILABILITY.values())))
        raise BrokenRule(field, "vocabulary", f"availability is one of {known}")
    return found


def _stock(field: str, cell: Json) -> int:
    try:
        number = float(_scalar(field, cell))
    except ValueError:
        number = -1
    if not (0 <= number <= STOCK and number == int(number)):
        raise BrokenRule(field, "number", f"stock is a whole number from 0 to {STOCK}")
    return int(number)


def _gtin(field: str, cell: Json) -> str:
    return re.sub(r"[\s-]", "", _keyword(field, cell))


def _category(cells: Mapping[str, Json]) -> dict[str, Json]:
    """Return the category's path and all its ancestors, so that one term filters a branch."""
    cell = cells.get("category")
    if cell is None:
        parts: list[str] = []
    elif isinstance(cell, list):
        parts = _values("category", cell)
    else:
        text = _words("category", cell, CELL_CHARACTERS)
        if text.isdecimal() and "category_id" not in cells:
            # Google's taxonomy may be given by number, which is an id and no name.
            return {"category_id": _keyword("category", text)}
        parts = [part.strip() for part in text.split(">") if part.strip()]
    if "department" in cells and len(parts) <= 1:
        parts = [_keyword("department", cells["department"]), *parts]
    paths = [" > ".join(parts[: depth + 1]) for depth in range(len(parts))]
    if paths and len(paths[-1]) > KEYWORD_CHARACTERS:
        detail = f"a category path has at most {KEYWORD_CHARACTERS} characters"
        raise BrokenRule("category", "too_long", detail)
    return {"category": paths} if paths else {}


def _pictures(cells: Mapping[str, Json]) -> tuple[str, ...]:
    found: list[str] = []
    for field in ("image_link", "additional_image_link"):
        cell = cells.get(field, [])
        listed = cell if isinstance(cell, list) else [cell]
        for one in listed:
            address = _scalar(field, one).strip()
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


PARSERS: Mapping[str, Callable[[str, Json], Json]] = {
    "title": _title,
    "description": _description,
    "brand": _keyword,
    "category_id": _keyword,
    "color": _values,
    "size": _values,
    "availability": _availability,
    "stock": _stock,
    "item_group_id": _keyword,
    "gtin": _gtin,
    "seller_id": _keyword,
    "link": _link,
}
