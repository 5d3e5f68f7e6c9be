from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.words import lexicon
from mappings.words.reading import Reading, read

SHOP = lexicon.build(
    {
        "brand": ["Aurora", "AURORA", "Blue Fox", "鶴屋"],
        "category": ["Home > Lamps", "Fashion > Rain coats", "キッチン > 茶碗"],
        "color": ["Rust red", "olive", "Navy", "紺", "wine"],
        "size": ["M", "27 cm", "750 ml", "39"],
        "material": ["oak", "wool"],
    }
)


def typed(reading: Reading) -> dict[str, str | None]:
    return {reading.surface(part): part.field for part in reading.required}


@pytest.mark.parametrize(
    ("query", "fields"),
    [
        ("aurora lamp", {"aurora": "brand", "lamp": "category"}),
        ("a lamp in oak", {"lamp": "category", "oak": "material"}),
        ("raincoats m", {"raincoats": None, "m": "size"}),
        ("rain coat navy", {"rain coat": "category", "navy": "color"}),
        ("blue fox scarf", {"blue fox": "brand", "scarf": None}),
        ("same but purple", {"purple": "color"}),
        ("vase 0.75 l", {"vase": None, "0.75 l": "size"}),
        ("青い茶碗", {"青い": "color", "茶碗": "category"}),
        ("鶴屋の茶碗みたいな", {"鶴屋": "brand", "茶碗": "category"}),
    ],
)
def test_query_names_what_the_catalogue_knows(query: str, fields: Mapping[str, str]) -> None:
    assert typed(read(query, SHOP)) == fields


def test_basic_colour_also_means_the_catalogues_own_names_of_it() -> None:
    (part,) = read("blue", SHOP).required
    assert part.colour == "blue"
    assert set(part.meanings[0].values) == {"Navy", "紺"}


def test_own_colour_name_means_itself_alone() -> None:
    (part,) = read("olive", SHOP).required
    assert part.meanings[0].values == ("olive",)


@pytest.mark.parametrize(
    ("query", "denied"),
    [
        ("lamp without shade", "shade"),
        ("coat not wool", "wool"),
        ("lamp no oak", "oak"),
        ("赤じゃなくて紺", "赤"),
        ("柄なしの茶碗", "柄"),
    ],
)
def test_denied_part_is_negative(query: str, denied: str) -> None:
    reading = read(query, SHOP)
    assert [reading.surface(part) for part in reading.negative] == [denied]


def test_number_behind_no_is_not_denied() -> None:
    assert not read("no 5 candle", SHOP).negative


@pytest.mark.parametrize(
    ("query", "low", "high", "currency"),
    [
        ("lamps below 45 euros", None, 45, "EUR"),
        ("coat over £80", 80, None, "GBP"),
        ("between 15 and 25 dollars", 15, 25, "USD"),
        ("茶碗 2,000円以内", None, 2000, "JPY"),
        ("lamp up to 60", None, 60, None),
    ],
)
def test_price_is_a_bound(
    query: str, low: float | None, high: float | None, currency: str | None
) -> None:
    price = read(query, SHOP).price
    assert price is not None
    assert (price.low, price.high, price.currency) == (low, high, currency)


@pytest.mark.parametrize("query", ["shelf under 80 cm", "bottle over 500 ml", "3人以上"])
def test_sizes_and_counts_are_no_price(query: str) -> None:
    assert read(query, SHOP).price is None


def test_cheaper_is_relative() -> None:
    price = read("the same but cheaper", SHOP).price
    assert price is not None
    assert price.is_relative


def test_part_can_be_taken_off() -> None:
    reading = read("Aurora lamp in olive", SHOP)
    olive = reading.required[-1]
    assert reading.without(olive) == "aurora lamp in"


def test_corrections_stand_where_the_words_stood() -> None:
    reading = read("Aurroa lamp for aurroa", SHOP)
    assert reading.corrected({"aurroa": "aurora"}) == "aurora lamp for aurora"


@pytest.mark.parametrize("query", ["", "  ", "\x00\x01", "!!!", "。、"])
def test_query_that_says_nothing_is_empty(query: str) -> None:
    assert read(query, SHOP).is_empty()


@pytest.mark.parametrize("query", ["the", "same", "of the"])
def test_stop_words_alone_are_asked_literally(query: str) -> None:
    assert read(query, SHOP).required


@given(st.text(max_size=300))
def test_any_text_is_read(query: str) -> None:
    reading = read(query, SHOP)
    assert all(reading.text[part.start : part.end] for part in reading.parts)


def test_megabyte_is_cut_and_says_so() -> None:
    reading = read("lamp " * 200_000, SHOP)
    assert reading.is_cut
    assert len(reading.parts) <= 32
