"""Amounts as shops write them, and what is no amount."""

import pytest

from indexer.feeds.amounts import read_amount
from indexer.feeds.number_format import NumberFormat


def amount(text: str, *others: str) -> tuple[float, str | None]:
    """Read an amount beside the others of its column."""
    found = read_amount(text)
    assert found is not None, text
    column = [read for other in (text, *others) if (read := read_amount(other))]
    return NumberFormat(column).value(found), found.currency


@pytest.mark.parametrize(
    ("text", "value", "currency"),
    [
        ("15.00 USD", 15, "USD"), ("USD 15", 15, "USD"), ("$19.99", 19.99, "USD"),
        ("US$ 20", 20, "USD"), ("A$7.50", 7.5, "AUD"), ("R$ 1.299,90", 1299.9, "BRL"),
        ("1.226,00 €", 1226, "EUR"), ("€ 9", 9, "EUR"), ("19,99 EUR", 19.99, "EUR"),
        ("1.226 EUR", 1226, "EUR"), ("1.226.000 EUR", 1_226_000, "EUR"), ("12,5 €", 12.5, "EUR"),
        ("1 299,00 €", 1299, "EUR"), ("1\u00a0299,00\u00a0€", 1299, "EUR"),
        ("¥1,980", 1980, "JPY"), ("1,980円", 1980, "JPY"), ("￥１，９８０", 1980, "JPY"),
        ("1,980円(税込)", 1980, "JPY"), ("1,299 JPY", 1299, "JPY"), ("£12.50", 12.5, "GBP"),
        ("CHF 12.-", 12, "CHF"), ("CHF 12.–", 12, "CHF"), ("1'299.50 CHF", 1299.5, "CHF"),
        ("Fr. 8.90", 8.9, "CHF"), ("1.250 KWD", 1.25, "KWD"), ("0.125 USD", 0.125, "USD"),
        ("₹1,29,999.00", 129_999, "INR"), ("12 345", 12_345, None), ("0", 0, None),
        ("49,90 zł", 49.9, "PLN"), ("1 290 Kč", 1290, "CZK"), ("15.00 usd", 15, "USD"),
        ("19.99 - 24.99 USD", 19.99, "USD"), ("$5–$9", 5, "USD"), ("from 9.50 EUR", 9.5, "EUR"),
        ("ab 12,00 €", 12, "EUR"), ("1,980円~2,980円", 1980, "JPY"), ("-5 USD", -5, "USD"),
        ("5, 6 EUR", 5, "EUR"), ("1 299 kr", 1299, None), ("JPY 1,980", 1980, "JPY"),
    ],
)  # fmt: skip
def test_amount_is_read(text: str, value: float, currency: str | None) -> None:
    assert amount(text) == (value, currency)


@pytest.mark.parametrize(
    "text",
    ["", "N/A", "n/a", "Call us", "call 555 1234", "TBD", "free", "-", "€", "3 for 2", "12 pcs",
     "1 2 3 - 4 5 - 6", "3.99 / kg", "on request", "x" * 200, "12abc", "1e5", "1.2,3.4",
     "1,226,00"],
)  # fmt: skip
def test_text_without_an_amount_is_none(text: str) -> None:
    assert read_amount(text) is None


@pytest.mark.parametrize(
    ("others", "value"),
    [
        ((), 1226), (("19,99 EUR",), 1226), (("5.99 USD",), 1226), (("7.90 EUR",), 1.226),
        (("7.90 EUR", "8,90 EUR"), 1226), (("2.500 EUR", "3.100 EUR"), 1226),
    ],
)  # fmt: skip
def test_unclear_mark_is_read_as_the_others_of_its_currency_use_it(
    others: tuple[str, ...], value: float
) -> None:
    assert amount("1.226 EUR", *others) == (value, "EUR")


def test_number_format_is_said() -> None:
    column = [
        read for text in ("19,99 EUR", "5.00 USD", "1.226 EUR") if (read := read_amount(text))
    ]
    numbers = NumberFormat(column)
    for amount_read in column:
        numbers.value(amount_read)
    assert str(numbers) == (
        "numbers 1.234,56 (EUR), numbers 1,234.56 (USD), numbers such as 1.226 read as 1226"
    )
