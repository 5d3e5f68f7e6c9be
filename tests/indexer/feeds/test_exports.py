"""Exports of shop systems become the products that stand in the shop."""

import gzip
from pathlib import Path

import pytest

from features.base import Json
from tests.indexer.feeds.exports import EXPORTS, read_products

MUG: dict[str, Json] = {"price": 25.0, "sale_price": 19.0, "color": ["Red"]}

IN_2026 = {"gte": "2026-01-01T00:00:00", "lte": "2036-03-01T23:59:59.999000"}

READING = {
    "merchant.tsv": "merchant_table: encoding ASCII, delimiter tab, numbers 1,234.56 (EUR)",
    "merchant_rss.xml": "merchant_xml: form RSS, encoding ASCII, 1 entities of HTML mended, "
    "1 ampersands mended, numbers 1,234.56 (EUR)",
    "merchant_atom.xml": "merchant_xml: form Atom, encoding ASCII, numbers 1.234,56 (EUR)",
    "shopify.csv": "shopify: encoding ASCII, delimiter comma, 1 rows of further pictures, "
    "1 rows not published, numbers 1,234.56 (no currency)",
    "shopify_before_2024.csv": "shopify: encoding ASCII, delimiter comma, "
    "1 rows of further pictures, 1 rows not published, numbers 1,234.56 (no currency)",
    "woocommerce.csv": "woocommerce: encoding ASCII, delimiter comma, 1 rows not published, "
    "numbers 1.234,56 (no currency)",
    "magento.csv": "magento: encoding ASCII, delimiter comma, 1 rows of further store views, "
    "1 rows not published, numbers 1,234.56 (no currency)",
    "schema_org.json": "jsonld: encoding ASCII, 1 groups, numbers 1,234.56 (EUR)",
    "product_page.html": "jsonld: encoding ASCII, numbers 1,234.56 (EUR)",
    "products.json": "json: encoding ASCII, numbers 1,234.56 (EUR)",
    "products.jsonl": "jsonlines: encoding ASCII, numbers 1,234.56 (EUR)",
    "table_shift_jis.csv": "delimited: encoding Shift_JIS, delimiter comma, "
    "numbers such as 2,500 read as 2500",
    "table_windows_1252.csv": "delimited: encoding Windows-1252, delimiter semicolon, "
    "numbers 1.234,56 (EUR)",
}

PRODUCTS: list[tuple[str, str, dict[str, Json], tuple[str, ...]]] = [
    ("merchant.tsv", "HM-RED",
     {**MUG, "currency": "EUR", "color": ["Red", "White"], "title": 'Harbour mug 12" tray set'},
     ("mug_red.png", "mug_side.png", "lamp.png")),
    ("merchant.tsv", "HM-BLUE", {"title": 'Harbour "dark" mug', "availability": "in_stock"},
     ("mug_blue.png",)),
    ("merchant_rss.xml", "HM-RED",
     {**MUG, "title": "Harbour mug, café size", "currency": "EUR", "item_group_id": "HM",
      "description": "Stoneware, fired twice & glazed.",
      "link": "https://shop.example/mug?c=red&v=2",
      "category": ["Kitchen", "Kitchen > Mugs", "Gifts", "Gifts > For the house"]},
     ("mug_red.png", "mug_side.png")),
    ("merchant_rss.xml", "HM-BLUE", {"price": 25.0, "currency": "EUR", "color": ["Blue"]},
     ("mug_blue.png",)),
    ("merchant_atom.xml", "RL",
     {"title": "Reading lamp", "price": 1249.5, "currency": "EUR", "brand": "Lumen & Co",
      "link": "https://shop.example/lamp"}, ("lamp.png", "clock.png")),
    ("shopify.csv", "HM-RED",
     {**MUG, "item_group_id": "harbour-mug", "gtin": "4006381333931", "stock": 12,
      "material": ["stoneware"], "description": "Stoneware, fired twice. 350 ml"},
     ("mug_red.png", "mug_side.png")),
    ("shopify.csv", "HM-BLUE",
     {"price": 25.0, "color": ["Blue"], "availability": "backorder", "brand": "Northquay"},
     ("mug_blue.png", "mug_side.png")),
    ("shopify.csv", "reading-lamp", {"price": 1249.5, "availability": "in_stock"}, ("lamp.png",)),
    ("shopify.csv", "SC-1-L", {"size": ["Large"], "color": ["Grey"], "price": 44.9},
     ("scarf.png",)),
    ("shopify_before_2024.csv", "HM-RED", {**MUG, "category_id": "2169"},
     ("mug_red.png", "mug_side.png")),
    ("shopify_before_2024.csv", "reading-lamp", {"mpn": "RL-100", "category": ["Lamp"]},
     ("lamp.png",)),
    ("woocommerce.csv", "32",
     {**MUG, "sku": "HM-RED", "item_group_id": "31", "sale_price_effective_date": IN_2026,
      "description": "Stoneware, fired twice.", "material": ["stoneware"]}, ("mug_red.png",)),
    ("woocommerce.csv", "33",
     {"color": ["Blue, dark"], "item_group_id": "31", "availability": "backorder", "price": 25.0},
     ("mug_side.png", "mug_red.png", "mug_blue.png")),
    ("woocommerce.csv", "31",
     {"category": ["Kitchen", "Kitchen > Mugs", "Gifts"], "color": ["Red", "Blue, dark"]},
     ("mug_side.png", "mug_red.png", "mug_blue.png")),
    ("woocommerce.csv", "35", {"price": 39.9, "sale_price": 29.9, "size": ["Medium", "Large"]},
     ("scarf.png",)),
    ("magento.csv", "HM-RED",
     {**MUG, "item_group_id": "HM", "brand": "Northquay", "gtin": "4006381333931", "stock": 12,
      "sale_price_effective_date": IN_2026, "material": ["stoneware, fired twice"]},
     ("mug_red.png",)),
    ("magento.csv", "HM-BLUE",
     {"availability": "backorder", "category": ["Kitchen", "Kitchen > Mugs", "Gifts"]},
     ("mug_side.png", "mug_red.png", "mug_blue.png")),
    ("schema_org.json", "HM-RED",
     {**MUG, "currency": "EUR", "item_group_id": "HM", "condition": "new", "brand": "Northquay",
      "sale_price_effective_date": {"lte": "2036-03-01T23:59:59.999000"}},
     ("mug_red.png", "mug_side.png")),
    ("schema_org.json", "HM-BLUE",
     {"item_group_id": "HM", "brand": "Northquay", "availability": "out_of_stock"},
     ("mug_blue.png",)),
    ("schema_org.json", "RL", {"price": 1249.5, "currency": "EUR"}, ("lamp.png",)),
    ("product_page.html", "SC", {"availability": "backorder", "price": 39.9, "material": ["wool"]},
     ("scarf.png",)),
    ("products.json", "RL", {"price": 1249.5, "currency": "EUR", "stock": 7},
     ("lamp.png", "clock.png")),
    ("products.jsonl", "HM-RED", {**MUG, "currency": "EUR"}, ("mug_red.png", "mug_side.png")),
    ("table_shift_jis.csv", "HM-RED",
     {"title": "港のマグカップ 赤", "price": 2500.0, "sale_price": 1980.0, "currency": "JPY"},
     ("mug_red.png",)),
    ("table_windows_1252.csv", "HM-RED",
     {"title": "Hafenbecher groß", "price": 1025.0, "currency": "EUR", "stock": 12},
     ("mug_red.png",)),
]  # fmt: skip


@pytest.mark.parametrize(("name", "reading"), READING.items())
def test_format_encoding_and_numbers_are_found_and_named(name: str, reading: str) -> None:
    products, rejected, said = read_products(EXPORTS / name)
    assert said == reading
    assert len(products) >= 2
    assert not rejected


@pytest.mark.parametrize(
    ("name", "key", "fields", "pictures"), PRODUCTS, ids=lambda value: str(value)[:30]
)
def test_product_is_what_the_export_says(
    name: str, key: str, fields: dict[str, Json], pictures: tuple[str, ...]
) -> None:
    products, _, _ = read_products(EXPORTS / name)
    product = products[key]
    assert {field: product.fields.get(field) for field in fields} == fields
    assert tuple(picture.rpartition("/")[2] for picture in product.pictures) == pictures


@pytest.mark.parametrize("name", ["shopify.csv", "woocommerce.csv", "magento.csv"])
def test_what_is_not_published_stays_out(name: str) -> None:
    products, _, _ = read_products(EXPORTS / name)
    assert not {"CL-1", "36", "CL"} & products.keys()


@pytest.mark.parametrize("name", READING)
@pytest.mark.parametrize("change", ["gzip", "utf-8-sig", "utf-16", "utf-16-le", "crlf"])
def test_same_products_in_another_encoding(tmp_path: Path, name: str, change: str) -> None:
    products, _, said = read_products(EXPORTS / name)
    codec = {"table_shift_jis.csv": "cp932", "table_windows_1252.csv": "cp1252"}.get(name, "utf-8")
    text = (EXPORTS / name).read_bytes().decode(codec)
    path = tmp_path / "download"
    if change == "gzip":
        path.write_bytes(gzip.compress((EXPORTS / name).read_bytes()))
    elif change == "crlf":
        path.write_bytes(text.replace("\n", "\r\n").encode())
    else:
        path.write_bytes(text.encode(change))
    again, rejected, said_again = read_products(path)
    assert {k: (v.fields, v.pictures) for k, v in again.items()} == {
        k: (v.fields, v.pictures) for k, v in products.items()
    }
    assert not rejected
    assert said_again.partition(":")[0] == said.partition(":")[0]
