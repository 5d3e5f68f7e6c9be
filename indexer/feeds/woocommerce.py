"""Reads WooCommerce's product CSV: simple and variable products, and variations.

A variation names its parent by SKU or as `id:29`, and may stand before it; so a first reading
remembers the parents. Parent and variations become products of one `item_group_id`. What a
variation leaves empty, pictures too, is its parent's.
"""

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

VARIATION = "variation"
VARIABLE = "variable"
GTIN = "gtin,_upc,_ean,_or_isbn"

INHERITED = (
    "description", "short_description", "categories", "images", "brands", "published",
    "backorders_allowed?", GTIN,
)  # fmt: skip

PUBLISHED = frozenset({"", "1", "true", "yes"})
ORDERED = frozenset({"1", "yes", "notify"})


@dataclass
class _Parents:
    """The variable products of a file, by id and by SKU."""

    by_id: dict[str, TableRow] = field(default_factory=dict)
    by_sku: dict[str, TableRow] = field(default_factory=dict)

    def add(self, row: TableRow) -> None:
        if number := row.text("id"):
            self.by_id.setdefault(number, row)
        if sku := row.text("sku"):
            self.by_sku.setdefault(sku, row)

    def of(self, reference: str) -> TableRow | None:
        head, found, number = reference.partition(":")
        if found and head.strip().lower() == "id":
            return self.by_id.get(number.strip())
        return self.by_sku.get(reference) or self.by_id.get(reference)


class WooCommerceReader:
    """Reads WooCommerce's product CSV."""

    name = "woocommerce"

    def recognise(self, source: Source) -> Recognition:
        """Recognise the type and prices that WooCommerce writes."""
        names = header_names(source)
        is_own = {"type", "regular_price"} <= names and names & {"images", "parent", "in_stock?"}
        return Recognition.SCHEMA if is_own and names & {"id", "sku"} else Recognition.NO

    def columns(self, source: Source) -> tuple[str, ...]:
        """Return (): the columns are WooCommerce's."""
        return ()

    def count(self, source: Source) -> int:
        """Return the number of lines without the header."""
        return DelimitedReader().count(source)

    def read(self, source: Source, report: ReadReport) -> Iterator[Row | Rejection]:
        """Yield a row per product and variation."""
        parents = _Parents()
        for row in read_table(source, ReadReport()):
            if isinstance(row, TableRow) and VARIABLE in _types(row):
                parents.add(TableRow(row.line, dict(row.cells)))
        for row in read_table(source, report):
            if isinstance(row, Rejection):
                yield row
                continue
            parent = parents.of(row.text("parent")) if VARIATION in _types(row) else None
            if row.text("published") not in PUBLISHED or (
                parent is not None and parent.text("published") not in PUBLISHED
            ):
                report.count("rows not published")
                continue
            if VARIATION in _types(row) and parent is None:
                report.count("variations without their parent")
            if parent is not None and row.text("sku") == parent.text("sku") != "":
                report.count("variations with their parent's SKU")
            yield Row(row.line, _cells(row, parent))


def _types(row: TableRow) -> list[str]:
    return [name.strip().lower() for name in row.text("type").split(",")]


def _key(row: TableRow) -> str:
    """Return a row's id: its number, which every row has, else its SKU."""
    return row.text("id", "sku")


def _cells(row: TableRow, parent: TableRow | None) -> dict[str, Json]:
    group = ""
    if VARIABLE in _types(row):
        group = _key(row)
    elif VARIATION in _types(row):
        group = _key(parent) if parent is not None else row.text("parent").removeprefix("id:")
    whole = row
    if parent is not None:
        missing = {n: parent.text(n) for n in INHERITED if not row.text(n)}
        whole = TableRow(row.line, {**row.cells, **missing})
    regular, sale = row.text("regular_price"), row.text("sale_price")
    period = iso_period(row.text("date_sale_price_starts"), row.text("date_sale_price_ends"))
    cells: dict[str, Json] = {
        "id": _key(row),
        "item_group_id": group,
        "title": row.text("name") or (parent.text("name") if parent is not None else ""),
        "description": whole.text("description", "short_description"),
        "category": category_cell(split_list(whole.text("categories"))),
        "brand": next(iter(split_list(whole.text("brands"))), ""),
        "sku": row.text("sku"),
        "gtin": whole.text(GTIN),
        "image_link": whole.text("images"),
        "price": regular or sale,
        "sale_price": sale if regular else "",
        "sale_price_effective_date": period if sale and regular else "",
        "attributes": _attributes(row, parent),
        **_stock(whole),
    }
    return filled(cells)


def _attributes(row: TableRow, parent: TableRow | None) -> list[Json]:
    """Return the attributes; of a variation its own, and its parent's that do not vary."""
    pairs: dict[str, Json] = {}
    for source in (row, parent):
        for name, label in source.cells.items() if source is not None else ():
            number = name.removeprefix("attribute_").removesuffix("_name")
            if source is None or not label or name != f"attribute_{number}_name":
                continue
            values = split_list(source.text(f"attribute_{number}_value(s)"))
            if values and (source is row or len(values) == 1):
                pairs.setdefault(label, values)
    return [[label, values] for label, values in pairs.items()]


def _stock(row: TableRow) -> dict[str, Json]:
    stock, state = row.text("stock"), row.text("in_stock?").lower()
    cells: dict[str, Json] = {"stock": stock} if stock.lower() != "parent" else {}
    if state in ("1", "true", "yes"):
        cells["availability"] = "in_stock"
    elif state:
        is_ordered = state == "backorder" or row.text("backorders_allowed?").lower() in ORDERED
        cells["availability"] = "backorder" if is_ordered else "out_of_stock"
    return cells


def create(environment: Environment) -> Reader:
    """Build the reader."""
    return WooCommerceReader()
