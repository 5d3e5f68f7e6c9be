"""Reads the addresses of a product's pictures: one or several in a cell, as text or objects."""

import re
from collections.abc import Iterator, Mapping

from features.base import Json
from indexer.feeds.folder import EXTENSIONS
from indexer.feeds.rules import BrokenRule
from indexer.feeds.values import LINK_CHARACTERS, parse_scalar

MAX_PICTURES = 50

ADDRESS_NAMES = ("src", "contentUrl", "url", "link", "href", "image", "image_link", "@id")
"""Names inside a picture that is an object, in the order they count."""

SEPARATOR = re.compile(r"\s*[,|]\s*")
LINK = re.compile(r"https?://", re.IGNORECASE)
BEFORE_LINK = re.compile(r"\s*[,|]\s*(?=https?://)", re.IGNORECASE)


def picture_addresses(cells: Mapping[str, Json]) -> tuple[str, ...]:
    """Return the addresses in feed order, each once; raises BrokenRule where there is none."""
    addresses: list[str] = []
    for field in ("image_link", "additional_image_link"):
        cell = cells.get(field, [])
        for item in cell if isinstance(cell, list) else [cell]:
            address = parse_scalar(field, _address(item)).strip()
            addresses += split_addresses(address, always=field != "image_link")
    addresses = list(dict.fromkeys(addresses))
    if any(len(address) > LINK_CHARACTERS for address in addresses):
        detail = f"a picture's address has at most {LINK_CHARACTERS} characters"
        raise BrokenRule("image_link", "too_long", detail)
    if not addresses:
        raise BrokenRule("image_link", "required", "a product needs a picture")
    if len(addresses) > MAX_PICTURES:
        detail = f"a product has at most {MAX_PICTURES} pictures"
        raise BrokenRule("image_link", "too_many", detail)
    return tuple(addresses)


def _address(item: Json) -> Json:
    if isinstance(item, dict):
        return next((item[name] for name in ADDRESS_NAMES if item.get(name)), item)
    return item


def split_addresses(text: str, *, always: bool) -> Iterator[str]:
    """Yield the addresses in a cell, which commas or bars separate.

    Google separates additional pictures by commas, and asks for %2C inside an address: those are
    split `always`. Elsewhere a comma may be part of a file's name, so a cell is split only where
    each part looks like an address of its own.
    """
    separator = BEFORE_LINK if LINK.match(text) and not always else SEPARATOR
    parts = [part for part in separator.split(text) if part]
    if always or all(LINK.match(part) or _is_picture_file(part) for part in parts):
        yield from parts
    elif text:
        yield text


def _is_picture_file(part: str) -> bool:
    path = re.split(r"[?#]", part.lower(), maxsplit=1)[0]
    return any(path.endswith(extension) for extension in EXTENSIONS)
