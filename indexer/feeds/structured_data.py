"""Reads schema.org's Product and ProductGroup in JSON-LD: in a JSON file, or in an HTML page.

A group's variants become products of one `item_group_id`. What a variant does not say, such as the
brand, is its group's. Groups may hold their variants, or either may name the other by its `@id`.
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice

from core.environment import Environment
from indexer.errors import FeedUnreadable
from indexer.feeds import lines
from indexer.feeds.json_items import JsonItem, read_items
from indexer.feeds.reader import Reader, ReadReport, Recognition
from indexer.feeds.rows import Rejection, Row
from indexer.feeds.schema_org import (
    ProductGroup,
    ProductNode,
    cells_of,
    group_of,
    nodes_of,
    references,
)
from indexer.feeds.source import Source

MAX_PAGE_BYTES = 64 << 20
"""A larger HTML page is no page of a shop."""

LOOK_BYTES = 4 << 20
"""How far into a page its first JSON-LD may begin."""

_SCRIPT = re.compile(
    r"<script\b[^>]*\btype\s*=\s*[\"']?application/ld\+json[^>]*>(.*?)(?=</?script\b|\Z)",
    re.IGNORECASE | re.DOTALL,
)
_AROUND = re.compile(r"^\s*(?:<!--|//\s*<!\[CDATA\[|<!\[CDATA\[)|(?:-->|//\s*\]\]>|\]\]>)\s*;?\s*$")
_HTML = re.compile(r"<!doctype html|<html|<head|<body|<script", re.IGNORECASE)
_TYPED = re.compile(r'"@type"\s*:\s*(?:\[[^\]]{0,200})?"[^"]{0,60}Product')


class StructuredDataReader:
    """Reads schema.org's products in JSON-LD, from JSON files and HTML pages."""

    name = "jsonld"

    def recognise(self, source: Source) -> Recognition:
        """Recognise JSON that names schema.org's types, and pages with JSON-LD in them."""
        start = source.text.lstrip()
        if start.startswith(("{", "[")):
            is_own = _TYPED.search(start) is not None or "schema.org" in start[:2000]
            return Recognition.SCHEMA if is_own and '"@type"' in start else Recognition.NO
        is_page = _HTML.match(start) is not None and _holds_data(source)
        return Recognition.SCHEMA if is_page else Recognition.NO

    def columns(self, source: Source) -> tuple[str, ...]:
        """Return (): products need not say the same things."""
        return ()

    def count(self, source: Source) -> int:
        """Return 0: only reading would tell."""
        return 0

    def read(self, source: Source, report: ReadReport) -> Iterator[Row | Rejection]:
        """Yield a row per product; a group that has no variants is one itself."""
        report.note("encoding", source.encoding)
        groups: dict[str, ProductGroup] = {}
        members: dict[str, str] = {}
        for item in _items(source):
            if isinstance(item, JsonItem):
                for node in nodes_of(item.value):
                    _note_group(node, groups, members)
        number = 0
        for item in _items(source):
            if isinstance(item, Rejection):
                number = max(item.line, number + 1)
                yield Rejection(number, item.field, item.rule, item.detail)
                continue
            for node in nodes_of(item.value):
                if node.is_group and (node.has_variants or node.key in members.values()):
                    report.count("groups")
                    continue
                number = max(item.line, number + 1)
                group = node.group or groups.get(members.get(node.key, ""))
                group = group or groups.get(node.named_group)
                yield Row(number, cells_of(node, group))


def _note_group(
    node: ProductNode, groups: dict[str, ProductGroup], members: dict[str, str]
) -> None:
    """Remember a group under its @id, and which products it names as its variants."""
    if not node.is_group:
        if node.named_group:
            members.setdefault(node.key, node.named_group)
        return
    group = group_of(node.value)
    for key in {node.key, group.id} - {""}:
        groups[key] = group
    for member in references(node.value.get("hasVariant")):
        members[member] = node.key


def _holds_data(source: Source) -> bool:
    if "ld+json" in source.text:
        return True
    if source.path is None or not source.path.is_file():
        return False
    with suppress(FeedUnreadable):
        pieces = islice(lines.read_pieces(source.path), LOOK_BYTES // lines.CHUNK_CHARACTERS)
        return any("ld+json" in piece for piece in pieces)
    return False


def _items(source: Source) -> Iterator[JsonItem | Rejection]:
    """Yield the JSON objects of a file, or of a page's scripts."""
    if not source.text.lstrip().startswith("<"):
        yield from read_items(lines.read_pieces(source.file))
        return
    text = ""
    for piece in lines.read_pieces(source.file):
        text += piece
        if len(text) > MAX_PAGE_BYTES:
            break
    for found in _SCRIPT.finditer(text):
        line = 1 + text.count("\n", 0, found.start(1))
        for item in read_items(iter([_AROUND.sub("", found[1])])):
            place = line + item.line - 1
            if isinstance(item, JsonItem):
                yield JsonItem(place, item.value)
            else:
                yield Rejection(place, item.field, item.rule, item.detail)


def create(environment: Environment) -> Reader:
    """Build the reader."""
    return StructuredDataReader()
