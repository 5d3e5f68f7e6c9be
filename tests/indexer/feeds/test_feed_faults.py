"""A fault costs the row or the cell that it is in, and is named."""

import json
import tracemalloc
from pathlib import Path

import pytest

from features.base import Json
from indexer.feeds.feed import open_feed
from indexer.feeds.mending import mend
from indexer.feeds.number_format import NumberFormat
from indexer.feeds.product import Product, parse_product
from indexer.feeds.rows import Row
from tests.indexer.feeds.exports import read_products

MERCHANT = 'xmlns:g="http://base.google.com/ns/1.0"'


def feed(folder: Path, text: str) -> Path:
    path = folder / "feed"
    path.write_text(text, encoding="utf-8")
    return path


def item(key: str, more: str = "") -> str:
    return f"<item><g:id>{key}</g:id><g:image_link>{key}.jpg</g:image_link>{more}</item>\n"


def rss(*items: str, head: str = "") -> str:
    return f"{head}<rss {MERCHANT}><channel>\n{''.join(items)}</channel></rss>"


def test_entities_of_a_document_type_are_never_resolved(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("password")
    head = (
        '<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "aaaaaaaaaa">'
        + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
        + f'<!ENTITY file SYSTEM "{secret.as_uri()}">]>\n'
    )
    items = (item("1", "<title>&a9;</title>"), item("2", "<title>&file;</title>"), item("3"))
    products, rejected, _ = read_products(feed(tmp_path, rss(*items, head=head)))
    assert list(products) == ["3"]
    assert [(each.line, each.rule) for each in rejected] == [(3, "entity"), (4, "entity")]
    assert "password" not in str(rejected)


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        ("<item><g:id>2</g:id><title>no end</item>\n", "mismatched tag"),
        ("<item><g:id>2</g:id><title>no end</title>\n", "the next one begins in it"),
        ("<item><g:id>2</g:id>" + "<a>" * 30 + "</item>\n", "nested too deeply"),
    ],
)
def test_broken_item_costs_itself_alone(tmp_path: Path, broken: str, said: str) -> None:
    text = rss(item("1"), broken, item("3"), item("4"))
    products, rejected, _ = read_products(feed(tmp_path, text))
    assert list(products) == ["1", "3", "4"]
    assert [(each.line, each.field, each.rule) for each in rejected] == [(3, "line", "xml")]
    assert said in rejected[0].detail


def test_end_of_an_item_inside_cdata_is_text(tmp_path: Path) -> None:
    text = rss(item("1", "<title><![CDATA[a </item> & <item> b]]></title>"), item("2"))
    products, rejected, _ = read_products(feed(tmp_path, text))
    assert list(products) == ["1", "2"]
    assert not rejected


def test_prefix_without_a_declaration_is_googles(tmp_path: Path) -> None:
    text = rss(item("1", "<g:price>5 EUR</g:price>")).replace(MERCHANT, "")
    products, _, _ = read_products(feed(tmp_path, text))
    assert products["1"].fields["price"] == 5.0


def test_xml_is_read_in_the_encoding_it_declares(tmp_path: Path) -> None:
    head = '<?xml version="1.0" encoding="iso-8859-2"?>\n'
    path = tmp_path / "feed"
    path.write_bytes(rss(item("1", "<title>żółty kubek</title>"), head=head).encode("iso-8859-2"))
    products, _, said = read_products(path)
    assert products["1"].fields["title"] == "żółty kubek"
    assert "encoding iso8859-2" in said


def test_memory_does_not_grow_with_a_feed(tmp_path: Path) -> None:
    path = tmp_path / "feed"
    with path.open("w") as stream:
        stream.write(f"<rss {MERCHANT}><channel>\n")
        for number in range(20_000):
            stream.write(item(str(number), f"<description>{'wool ' * 60}</description>"))
        stream.write("</channel></rss>")
    rows = open_feed(path).rows()
    next(rows)
    tracemalloc.start()
    count = sum(1 for _ in rows)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 19_999
    assert peak < 3_000_000 < path.stat().st_size


SHOPIFY = "Handle,Title,Option1 Name,Option1 Value,Variant SKU,Variant Price,Image Src\n"


def test_one_handle_is_one_group_and_a_later_one_with_another_title_is_a_conflict(
    tmp_path: Path,
) -> None:
    rows = "mug,Mug,Color,Red,,5,1.jpg\nmug,,,Blue,,5,2.jpg\nmug,,,,,,3.jpg\nlamp,Lamp,,,,9,4.jpg\n"
    later = "mug,Bowl,Color,Red,,7,5.jpg\nmug,,,Grey,,7,6.jpg\n"
    products, rejected, _ = read_products(feed(tmp_path, SHOPIFY + rows + later))
    assert list(products) == ["mug/Red", "mug/Blue", "lamp"]
    assert products["mug/Red"].pictures == ("1.jpg", "2.jpg", "3.jpg")
    assert products["mug/Blue"].fields["item_group_id"] == "mug"
    assert [(each.line, each.rule) for each in rejected] == [(6, "conflict"), (7, "conflict")]


WOO = "ID,Type,SKU,Name,Regular price,Images,Parent\n"


@pytest.mark.parametrize("parent", ["id:9", "M", "ID: 9"])
def test_variation_finds_its_parent_wherever_it_stands(tmp_path: Path, parent: str) -> None:
    rows = f"1,variation,M-1,,5,,{parent}\n9,variable,M,Mug,,a.jpg,\n2,variation,M-2,,6,b.jpg,M\n"
    products, rejected, _ = read_products(feed(tmp_path, WOO + rows))
    assert [products[key].fields["item_group_id"] for key in ("1", "9", "2")] == ["9", "9", "9"]
    assert products["1"].pictures == ("a.jpg",)
    assert products["1"].fields["title"] == "Mug"
    assert products["2"].pictures == ("b.jpg",)
    assert not rejected


def test_variation_with_its_parents_sku_is_said(tmp_path: Path) -> None:
    rows = "9,variable,M,Mug,,a.jpg,\n1,variation,M,Mug red,5,,M\n"
    products, _, said = read_products(feed(tmp_path, WOO + rows))
    assert products["1"].fields["item_group_id"] == "9"
    assert "1 variations with their parent's SKU" in said


def test_magentos_pictures_are_found_below_its_media_folder(tmp_path: Path) -> None:
    folder = tmp_path / "pub/media/catalog/product/m/u"
    folder.mkdir(parents=True)
    (folder / "mug.jpg").touch()
    head = "sku,product_type,attribute_set_code,name,base_image\n"
    text = f"{head}1,simple,Default,Mug,/m/u/mug.jpg\n2,simple,Default,Cup,/c/cup.jpg\n"
    products, _, _ = read_products(feed(tmp_path, text))
    assert products["1"].pictures == ("pub/media/catalog/product/m/u/mug.jpg",)
    assert products["2"].pictures == ("c/cup.jpg",)


def test_group_and_variants_may_name_each_other(tmp_path: Path) -> None:
    nodes: list[Json] = [
        {"@type": "Product", "sku": "a", "image": "a.jpg", "isVariantOf": {"@id": "#g"}},
        {"@type": "ProductGroup", "@id": "#g", "productGroupID": "G", "name": "Mug",
         "hasVariant": [{"@id": "#b"}]},
        {"@type": "Product", "@id": "#b", "sku": "b", "image": "b.jpg"},
    ]  # fmt: skip
    products, _, _ = read_products(feed(tmp_path, json.dumps({"@graph": nodes})))
    assert {key: product.fields["item_group_id"] for key, product in products.items()} == {
        "a": "G",
        "b": "G",
    }
    assert products["b"].fields["title"] == "Mug"


def test_first_row_of_another_width_is_said(tmp_path: Path) -> None:
    rows = "1,Mug,1.jpg\n2,Mug,2.jpg,more\n3,Mug\n4,Mug,4.jpg\n"
    products, rejected, said = read_products(feed(tmp_path, f"id,title,image_link\n{rows}"))
    assert list(products) == ["1", "4"]
    assert [(each.line, each.rule) for each in rejected] == [
        (3, "column_count"),
        (4, "column_count"),
    ]
    assert "first row of another width in line 3" in said


def test_header_in_the_middle_is_named(tmp_path: Path) -> None:
    head = "id,title,image_link\n"
    products, rejected, _ = read_products(feed(tmp_path, f"{head}1,a,1.jpg\n{head}2,b,2.jpg\n"))
    assert list(products) == ["1", "2"]
    assert [(each.line, each.rule) for each in rejected] == [(3, "header")]


@pytest.mark.parametrize(
    ("text", "mended"),
    [
        ("CafÃ© cup", "Café cup"),
        ("5 â‚¬", "5 €"),
        ("GrÃ¶ÃŸe", "Größe"),
        ("SÃO JOÃO", "SÃO JOÃO"),
        ("Café cup", "Café cup"),
        ("Â", "Â"),
        ("日本 Ã©", "日本 Ã©"),
    ],
)
def test_text_is_mended_only_where_it_comes_out_whole(text: str, mended: str) -> None:
    assert mend(text) == mended


@pytest.mark.parametrize(
    ("prices", "expected"),
    [
        (["5.00 EUR", "7.00"], [(5.0, "EUR"), (7.0, "EUR")]),
        (["5.00", "7.00"], [(5.0, None), (7.0, None)]),
        (["5.00 EUR", "6.00 USD", "7.00"], [(5.0, "EUR"), (6.0, "USD"), (None, None)]),
        (["45,00", "1.226"], [(45.0, None), (1226.0, None)]),
        (["45.00", "1.226"], [(45.0, None), (1.226, None)]),
    ],
)
def test_what_a_price_leaves_unsaid_is_as_in_the_others(
    tmp_path: Path, prices: list[str], expected: list[tuple[float | None, str | None]]
) -> None:
    rows = [{"id": str(n), "image": "a.jpg", "price": price} for n, price in enumerate(prices)]
    text = "".join(json.dumps(row) + "\n" for row in rows)
    products, _, _ = read_products(feed(tmp_path, text))
    found = [(p.fields.get("price"), p.fields.get("currency")) for p in products.values()]
    assert found == expected


def test_currency_that_was_said_counts_where_a_feed_names_none() -> None:
    numbers = NumberFormat((), "CHF")
    product = parse_product(Row(1, {"id": "1", "image": "a.jpg", "price": 5}), numbers=numbers)
    assert isinstance(product, Product)
    assert product.fields["currency"] == "CHF"


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({"price": "25 EUR", "sale_price": "19 EUR"}, (25.0, 19.0)),
        ({"price": "19 EUR", "regular_price": "25 EUR"}, (25.0, 19.0)),
        ({"price": "19 EUR", "regular_price": "19 EUR"}, (19.0, None)),
        ({"regular_price": "25 EUR"}, (25.0, None)),
        ({"price": "19 EUR", "regular_price": "25 EUR", "sale_price": "19 EUR"}, (25.0, 19.0)),
        ({"price": "19 EUR", "sale_price": "25 EUR"}, (19.0, None)),
        ({"price": "19 EUR", "sale_price": "19 EUR"}, (19.0, None)),
    ],
)
def test_sale_price_is_below_the_price(
    cells: dict[str, Json], expected: tuple[float, float | None]
) -> None:
    product = parse_product(Row(1, {"id": "1", "image": "a.jpg", **cells}))
    assert isinstance(product, Product)
    assert (product.fields.get("price"), product.fields.get("sale_price")) == expected


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("2026-11-24/2026-11-30", ("2026-11-24T00:00:00", "2026-11-30T23:59:59.999000")),
        ("/2026-11-30", (None, "2026-11-30T23:59:59.999000")),
        ("2026-11-24T08:00+0100/", ("2026-11-24T08:00:00+01:00", None)),
    ],
)
def test_span_may_be_open_and_its_last_day_belongs_to_it(
    written: str, stored: tuple[str | None, str | None]
) -> None:
    cells = {"id": "1", "image": "a.jpg", "sale_price_effective_date": written}
    product = parse_product(Row(1, cells))
    assert isinstance(product, Product)
    span = product.fields["sale_price_effective_date"]
    assert (span.get("gte"), span.get("lte")) == stored
