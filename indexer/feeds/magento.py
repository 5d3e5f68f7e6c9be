"""Reads the product CSV of Magento and Adobe Commerce.

A configurable product names its variants in `configurable_variations`, and a first reading
remembers them. It and its variants become products of one `item_group_id`; what a variant leaves
empty, pictures too, is its product's. Rows of further store views repeat a product and are passed
over.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from core.environment import Environment
from features.base import Json
from indexer.feeds.dates import iso_period
from indexer.feeds.delimited import DelimitedReader, header_names
from indexer.feeds.reader import Reader, ReadReport, Recognition
from indexer.feeds.rows import Rejection, Row
from indexer.feeds.source import Source
from indexer.feeds.table import TableRow, category_cell, filled, read_table, split_list

CONFIGURABLE = "configurable"
NO_PICTURE = "no_selection"
HIDDEN = "not visible individually"
DISABLED = "2"

PICTURES = ("base_image", "small_image", "thumbnail_image")
INHERITED = ("description", "short_description", "categories")

MEDIA_FOLDERS = ("", "pub/media/catalog/product", "media/catalog/product", "pub/media/import")
"""Folders beside the feed in which Magento keeps pictures."""

_PAIR = re.compile(r",(?=\s*\w+=)")


@dataclass
class _Configurables:
    """The configurable products of a file, and what they say of their variants, by SKU."""

    rows: dict[str, TableRow] = field(default_factory=dict)
    parents: dict[str, str] = field(default_factory=dict)
    options: dict[str, dict[str, str]] = field(default_factory=dict)

    def add(self, row: TableRow) -> None:
        key = row.text("sku")
        self.rows.setdefault(key, row)
        for variant in row.text("configurable_variations").split("|"):
            options = split_pairs(variant)
            if sku := options.pop("sku", ""):
                self.parents.setdefault(sku, key)
                self.options.setdefault(sku, options)


class MagentoReader:
    """Reads the product CSV of Magento and Adobe Commerce."""

    name = "magento"

    def recognise(self, source: Source) -> Recognition:
        """Recognise a SKU and a product type beside columns that no other system has."""
        names = header_names(source)
        has_own = names & {
            "attribute_set_code", "product_websites", "additional_attributes",
            "configurable_variations", "store_view_code",
        }  # fmt: skip
        is_own = {"sku", "product_type"} <= names and has_own
        return Recognition.SCHEMA if is_own else Recognition.NO

    def columns(self, source: Source) -> tuple[str, ...]:
        """Return (): the columns are Magento's."""
        return ()

    def count(self, source: Source) -> int:
        """Return the number of lines without the header."""
        return DelimitedReader().count(source)

    def read(self, source: Source, report: ReadReport) -> Iterator[Row | Rejection]:
        """Yield a row per product and variant."""
        configurables = _Configurables()
        for row in read_table(source, ReadReport()):
            if isinstance(row, TableRow) and _is_configurable(row):
                configurables.add(row)
        for row in read_table(source, report):
            if isinstance(row, Rejection):
                yield row
            elif row.text("store_view_code"):
                report.count("rows of further store views")
            else:
                parent = configurables.rows.get(configurables.parents.get(row.text("sku"), ""))
                if reason := _left_out(row, parent):
                    report.count(reason)
                else:
                    options = configurables.options.get(row.text("sku"), {})
                    yield Row(row.line, _cells(source, row, parent, options))


def split_pairs(text: str) -> dict[str, str]:
    """Return name → value of `color=Red,size=XS`; values may hold commas."""
    pairs = (pair.strip().strip('"').partition("=") for pair in _PAIR.split(text))
    return {name.strip(): value.strip().strip('"') for name, _, value in pairs if value.strip()}


def _is_configurable(row: TableRow) -> bool:
    return row.text("product_type") == CONFIGURABLE and not row.text("store_view_code")


def _left_out(row: TableRow, parent: TableRow | None) -> str:
    """Return why a row is no product of the shop, "" where it is one."""
    rows = [row] if parent is None else [row, parent]
    if any(each.text("product_online") == DISABLED for each in rows):
        return "rows not published"
    if parent is None and row.text("visibility").lower() == HIDDEN:
        return "rows that are not sold on their own"
    return ""


def _cells(
    source: Source, row: TableRow, parent: TableRow | None, options: dict[str, str]
) -> dict[str, Json]:
    whole = row
    if parent is not None:
        missing = {name: parent.text(name) for name in INHERITED if not row.text(name)}
        whole = TableRow(row.line, {**row.cells, **missing})
    pictures = _pictures(source, row) or (_pictures(source, parent) if parent is not None else [])
    group = parent or (row if _is_configurable(row) else None)
    attributes = {**options, **split_pairs(row.text("additional_attributes"))}
    if parent is not None:
        shared = split_pairs(parent.text("additional_attributes"))
        attributes = {**{n: v for n, v in shared.items() if n not in options}, **attributes}
    special = row.text("special_price")
    period = iso_period(row.text("special_price_from_date"), row.text("special_price_to_date"))
    cells: dict[str, Json] = {
        "id": row.text("sku"),
        "sku": row.text("sku"),
        "item_group_id": group.text("sku") if group is not None else "",
        "title": row.text("name"),
        "description": whole.text("description", "short_description"),
        "category": category_cell(_branches(whole.text("categories"))),
        "image_link": pictures,
        "price": row.text("price"),
        "sale_price": special,
        "sale_price_effective_date": period if special else "",
        "attributes": [
            [name, [part.strip() for part in value.split("|")]]
            for name, value in attributes.items()
        ],
        **_stock(row),
    }
    return filled(cells)


def _value(row: TableRow, name: str) -> str:
    """Return a cell, "" for Magento's word for no picture."""
    text = row.text(name)
    return "" if text == NO_PICTURE else text


def _branches(text: str) -> list[str]:
    """Return the categories without the root of the catalogue, which all of them begin with."""
    branches: list[str] = []
    for branch in split_list(text):
        root, _, path = branch.partition("/")
        if path:
            branches.append(path.replace("/", " > "))
        elif root.lower() != "default category":
            branches.append(root)
    return branches


def _pictures(source: Source, row: TableRow) -> list[str]:
    """Return the pictures' addresses, each below the folder beside the feed that holds it."""
    first = next((text for name in PICTURES if (text := _value(row, name))), "")
    addresses = [first, *split_list(_value(row, "additional_images"))]
    return list(dict.fromkeys(_located(source, address) for address in addresses if address))


def _located(source: Source, address: str) -> str:
    if "://" in address:
        return address
    path = address.lstrip("/")
    for folder in MEDIA_FOLDERS:
        if len(path) < 250 and (source.home / folder / path).is_file():
            return f"{folder}/{path}".lstrip("/")
    return path


def _stock(row: TableRow) -> dict[str, Json]:
    # A configurable product has no stock of its own.
    stock = "" if _is_configurable(row) else row.text("qty")
    # Magento writes 5.0000.
    cells: dict[str, Json] = {"stock": re.sub(r"\.0+$", "", stock)} if stock else {}
    state = row.text("is_in_stock")
    if state == "0":
        cells["availability"] = "out_of_stock"
    elif state:
        is_ordered = row.text("allow_backorders") in ("1", "2") and stock.startswith(("-", "0"))
        cells["availability"] = "backorder" if is_ordered else "in_stock"
    return cells


def create(environment: Environment) -> Reader:
    """Build the reader."""
    return MagentoReader()
