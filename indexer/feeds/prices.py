"""Reads a product's prices, with their currency from the price itself or from its own column."""

import math
import re

from features.base import Json
from indexer.feeds.amounts import SIGNS, DecimalMarks, read_amount
from indexer.feeds.rules import BrokenRule

HIGHEST = 1e12

CODE = re.compile(r"[A-Z]{3}")

AMOUNT_NAMES = ("amount", "value", "price")
CURRENCY_NAMES = ("currency", "currency_code", "currencyCode", "priceCurrency")
"""Names inside a price that is an object, in the order they count."""


def parse_price(price: Json, currency: Json, marks: DecimalMarks | None = None) -> dict[str, Json]:
    """Return ``{"price": …, "currency": …}``, without what is not known.

    A currency inside the price comes before one in a column of its own; the column without a
    price says nothing. `marks` tells thousands from decimals. Raises BrokenRule.
    """
    if price is None:
        return {}
    if isinstance(price, list):
        price = price[0]
    amount, code = _number("price", price, marks)
    if code is None and currency is not None:
        code = str(currency).strip()
    if code is None:
        return {"price": amount}
    return {"price": amount, "currency": _currency(code)}


def parse_amount(
    field: str, cell: Json, currency: str | None, marks: DecimalMarks | None = None
) -> dict[str, Json]:
    """Return a further amount of a product, such as its `sale_price`.

    All amounts of a product are in its one currency, which this one sets where the price has not.
    Raises BrokenRule.
    """
    amount, code = _number(field, cell[0] if isinstance(cell, list) else cell, marks)
    if code is None:
        return {field: amount}
    if currency not in (None, _currency(code)):
        detail = f"{field} is in {code.upper()} and the price in {currency}: use one currency"
        raise BrokenRule(field, "currency", detail)
    return {field: amount, "currency": _currency(code)}


def _currency(code: str) -> str:
    code = SIGNS.get(code.upper(), code)
    if not CODE.fullmatch(code.upper()) or not code.isascii():
        detail = "a currency is three letters of ISO 4217, such as USD"
        raise BrokenRule("currency", "currency", detail)
    return code.upper()


def _number(field: str, cell: Json, marks: DecimalMarks | None) -> tuple[float, str | None]:
    """Return an amount and the currency beside it, None where there is none."""
    amount, code = _written(field, cell, marks or DecimalMarks())
    if not math.isfinite(amount) or not 0 <= amount <= HIGHEST:
        raise BrokenRule(field, "range", f"a price is a number from 0 to {HIGHEST:.0f}")
    return amount, code


def _written(field: str, price: Json, marks: DecimalMarks) -> tuple[float, str | None]:
    if isinstance(price, dict):
        amount = next((price[name] for name in AMOUNT_NAMES if name in price), None)
        code = next((price[name] for name in CURRENCY_NAMES if name in price), None)
        if not isinstance(amount, dict):
            value, beside = _written(field, amount, marks)
            return value, beside or (str(code) if code is not None else None)
    if isinstance(price, (int, float)) and not isinstance(price, bool):
        # An integer beyond any float is out of range, not a crash.
        return (float(price) if abs(price) <= HIGHEST else math.inf), None
    found = read_amount(price) if isinstance(price, str) else None
    if found is None:
        raise BrokenRule(field, "number", "a price is written like 15.00 USD")
    return marks.value(found), found.currency
