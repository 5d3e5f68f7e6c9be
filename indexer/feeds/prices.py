"""Reads prices: ``15.00 USD`` as Google writes them, and what shops write instead."""

import math
import re

from features.base import Json
from indexer.feeds.rules import BrokenRule

HIGHEST = 1e12

AMOUNT = re.compile(
    r"(?P<before>[A-Za-z]{3})?\s*(?P<amount>[-+]?[\d.,'\s]+)\s*(?P<after>[A-Za-z]{3})?"
)
CODE = re.compile(r"[A-Z]{3}")


def parse_price(price: Json, currency: Json) -> dict[str, Json]:
    """Return ``{"price": …, "currency": …}``, without what is not known.

    A currency inside the price comes before one in a column of its own; the column without a
    price says nothing. Raises BrokenRule.
    """
    if price is None:
        return {}
    if isinstance(price, list):
        price = price[0]
    amount, code = _number("price", price)
    if code is None and currency is not None:
        code = str(currency).strip()
    if code is None:
        return {"price": amount}
    return {"price": amount, "currency": _currency(code)}


def parse_amount(field: str, cell: Json, currency: str | None) -> dict[str, Json]:
    """Return a further amount of a product, such as its `sale_price`.

    All amounts of a product are in its one currency, which this one sets where the price has not.
    Raises BrokenRule.
    """
    amount, code = _number(field, cell[0] if isinstance(cell, list) else cell)
    if code is None:
        return {field: amount}
    if currency not in (None, _currency(code)):
        detail = f"{field} is in {code.upper()} and the price in {currency}: use one currency"
        raise BrokenRule(field, "currency", detail)
    return {field: amount, "currency": _currency(code)}


def _currency(code: str) -> str:
    if not CODE.fullmatch(code.upper()) or not code.isascii():
        detail = "a currency is three letters of ISO 4217, such as USD"
        raise BrokenRule("currency", "currency", detail)
    return code.upper()


def _number(field: str, cell: Json) -> tuple[float, str | None]:
    """Return an amount and the currency beside it, as written."""
    amount, code = _written(field, cell)
    if not math.isfinite(amount) or not 0 <= amount <= HIGHEST:
        raise BrokenRule(field, "range", f"a price is a number from 0 to {HIGHEST:.0f}")
    return amount, code


def _written(field: str, price: Json) -> tuple[float, str | None]:
    if isinstance(price, (int, float)) and not isinstance(price, bool):
        # An integer beyond any float is out of range, not a crash.
        return (float(price) if abs(price) <= HIGHEST else math.inf), None
    found = AMOUNT.fullmatch(price.strip()) if isinstance(price, str) and len(price) < 100 else None
    if found is None:
        raise BrokenRule(field, "number", "a price is written like 15.00 USD")
    try:
        return float(_plain(found["amount"])), found["before"] or found["after"]
    except ValueError:
        raise BrokenRule(field, "number", "a price is written like 15.00 USD") from None


def _plain(amount: str) -> str:
    """Return the amount with a decimal point and nothing else: 1,299.00, 1.299,00, 15,00."""
    digits = re.sub(r"['\s]", "", amount)
    head, comma, tail = digits.rpartition(",")
    if comma and "." in tail:
        return digits.replace(",", "")
    if comma and ("." in head or len(tail) in (1, 2)):
        return head.replace(".", "").replace(",", "") + "." + tail
    return digits.replace(",", "")
