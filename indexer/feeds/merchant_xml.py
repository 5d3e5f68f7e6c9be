"""Reads Google Merchant's XML: RSS 2.0 and Atom, also gzipped.

An element is the column of its name, whatever the prefix: the namespace counts. One that stands
several times is a list; one that holds others is an object.
"""

import re
from collections.abc import Iterator, Mapping

from core.environment import Environment
from features.base import Json
from indexer.feeds import lines
from indexer.feeds.reader import Reader, ReadReport, Recognition
from indexer.feeds.rows import Rejection, Row
from indexer.feeds.source import Source
from indexer.feeds.xml_items import Element, Repairs, XmlItem, read_items

NAMESPACE = "http://base.google.com/ns/1.0"
PREFIXES = {"g": NAMESPACE, "c": "http://base.google.com/cns/1.0"}
"""What these prefixes mean in a feed that forgot to say so."""

PLAIN = ("title", "description", "summary", "content", "link", "id")
"""Elements of RSS and Atom that stand for Google's where those are missing."""

_ROOT = re.compile(r"<(?:\w+:)?(rss|feed|rdf|channel)\b", re.IGNORECASE)


class MerchantXmlReader:
    """Reads Google Merchant's RSS and Atom feeds."""

    name = "merchant_xml"

    def recognise(self, source: Source) -> Recognition:
        """Recognise RSS and Atom with Google's namespace, or with elements of its name."""
        text = source.text.lstrip()
        if not text.startswith("<") or _ROOT.search(text) is None:
            return Recognition.NO
        is_google = "base.google.com" in text or re.search(r"<g:\w+", text) is not None
        has_pictures = re.search(r"<(?:\w+:)?(?:image_link|price)\b", text) is not None
        return Recognition.SCHEMA if is_google or has_pictures else Recognition.NO

    def columns(self, source: Source) -> tuple[str, ...]:
        """Return (): items need not say the same things."""
        return ()

    def count(self, source: Source) -> int:
        """Return how often an item is closed."""
        mark = "</entry" if _kind(source) == "Atom" else "</item"
        codec = "utf-16-le" if source.encoding == "UTF-16" else "utf-8"
        return lines.count(source.file, mark.encode(codec))

    def read(self, source: Source, report: ReadReport) -> Iterator[Row | Rejection]:
        """Yield one row or rejection per item."""
        report.note("form", _kind(source))
        report.note("encoding", source.encoding)
        repairs = Repairs()
        number = 0
        for item in read_items(lines.read_pieces(source.file), PREFIXES, repairs):
            number = max(item.line, number + 1)
            if isinstance(item, XmlItem):
                yield Row(number, _cells(item.root))
            else:
                yield Rejection(number, item.field, item.rule, item.detail)
        report.count("entities of HTML mended", repairs.entities)
        report.count("ampersands mended", repairs.ampersands)
        report.count("control characters left out", repairs.controls)


def _kind(source: Source) -> str:
    found = _ROOT.search(source.text)
    return "Atom" if found is not None and found[1].lower() == "feed" else "RSS"


def _cells(root: Element) -> dict[str, Json]:
    """Return an item's cells: Google's elements, RSS's and Atom's own where those are absent."""
    cells: dict[str, Json] = {}
    plain: dict[str, Json] = {}
    for child in root.children:
        value = _value(child)
        if value in ("", {}, None):
            continue
        target = cells if child.namespace == NAMESPACE or child.name not in PLAIN else plain
        if child.name in target:
            before = target[child.name]
            target[child.name] = [*(before if isinstance(before, list) else [before]), value]
        else:
            target[child.name] = value
    plain.setdefault("description", plain.pop("summary", plain.pop("content", None)))
    cells |= {name: cell for name, cell in plain.items() if name not in cells and cell is not None}
    return _tidied(cells)


def _tidied(cells: dict[str, Json]) -> dict[str, Json]:
    """Return the cells with Google's groups as the columns that they stand for."""
    for name in ("title", "description"):
        structured = cells.pop(f"structured_{name}", None)
        if isinstance(structured, dict) and name not in cells:
            cells[name] = structured.get("content")
    for name in ("title", "description", "link", "id", "price"):
        # Elsewhere a second value is another one; of these there can only be one.
        if isinstance(cells.get(name), list):
            cells[name] = cells[name][0]
    details = cells.pop("product_detail", [])
    pairs = [
        [detail.get("attribute_name"), detail.get("attribute_value")]
        for detail in (details if isinstance(details, list) else [details])
        if isinstance(detail, Mapping)
    ]
    if pairs:
        cells["attributes"] = pairs
    return cells


def _value(element: Element) -> Json:
    """Return an element's text, or its children by name without the empty ones."""
    if not element.children:
        return element.text.strip()
    values = {child.name: _value(child) for child in element.children}
    # Markup inside a description is its text.
    if element.name in PLAIN:
        return " ".join(part for part in _texts(element) if part)
    return {name: value for name, value in values.items() if value not in ("", {})}


def _texts(element: Element) -> Iterator[str]:
    yield element.text.strip()
    for child in element.children:
        yield from _texts(child)


def create(environment: Environment) -> Reader:
    """Build the reader."""
    return MerchantXmlReader()
