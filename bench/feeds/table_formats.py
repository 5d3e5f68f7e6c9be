"""Writes products as tables: Google Merchant, plain CSV, Shopify, WooCommerce, Magento."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence

from bench.feeds.feed_format import (
    ALL,
    FeedFormat,
    Piece,
    Style,
    cell,
    handle,
    money,
    parent_number,
)  # fmt: skip
from bench.feeds.true_products import TrueProduct
from features.base import Json

Record = Mapping[str, Json]
Row = tuple[TrueProduct | None, Sequence[Record]]

SYSTEM_FIELDS = ALL - {"link", "currency"}
SHOPIFY_FIELDS = SYSTEM_FIELDS - {"sale_price_effective_date"}

NEW_SHOPIFY = {
    "title": "Title", "handle": "URL handle", "body": "Description", "vendor": "Vendor",
    "category": "Product category", "published": "Published on online store", "status": "Status",
    "sku": "SKU", "barcode": "Barcode", "name1": "Option1 name", "value1": "Option1 value",
    "name2": "Option2 name", "value2": "Option2 value", "price": "Price",
    "compare": "Compare-at price", "tracker": "Inventory tracker", "stock": "Inventory quantity",
    "policy": "Continue selling when out of stock", "image": "Product image URL",
    "position": "Image position", "variant_image": "Variant image URL",
}  # fmt: skip
OLD_SHOPIFY = {
    "handle": "Handle", "title": "Title", "body": "Body (HTML)", "vendor": "Vendor",
    "category": "Product Category", "published": "Published", "name1": "Option1 Name",
    "value1": "Option1 Value", "name2": "Option2 Name", "value2": "Option2 Value",
    "sku": "Variant SKU", "tracker": "Variant Inventory Tracker",
    "stock": "Variant Inventory Qty", "policy": "Variant Inventory Policy",
    "price": "Variant Price", "compare": "Variant Compare At Price", "barcode": "Variant Barcode",
    "image": "Image Src", "position": "Image Position", "variant_image": "Variant Image",
    "status": "Status",
}  # fmt: skip


def _pieces(rows: Iterable[Row], names: Sequence[str], delimiter: str, style: Style) -> list[Piece]:
    names = [*names, *(["Internal note"] if "unknown columns" in style.options else [])]

    def text(values: Sequence[Json]) -> str:
        out = io.StringIO()
        csv.writer(out, delimiter=style.delimiter or delimiter, lineterminator="\n").writerow(
            values
        )
        return out.getvalue()

    head = f"sep={style.delimiter}\n" if "sep line" in style.options else ""
    pieces: list[Piece] = [(None, head + text(names))]
    for product, records in rows:
        lines = "".join(text([record.get(name, "") for name in names]) for record in records)
        pieces.append((product, lines))
    if "header again" in style.options:
        pieces.insert(len(pieces) // 2, (None, text(names)))
    return pieces


def _merchant_record(product: TrueProduct, style: Style) -> Record:
    start, end = product.period or ("", "")
    return {
        "id": cell(product, "id", product.key),
        "title": cell(product, "title", product.title),
        "description": cell(product, "description", product.description),
        "link": cell(product, "link", product.link),
        "image_link": cell(product, "pictures", product.pictures[0]),
        "additional_image_link": "" if "pictures" in product.cells else ",".join(
            product.pictures[1:]
        ),
        "availability": cell(product, "availability", product.availability),
        "quantity": cell(product, "stock", product.stock),
        "price": money(product, "price", style, currency=True),
        "sale_price": money(product, "sale", style, currency=True),
        "sale_price_effective_date": f"{start}/{end}" if product.period else "",
        "brand": cell(product, "brand", product.brand),
        "gtin": cell(product, "gtin", product.gtin),
        "condition": "new",
        "item_group_id": product.group,
        "color": cell(product, "color", product.color),
        "size": product.size,
        "product_type": cell(product, "category", " > ".join(product.category)),
    }  # fmt: skip


def write_merchant(products: Sequence[TrueProduct], style: Style) -> list[Piece]:
    """Write Google Merchant's tab-separated table."""
    rows: list[Row] = [(product, [_merchant_record(product, style)]) for product in products]
    return _pieces(rows, list(rows[0][1][0]), "\t", style)


def write_plain(products: Sequence[TrueProduct], style: Style) -> list[Piece]:
    """Write a table of a system's own, with columns of other names."""
    names = {
        "id": "product_id", "title": "name", "image_link": "image_url", "product_type": "category",
        "link": "product_url", "brand": "manufacturer", "color": "colour",
    }  # fmt: skip
    rows: list[Row] = [
        (product, [{names.get(n, n): v for n, v in _merchant_record(product, style).items()}])
        for product in products
    ]
    return _pieces(rows, [name for name in rows[0][1][0] if name != "condition"], ",", style)


def _shopify_rows(
    products: Sequence[TrueProduct], style: Style, names: Mapping[str, str]
) -> Iterator[Row]:
    written: set[str] = set()
    for product in products:
        own = handle(product)
        is_first = own not in written
        written.add(own)
        price = money(product, "price", style, currency=False)
        sale = money(product, "sale", style, currency=False)
        record: dict[str, Json] = {
            "handle": "" if "id" in product.cells else own,
            "sku": cell(product, "id", product.key),
            "barcode": cell(product, "gtin", product.gtin),
            "name1": "Color" if is_first else "",
            "value1": cell(product, "color", product.color),
            "name2": "Size" if is_first else "",
            "value2": product.size,
            "price": sale or price,
            "compare": price if sale else "",
            "tracker": "shopify",
            "stock": cell(product, "stock", product.stock),
            "policy": "deny" if "policy" in OLD_SHOPIFY and names is OLD_SHOPIFY else "false",
            "image": cell(product, "pictures", product.pictures[0]),
            "variant_image": product.pictures[0] if product.group else "",
        }
        if is_first:
            record |= {
                "title": "" if "id" in product.cells else cell(product, "title", product.title),
                "body": cell(product, "description", product.description),
                "vendor": cell(product, "brand", product.brand),
                "category": cell(product, "category", " > ".join(product.category)),
                "published": "true",
                "status": "draft" if product.hidden else "active",
            }
        records = [record]
        if "pictures" not in product.cells:
            records += [{"handle": own, "image": address} for address in product.pictures[1:]]
        yield product, [{names[n]: v for n, v in each.items()} for each in records]


def write_shopify(products: Sequence[TrueProduct], style: Style) -> list[Piece]:
    """Write Shopify's CSV with its headers since 2024."""
    rows = _shopify_rows(products, style, NEW_SHOPIFY)
    return _pieces(rows, list(NEW_SHOPIFY.values()), ",", style)


def write_old_shopify(products: Sequence[TrueProduct], style: Style) -> list[Piece]:
    """Write Shopify's CSV with its headers of before 2024."""
    rows = _shopify_rows(products, style, OLD_SHOPIFY)
    return _pieces(rows, list(OLD_SHOPIFY.values()), ",", style)


def _woocommerce_rows(products: Sequence[TrueProduct], style: Style) -> Iterator[Row]:
    parents: dict[str, dict[str, Json]] = {}
    for product in products:
        start, end = product.period or ("", "")
        record: dict[str, Json] = {
            "ID": cell(product, "id", product.number),
            "Type": "variation" if product.group else "simple",
            "SKU": cell(product, "id", product.key),
            "GTIN, UPC, EAN, or ISBN": cell(product, "gtin", product.gtin),
            "Name": cell(product, "title", product.title),
            "Published": "0" if product.hidden else "1",
            "Description": cell(product, "description", product.description),
            "Date sale price starts": start,
            "Date sale price ends": end,
            "In stock?": cell(product, "availability", 1 if product.stock else 0),
            "Stock": cell(product, "stock", product.stock),
            "Sale price": money(product, "sale", style, currency=False),
            "Regular price": money(product, "price", style, currency=False),
            "Categories": cell(product, "category", " > ".join(product.category)),
            "Images": cell(product, "pictures", ", ".join(product.pictures)),
            "Brands": cell(product, "brand", product.brand),
            "Attribute 1 name": "Color",
            "Attribute 1 value(s)": cell(product, "color", product.color),
            "Attribute 2 name": "Size",
            "Attribute 2 value(s)": product.size,
        }
        if product.group:
            number = parent_number(product)
            record["Parent"] = product.group if product.number % 2 else f"id:{number}"
            for name in ("Description", "Categories", "Brands"):
                record[name] = ""
            parents[product.group] = {
                "ID": number, "Type": "variable", "SKU": product.group, "Name": product.title,
                "Published": "1", "Description": product.description, "In stock?": 1,
                "Categories": " > ".join(product.category), "Images": product.pictures[0],
                "Brands": product.brand,
            }  # fmt: skip
        yield product, [record]
    for parent in parents.values():
        yield None, [parent]


def _parents_placed(rows: Iterator[Row], style: Style) -> list[Row]:
    """Return the rows, parents last; in a file that breaks off they stand before, to be there."""
    return sorted(rows, key=lambda row: row[0] is not None) if style.cut else list(rows)


WOOCOMMERCE = (
    "ID", "Type", "SKU", "GTIN, UPC, EAN, or ISBN", "Name", "Published", "Description",
    "Date sale price starts", "Date sale price ends", "In stock?", "Stock", "Sale price",
    "Regular price", "Categories", "Images", "Parent", "Brands", "Attribute 1 name",
    "Attribute 1 value(s)", "Attribute 2 name", "Attribute 2 value(s)",
)  # fmt: skip
MAGENTO = (
    "sku", "store_view_code", "attribute_set_code", "product_type", "categories",
    "product_websites", "name", "description", "product_online", "visibility", "price",
    "special_price", "special_price_from_date", "special_price_to_date", "base_image",
    "additional_attributes", "qty", "is_in_stock", "additional_images", "configurable_variations",
)  # fmt: skip


def write_woocommerce(products: Sequence[TrueProduct], style: Style) -> list[Piece]:
    """Write WooCommerce's CSV; parents stand behind their variations."""
    rows = _parents_placed(_woocommerce_rows(products, style), style)
    return _pieces(rows, WOOCOMMERCE, ",", style)


def _magento_rows(products: Sequence[TrueProduct], style: Style) -> Iterator[Row]:
    parents: dict[str, dict[str, Json]] = {}
    for product in products:
        start, end = product.period or ("", "")
        brand = cell(product, "brand", product.brand)
        attributes = f"color={cell(product, 'color', product.color)},size={product.size}"
        record: dict[str, Json] = {
            "sku": cell(product, "id", product.key),
            "attribute_set_code": "Default",
            "product_type": "simple",
            "product_websites": "base",
            "name": cell(product, "title", product.title),
            "product_online": "2" if product.hidden else "1",
            "visibility": "Not Visible Individually" if product.group else "Catalog, Search",
            "price": money(product, "price", style, currency=False),
            "special_price": money(product, "sale", style, currency=False),
            "special_price_from_date": start,
            "special_price_to_date": end,
            "base_image": cell(product, "pictures", product.pictures[0]),
            "additional_attributes": f"{attributes},ean={cell(product, 'gtin', product.gtin)}"
            + ("" if product.group else f",manufacturer={brand}"),
            "qty": cell(product, "stock", f"{product.stock}.0000"),
            "is_in_stock": cell(product, "availability", 1 if product.stock else 0),
            "additional_images": ""
            if "pictures" in product.cells
            else ",".join(product.pictures[1:]),
        }
        path = cell(product, "category", "/".join(("Default Category", *product.category)))
        if product.group:
            parent = parents.setdefault(product.group, {
                "sku": product.group, "attribute_set_code": "Default", "product_online": "1",
                "product_type": "configurable", "categories": path, "product_websites": "base",
                "name": product.title, "description": product.description, "is_in_stock": 1,
                "visibility": "Catalog, Search", "base_image": product.pictures[0],
                "additional_attributes": f"manufacturer={brand}", "configurable_variations": "",
            })  # fmt: skip
            variation = f"sku={product.key},color={product.color}"
            earlier = parent["configurable_variations"]
            parent["configurable_variations"] = f"{earlier}|{variation}" if earlier else variation
        else:
            record["categories"] = path
            record["description"] = cell(product, "description", product.description)
        yield product, [record]
        if "store views" in style.options:
            yield None, [{"sku": product.key, "store_view_code": "german", "name": "übersetzt"}]
    for parent in parents.values():
        yield None, [parent]


def write_magento(products: Sequence[TrueProduct], style: Style) -> list[Piece]:
    """Write Magento's CSV; configurable products stand behind their variants."""
    rows = _parents_placed(_magento_rows(products, style), style)
    return _pieces(rows, MAGENTO, ",", style)


TABLE_FORMATS = (
    FeedFormat("merchant_tsv", "merchant_table", "table", write_merchant),
    FeedFormat("csv", "delimited", "table", write_plain),
    FeedFormat("shopify", "shopify", "table", write_shopify, SHOPIFY_FIELDS, has_currency=False),
    FeedFormat(
        "shopify_old", "shopify", "table", write_old_shopify, SHOPIFY_FIELDS, has_currency=False
    ),
    FeedFormat(
        "woocommerce", "woocommerce", "table", write_woocommerce, SYSTEM_FIELDS, has_currency=False
    ),
    FeedFormat("magento", "magento", "table", write_magento, SYSTEM_FIELDS, has_currency=False),
)
