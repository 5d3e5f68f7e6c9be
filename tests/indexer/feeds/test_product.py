"""From cells to a product: the documented columns, and every rule."""

import pytest

from features.base import Json
from indexer.feeds.product import Product, parse_product
from indexer.feeds.rows import Rejection, Row

PICTURE = {"image_link": "1.jpg"}


def made(**cells: Json) -> Product:
    found = parse_product(Row(1, {"id": "1", **PICTURE, **cells}))
    assert isinstance(found, Product), found
    return found


def broken(**cells: Json) -> tuple[str, str]:
    found = parse_product(Row(7, {"id": "1", **PICTURE, **cells}))
    assert isinstance(found, Rejection), found
    assert (found.line, bool(found.detail)) == (7, True)
    return found.field, found.rule


def fields(**cells: Json) -> dict[str, Json]:
    return {k: v for k, v in made(**cells).fields.items() if k != "id"}


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({"price": "15.00 USD"}, {"price": 15.0, "currency": "USD"}),
        ({"price": "USD 15"}, {"price": 15.0, "currency": "USD"}),
        ({"price": "1,299.50 eur"}, {"price": 1299.5, "currency": "EUR"}),
        ({"price": "1.299,50 EUR"}, {"price": 1299.5, "currency": "EUR"}),
        ({"price": "1 299,5 SEK"}, {"price": 1299.5, "currency": "SEK"}),
        ({"price": "1,299 JPY"}, {"price": 1299.0, "currency": "JPY"}),
        ({"price": 3, "currency": "usd"}, {"price": 3.0, "currency": "USD"}),
        ({"price_usd": 1.0, "price_usd_max": 2, "price_pln": 4}, {"price": 1.0, "currency": "USD"}),
        ({"price_max": 12}, {}),
        ({"synthetic_price": 2.5, "synthetic_currency": "SEK"}, {"price": 2.5, "currency": "SEK"}),
        ({"currency": "USD"}, {}),
    ],
)  # fmt: skip
def test_price_is_read(cells: dict[str, Json], expected: dict[str, Json]) -> None:
    assert fields(**cells) == expected


@pytest.mark.parametrize(
    ("cells", "rule"),
    [
        ({"id": ""}, ("id", "required")),
        ({"id": None}, ("id", "required")),
        ({"id": "é" * 257}, ("id", "too_long")),
        ({"id": "a\0b"}, ("id", "characters")),
        ({"id": "a\ud800"}, ("id", "characters")),
        ({"id": {"a": 1}}, ("id", "type")),
        ({"id": True}, ("id", "type")),
        ({"image_link": ""}, ("image_link", "required")),
        ({"image_link": {}}, ("image_link", "required")),
        ({"image_link": [f"{n}.jpg" for n in range(51)]}, ("image_link", "too_many")),
        ({"image_link": "x" * 5000}, ("image_link", "too_long")),
    ],
)
def test_broken_rule_is_named_with_its_field(cells: dict[str, Json], rule: tuple[str, str]) -> None:
    assert broken(**cells) == rule


@pytest.mark.parametrize(
    ("cells", "rule"),
    [
        ({"price": "-5 USD"}, ("price", "range")),
        ({"price": -0.01}, ("price", "range")),
        ({"price": 0}, ("price", "range")),
        ({"price": 1e400}, ("price", "range")),
        ({"price": 10**400}, ("price", "range")),
        ({"price": float("nan")}, ("price", "range")),
        ({"price": "free"}, ("price", "number")),
        ({"price": "1.2.3 USD"}, ("price", "number")),
        ({"price": True}, ("price", "number")),
        ({"price": 3, "currency": "dollars"}, ("currency", "currency")),
        ({"price": 3, "currency": 978}, ("currency", "currency")),
        ({"availability": "maybe"}, ("availability", "vocabulary")),
        ({"stock": "many"}, ("stock", "number")),
        ({"stock": 1e300}, ("stock", "number")),
        ({"title": "x" * 1_000_000}, ("title", "cell_too_long")),
        ({"brand": "x" * 501}, ("brand", "too_long")),
        ({"size": ["s"] * 51}, ("size", "too_many")),
        ({"color": [{}, {"a": 1}]}, ("color", "type")),
        ({"category": "a" * 300 + " > " + "b" * 300}, ("category", "too_long")),
        ({"link": "javascript:alert(1)"}, ("link", "address")),
        ({"link": "/relative"}, ("link", "address")),
        ({"link": "http://[broken"}, ("link", "address")),
        ({"price": "N/A"}, ("price", "number")),
        ({"price": {"min": 3}}, ("price", "number")),
        ({"availability": "Ships in 3 days"}, ("availability", "vocabulary")),
    ],
)
def test_cell_that_cannot_be_read_is_named_and_the_product_goes_in_without_it(
    cells: dict[str, Json], rule: tuple[str, str]
) -> None:
    product = parse_product(Row(7, {"id": "1", **PICTURE, **cells}))
    assert isinstance(product, Product)
    assert product.fields == {"id": "1"}
    assert [(cell.line, cell.id, cell.field, cell.rule) for cell in product.unreadable] == [
        (7, "1", *rule)
    ]


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({"price": "$15"}, {"price": 15.0, "currency": "USD"}),
        ({"price": 12, "currency": "€"}, {"price": 12.0, "currency": "EUR"}),
        ({"price": {"amount": 12, "currency": "EUR"}}, {"price": 12.0, "currency": "EUR"}),
        ({"stock": -3}, {"stock": 0, "availability": "out_of_stock"}),
        ({"stock": "10+"}, {"stock": 10, "availability": "in_stock"}),
        ({"stock": "> 1,000"}, {"stock": 1000, "availability": "in_stock"}),
        ({"stock": "3.5"}, {"stock": 3, "availability": "in_stock"}),
        ({"availability": "In stock!"}, {"availability": "in_stock"}),
        ({"availability": True}, {"availability": "in_stock"}),
        ({"availability": "no"}, {"availability": "out_of_stock"}),
        ({"link": "https://shop.example/my mug"}, {"link": "https://shop.example/my%20mug"}),
        ({"size": "S, M, L"}, {"size": ["S", "M", "L"]}),
        ({"size": "42,5"}, {"size": ["42,5"]}),
        ({"size": "S/M"}, {"size": ["S/M"]}),
        (
            {"category": "Clothing, Clothing > T-shirts"},
            {"category": ["Clothing", "Clothing > T-shirts"]},
        ),
        ({"category": "Home, Garden"}, {"category": ["Home, Garden"]}),
        ({"color": "Red|Blue"}, {"color": ["Red", "Blue"]}),
        (
            {"description": "<p>Soft &amp; <b>warm</b></p><ul><li>Wool</li></ul>"},
            {"description": "Soft & warm Wool"},
        ),
        ({"title": "5 < 6 and 7 > 3"}, {"title": "5 < 6 and 7 > 3"}),
    ],
)
def test_cell_is_read_as_shops_write_it(cells: dict[str, Json], expected: dict[str, Json]) -> None:
    assert fields(**cells) == expected


@pytest.mark.parametrize(
    ("cell", "pictures"),
    [
        ("a.jpg, b.jpg", ["a.jpg", "b.jpg"]),
        ("a.jpg|b.PNG", ["a.jpg", "b.PNG"]),
        (
            "https://x.example/1?w=2,https://x.example/2",
            ["https://x.example/1?w=2", "https://x.example/2"],
        ),
        ("My Image, Front.jpg", ["My Image, Front.jpg"]),
        ("https://x.example/w_200,h_100/a.jpg", ["https://x.example/w_200,h_100/a.jpg"]),
        ([{"src": "a.jpg"}, {"url": "b.jpg"}], ["a.jpg", "b.jpg"]),
    ],
)
def test_cell_may_hold_several_pictures(cell: Json, pictures: list[str]) -> None:
    product = parse_product(Row(1, {"id": "1", "images": cell}))
    assert isinstance(product, Product)
    assert list(product.pictures) == pictures


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("in stock", "in_stock"),
        ("In_Stock", "in_stock"),
        ("https://schema.org/InStock", "in_stock"),
        ("out of stock", "out_of_stock"),
        ("PreOrder", "preorder"),
        ("backorder", "backorder"),
    ],
)
def test_availability_keeps_google_words(said: str, kept: str) -> None:
    assert fields(availability=said) == {"availability": kept}


@pytest.mark.parametrize(("stock", "kept"), [(0, "out_of_stock"), ("3", "in_stock")])
def test_availability_follows_from_stock_when_absent(stock: Json, kept: str) -> None:
    assert fields(quantity=stock) == {"stock": int(stock), "availability": kept}


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({"category": ["Apparel", "Sneakers"], "product_type": "Shoe"},
         {"category": ["Apparel", "Apparel > Sneakers"]}),
        ({"product_type": "Home > Kitchen>Mugs"},
         {"category": ["Home", "Home > Kitchen", "Home > Kitchen > Mugs"]}),
        ({"google product category": "1604"}, {"category_id": "1604"}),
        ({"department": "Fruit", "category": "Apple", "category_id": 0},
         {"category": ["Fruit", "Fruit > Apple"], "category_id": "0"}),
        ({"department": "Fruit"}, {"category": ["Fruit"]}),
    ],
)  # fmt: skip
def test_category_is_a_path_with_its_ancestors(
    cells: dict[str, Json], expected: dict[str, Json]
) -> None:
    assert fields(**cells) == expected


def test_columns_are_known_by_their_other_names() -> None:
    assert fields(
        **{"g:colour": "Red/Green", "Sizes": ["S", "M", "S"], "EAN": "4 006381-333931", "name": "Ä"}
    ) == {"color": ["Red", "Green"], "size": ["S", "M"], "gtin": "4006381333931", "title": "Ä"}


def test_attributes_fill_only_what_has_no_column() -> None:
    attributes = [["Brand", "other"], ["Color", "blue"], ["Flavour", "mint"], "odd", [1, 2]]
    assert fields(brand="own", attributes=attributes) == {"brand": "own", "color": ["blue"]}
    assert fields(attributes={"Size": "M"}) == {"size": ["M"]}


def test_text_cut_out_of_a_web_page_is_read_as_text() -> None:
    found = fields(title="Salt &amp; Pepper", description="two&nbsp;mills")
    assert (found["title"], found["description"]) == ("Salt & Pepper", "two mills")


def test_text_is_normalised() -> None:
    assert fields(title="  ＡＢＣ\0\x07 \ud800x\n y ") == {"title": "ABC x y"}


def test_absent_values_are_left_out() -> None:
    assert fields(title=None, brand=" ", color=[], size=[None, ""], stock="", link=None) == {}


def test_pictures_keep_feed_order_each_once() -> None:
    found = made(image_link="a,b.jpg", additional_image_link="c.jpg, a,d.jpg,,c.jpg")
    assert found.pictures == ("a,b.jpg", "c.jpg", "a", "d.jpg")


@pytest.mark.parametrize(
    ("title", "kept"), [("word " * 300, ("word " * 200).strip()[:999]), ("x" * 1001, "x" * 1000)]
)
def test_title_that_is_too_long_is_cut_between_words_and_named(title: str, kept: str) -> None:
    product = parse_product(Row(7, {"id": "1", **PICTURE, "title": title}))
    assert isinstance(product, Product)
    assert product.fields["title"] == kept
    (note,) = product.unreadable
    assert (note.field, note.rule) == ("title", "too_long")
    assert note.detail.endswith("it is cut there")
