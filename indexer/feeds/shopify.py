"""Reads Shopify's product CSV, with its headers of before and since 2024.

A product takes several rows with one handle: one a variant, one a further picture. Every variant
becomes a product of one `item_group_id`, with its own picture first. The price of a variant on sale
is its sale price; what it was before stands in "Compare-at price".
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from core.environment import Environment
from features.base import Json
from indexer.feeds.delimited import DelimitedReader, header_names
from indexer.feeds.reader import Reader, ReadReport, Recognition
from indexer.feeds.rows import Rejection, Row
from indexer.feeds.source import Source
from indexer.feeds.table import TableRow, filled, is_lower, read_table

HANDLE = ("url_handle", "handle")
SKU = ("variant_sku", "sku")
PRICE = ("variant_price", "price")
COMPARE_AT = ("variant_compare_at_price", "compare_at_price")
PICTURE = ("product_image_url", "image_src")
VARIANT_PICTURE = ("variant_image_url", "variant_image")
GOOGLE = ("gender", "age_group", "mpn", "condition", *(f"custom_label_{n}" for n in range(5)))

NO_OPTION = "default title"
"""The value of the only option of a product that has no variants."""

OPTIONS = (1, 2, 3)


@dataclass
class _Block:
    """The rows of one handle that stand together."""

    handle: str
    first: TableRow
    rows: list[TableRow] = field(default_factory=list)


class ShopifyReader:
    """Reads Shopify's product CSV."""

    name = "shopify"

    def recognise(self, source: Source) -> Recognition:
        """Recognise a handle beside columns that no other system has."""
        names = header_names(source)
        has_own = names & {"variant_price", "option1_name", "option1_value", *PICTURE}
        return Recognition.SCHEMA if names & set(HANDLE) and has_own else Recognition.NO

    def columns(self, source: Source) -> tuple[str, ...]:
        """Return (): the columns are Shopify's."""
        return ()

    def count(self, source: Source) -> int:
        """Return the number of lines without the header."""
        return DelimitedReader().count(source)

    def read(self, source: Source, report: ReadReport) -> Iterator[Row | Rejection]:
        """Yield a row per variant."""
        titles: dict[str, str] = {}
        for block in _blocks(source, report):
            if isinstance(block, Rejection):
                yield block
                continue
            title = block.first.text("title")
            known = titles.setdefault(block.handle, title)
            if title and known and title != known:
                for row in block.rows:
                    yield _conflict(row, block.handle, known)
                continue
            if not _is_published(block.first):
                report.count("rows not published", len(block.rows))
                continue
            yield from _products(block, known, report)


def _blocks(source: Source, report: ReadReport) -> Iterator[_Block | Rejection]:
    block: _Block | None = None
    for row in read_table(source, report):
        if isinstance(row, Rejection):
            yield row
            continue
        handle = row.text(*HANDLE) or row.text("title").lower().replace(" ", "-")
        if not handle:
            detail = "a row needs the handle of its product"
            yield Rejection(row.line, "handle", "required", detail)
        elif block is not None and block.handle == handle:
            if (title := row.text("title")) and title != block.first.text("title"):
                yield _conflict(row, handle, block.first.text("title"))
            else:
                block.rows.append(row)
        else:
            if block is not None:
                yield block
            block = _Block(handle, row, [row])
    if block is not None:
        yield block


def _conflict(row: TableRow, handle: str, title: str) -> Rejection:
    detail = f"the handle {handle[:80]} belongs to {title[:80]!r} already; give this one its own"
    return Rejection(row.line, "handle", "conflict", detail, row.text(*SKU) or None)


def _is_published(row: TableRow) -> bool:
    is_active = row.text("status").lower() in ("", "active")
    shown = row.text("published_on_online_store", "published").lower()
    return is_active and shown not in ("false", "no", "0")


def _products(block: _Block, title: str, report: ReadReport) -> Iterator[Row]:
    variants = [row for row in block.rows if row is block.first or _is_variant(row)]
    report.count("rows of further pictures", len(block.rows) - len(variants))
    pictures = _pictures(block.rows)
    claimed = {row.text(*VARIANT_PICTURE) for row in variants} - {""}
    ids: set[str] = set()
    for row in variants:
        values = [v for n in OPTIONS if (v := row.text(f"option{n}_value")).lower() != NO_OPTION]
        options = "/".join(value for value in values if value)
        key = row.text(*SKU)
        if not key or key in ids:
            key = f"{block.handle}/{options}" if options else block.handle
        ids.add(key)
        own = row.text(*VARIANT_PICTURE)
        shared = [picture for picture in pictures if picture not in claimed or picture == own]
        addresses = list(dict.fromkeys(([own] if own else []) + shared)) or pictures
        yield Row(row.line, _cells(block, row, key, title, addresses))


def _is_variant(row: TableRow) -> bool:
    names = (*SKU, *PRICE, *(f"option{number}_value" for number in OPTIONS))
    return bool(row.text(*names))


def _pictures(rows: list[TableRow]) -> list[str]:
    """Return the product's pictures, in the order of their positions."""

    def position(row: TableRow) -> int:
        text = row.text("image_position")
        return int(text) if text.isdecimal() else len(rows)

    held = sorted((row for row in rows if row.text(*PICTURE)), key=position)
    return list(dict.fromkeys(row.text(*PICTURE) for row in held))


def _cells(
    block: _Block, row: TableRow, key: str, title: str, pictures: list[str]
) -> dict[str, Json]:
    first = block.first
    category = first.text("product_category", "google_shopping_/_google_product_category", "type")
    cells: dict[str, Json] = {
        "id": key,
        "item_group_id": block.handle,
        "title": title,
        "description": first.text("description", "body_(html)"),
        "brand": first.text("vendor"),
        "category": category,
        "sku": row.text(*SKU),
        "gtin": row.text("variant_barcode", "barcode").lstrip("'"),
        "image_link": pictures,
        "attributes": _attributes(first, row),
        **_price(row),
        **_stock(row),
    }
    for name in GOOGLE:
        cells[name] = first.text(f"google_shopping_/_{name}")
    return filled(cells)


def _attributes(first: TableRow, row: TableRow) -> list[Json]:
    """Return the variant's options, and after them the product's metafields."""
    pairs: list[Json] = []
    for number in OPTIONS:
        name = first.text(f"option{number}_name")
        value = row.text(f"option{number}_value")
        if name and value and value.lower() != NO_OPTION:
            pairs.append([name, value])
    for name in first.cells:
        head, found, _ = name.partition("_(product.metafields.")
        if found and (value := row.text(name) or first.text(name)):
            pairs.append([head, value.replace("; ", "|")])
    return pairs


def _price(row: TableRow) -> dict[str, Json]:
    price, before = row.text(*PRICE), row.text(*COMPARE_AT)
    if is_lower(price, before):
        return {"price": before, "sale_price": price}
    return {"price": price}


def _stock(row: TableRow) -> dict[str, Json]:
    """Return stock and availability; what is not tracked is there, and some are sold beyond it."""
    stock = row.text("variant_inventory_qty", "inventory_quantity")
    tracker = row.text("variant_inventory_tracker", "inventory_tracker")
    names_tracker = {"variant_inventory_tracker", "inventory_tracker"} & row.cells.keys()
    if not stock or (names_tracker and not tracker):
        return {"availability": "in_stock"} if names_tracker and not tracker else {}
    policy = row.text("variant_inventory_policy", "continue_selling_when_out_of_stock").lower()
    if policy in ("continue", "true", "yes") and stock.lstrip().startswith(("-", "0")):
        return {"stock": stock, "availability": "backorder"}
    return {"stock": stock}


def create(environment: Environment) -> Reader:
    """Build the reader."""
    return ShopifyReader()
