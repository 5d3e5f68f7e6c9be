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
    amount, code = _number(price)
    if code is None and currency is not None:
        code = str(currency).strip()
    if not math.isfinite(amount) or not 0 <= amount <= HIGHEST:
        raise BrokenRule("price", "range", f"a price is a number from 0 to {HIGHEST:.0f}")
    if code is None:
        return {"price": amount}
    if not CODE.fullmatch(code.upper()) or not code.isascii():
        detail = "a currency is three letters of ISO 4217, such as USD"
        raise BrokenRule("currency", "currency", detail)
    return {"price": amount, "currency": code.upper()}


def _number(price: Json) -> tuple[float, str | None]:
    if isinstance(price, (int, float)) and not isinstance(price, bool):
        # An integer beyond any float is out of range, not a crash.
        return (float(price) if abs(price) <= HIGHEST else math.inf), None
    found = AMOUNT.fullmatch(price.strip()) if isinstance(price, str) and len(price) < 100 else None
    if found is None:
        raise BrokenRule("price", "number", "a price is written like 15.00 USD")
    try:
        return float(_plain(found["amount"])), found["before"] or found["after"]
    except ValueError:
        raise BrokenRule("price", "number", "a price is written like 15.00 USD") from None


def _plain(amount: str) -> str:
    """Return the amount with a decimal point and nothing else: 1,299.00, 1.299,00, 15,00."""
    digits = re.sub(r"['\s]", "", amount)
    head, comma, tail = digits.rpartition(",")
    if comma and "." in tail:
        return digits.replace(",", "")
    if comma and ("." in head or len(tail) in (1, 2)):
        return head.replace(".", "").replace(",", "") + "." + tail
    return digits.replace(",", "")
