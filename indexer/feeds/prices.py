"""Reads a product's prices, with their currency from the price itself or from its own column."""

import math
import re
from collections.abc import Mapping
from dataclasses import replace

from features.base import Json
from indexer.feeds.amounts import SIGNS, AmountText, read_amount
from indexer.feeds.number_format import NumberFormat
from indexer.feeds.rules import BrokenRule

HIGHEST = 1e12

CODE = re.compile(r"[A-Z]{3}")

AMOUNT_NAMES = ("amount", "value", "price")
CURRENCY_NAMES = ("currency", "currency_code", "currencyCode", "priceCurrency")
"""Names inside a price that is an object, in the order they count."""


def parse_price(
    price: Json, currency: Json, numbers: NumberFormat | None = None
) -> dict[str, Json]:
    """Return ``{"price": …, "currency": …}``, without what is not known.

    A currency inside the price comes before one in a column of its own, and that before the one
    that all other prices of the feed have; the column without a price says nothing. `numbers` is
    how the feed writes its amounts. Raises BrokenRule.
    """
    if price is None:
        return {}
    beside = str(currency).strip() if currency is not None else None
    amount, code = _number("price", price, beside, numbers or NumberFormat())
    return {"price": amount} if code is None else {"price": amount, "currency": code}


def parse_amount(
    field: str, cell: Json, currency: str | None, numbers: NumberFormat | None = None
) -> dict[str, Json]:
    """Return a further amount of a product, such as its `sale_price`.

    All amounts of a product are in its one currency, which this one sets where the price has not.
    Raises BrokenRule.
    """
    amount, code = _number(field, cell, currency, numbers or NumberFormat())
    if code is None:
        return {field: amount}
    if currency not in (None, code):
        detail = f"{field} is in {code} and the price in {currency}: use one currency"
        raise BrokenRule(field, "currency", detail)
    return {field: amount, "currency": code}


def regular_price(
    values: Mapping[str, Json], cell: Json, numbers: NumberFormat | None = None
) -> dict[str, Json]:
    """Return the prices of a product whose `price` is that of a sale, and the cell the regular one.

    {} where the cell is empty or lowers nothing. Raises BrokenRule.
    """
    if cell is None:
        return {}
    price, sale = values.get("price"), values.get("sale_price")
    found = parse_amount("regular_price", cell, values.get("currency"), numbers)
    amount = found.pop("regular_price")
    if price is None:
        return {**found, "price": amount}
    return {**found, "price": amount, "sale_price": sale or price} if amount > price else {}


def remove_idle_sale(values: dict[str, Json]) -> dict[str, Json]:
    """Take a sale price that lowers nothing out of a product's values, and return {}.

    Raises BrokenRule, once it is out, for one above the price.
    """
    price, sale = values.get("price"), values.get("sale_price")
    if sale is None or price is None or sale < price:
        return {}
    del values["sale_price"]
    # Exporters that know no sale write the price twice.
    if sale > price:
        detail = f"the sale price {sale:g} is above the price {price:g}"
        raise BrokenRule("sale_price", "range", detail)
    return {}


def read_currency(code: str) -> str | None:
    """Return a currency's ISO 4217 code from the code or sign, None for anything else."""
    code = SIGNS.get(code.upper(), code).upper()
    return code if CODE.fullmatch(code) and code.isascii() else None


def amount_text(cell: Json, beside: str | None) -> AmountText | None:
    """Return an amount as it is written, None where there is none; `beside` stands in a column."""
    try:
        written = _written("price", cell)
    except BrokenRule:
        return None
    if not isinstance(written, AmountText):
        written = AmountText("1", is_negative=False, currency=written[1])
    code = written.currency or beside
    return replace(written, currency=read_currency(code) if code else None)


def _number(
    field: str, cell: Json, beside: str | None, numbers: NumberFormat
) -> tuple[float, str | None]:
    """Return an amount and its currency, None where there is none; `beside` stands in a column."""
    if isinstance(cell, list):
        cell = cell[0]
    written = _written(field, cell)
    code = written.currency if isinstance(written, AmountText) else written[1]
    code = code if code is not None else beside
    currency = _known_currency(field, code, numbers)
    if isinstance(written, AmountText):
        amount = numbers.value(replace(written, currency=currency))
    else:
        amount = written[0]
    if not math.isfinite(amount) or not 0 < amount <= HIGHEST:
        raise BrokenRule(field, "range", f"a price is a number above 0, at most {HIGHEST:.0f}")
    return amount, currency


def _known_currency(field: str, code: str | None, numbers: NumberFormat) -> str | None:
    """Return the currency that a code names, without one that of the whole feed, if it has one."""
    if code is not None:
        if (currency := read_currency(code)) is None:
            detail = "a currency is three letters of ISO 4217, such as USD"
            raise BrokenRule("currency", "currency", detail)
        return currency
    if len(numbers.currencies) > 1:
        listed = ", ".join(sorted(numbers.currencies))
        detail = f"the feed has amounts in {listed}, and this one names no currency"
        raise BrokenRule(field, "currency", detail)
    return next(iter(numbers.currencies), None)


def _written(field: str, price: Json) -> AmountText | tuple[float, str | None]:
    """Return an amount as it stands in a cell: a text, or a number with the currency beside it."""
    if isinstance(price, dict):
        amount = next((price[name] for name in AMOUNT_NAMES if name in price), None)
        code = next((price[name] for name in CURRENCY_NAMES if name in price), None)
        if not isinstance(amount, dict):
            written = _written(field, amount)
            beside = str(code) if code is not None else None
            if isinstance(written, AmountText):
                return replace(written, currency=written.currency or beside)
            return written[0], written[1] or beside
    if isinstance(price, (int, float)) and not isinstance(price, bool):
        # An integer beyond any float is out of range, not a crash.
        return (float(price) if abs(price) <= HIGHEST else math.inf), None
    found = read_amount(price) if isinstance(price, str) else None
    if found is None:
        raise BrokenRule(field, "number", "a price is written like 15.00 USD")
    return found
