"""Find what a query says of the price: "under 30 euros", "5,000円以下", "cheaper"."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

SYMBOLS = {
    "€": "EUR", "eur": "EUR", "euro": "EUR", "euros": "EUR", "ユーロ": "EUR",
    "$": "USD", "usd": "USD", "dollar": "USD", "dollars": "USD", "ドル": "USD", "bucks": "USD",
    "£": "GBP", "gbp": "GBP", "quid": "GBP",
    "¥": "JPY", "jpy": "JPY", "yen": "JPY", "円": "JPY", "chf": "CHF", "francs": "CHF",
}  # fmt: skip
"""Folded symbol or word → ISO 4217 code. Pounds are also a weight, and need a word before."""

_MONEY = "|".join(sorted((re.escape(symbol) for symbol in SYMBOLS), key=len, reverse=True))
_AMOUNT = r"\d[\d,]*(?:\.\d+)?"
_PRICE = (
    rf"(?:(?P<before>{_MONEY}|pounds?)\s?)?(?P<amount>{_AMOUNT})(?:\s?(?P<after>{_MONEY}|pounds?))?"
)
_ATMOST = r"(?:priced? )?(?:under|below|less than|cheaper than|up to|at most|max(?:imum)?|<=?)"
_ATLEAST = r"(?:priced? )?(?:over|above|more than|at least|min(?:imum)?|>=?)"

PATTERNS = (
    ("at_most", re.compile(rf"(?<!\w){_ATMOST} ?{_PRICE}(?!\w)")),
    ("at_least", re.compile(rf"(?<!\w){_ATLEAST} ?{_PRICE}(?!\w)")),
    (
        "between",
        re.compile(
            rf"(?<!\w)(?:between|from) (?:{_MONEY})?\s?(?P<low>{_AMOUNT})\s?(?:{_MONEY})? "
            rf"(?:and|to) {_PRICE}(?!\w)"
        ),
    ),
    ("at_most", re.compile(rf"{_PRICE}\s?(?:以下|以内|未満|まで)の?")),
    ("at_least", re.compile(rf"{_PRICE}\s?(?:以上|から)の?")),
)
CHEAPER = re.compile(
    r"(?<!\w)(?:but )?(?:cheaper|less expensive|more affordable)(?: ones?)?(?!\w)"
    r"|(?:もっと|より)?(?:安い|安く)(?:もの|の)?"
)


@dataclass(frozen=True)
class PricePhrase:
    """What a query says of the price between `start` and `end` of its folded text.

    `currency` is an ISO 4217 code, or None where none is named. `is_relative` is for "cheaper":
    cheaper than the product that the search began with; it names no amount.
    """

    start: int
    end: int
    low: float | None = None
    high: float | None = None
    currency: str | None = None
    is_relative: bool = False


def find_prices(text: str) -> Iterator[PricePhrase]:
    """Yield what a folded text says of the price, without overlaps.

    An English bound needs a currency where a unit of size follows: "under 30 cm" is no price.
    """
    spans: list[tuple[int, int]] = []
    for kind, pattern in PATTERNS:
        for match in pattern.finditer(text):
            if any(match.start() < end and start < match.end() for start, end in spans):
                continue
            named = match["before"] or match["after"]
            if named is None and (_measures_follow(text, match.end()) or match["amount"] is None):
                continue
            # 3つ以上, 5人から: a number of something else.
            if named is None and not text[match.start() : match.end()].isascii():
                continue
            spans.append((match.start(), match.end()))
            amount = _amount(match["amount"])
            low = _amount(match["low"]) if kind == "between" else None
            yield PricePhrase(
                match.start(),
                match.end(),
                low=low if kind == "between" else (amount if kind == "at_least" else None),
                high=None if kind == "at_least" else amount,
                currency=_currency(named),
            )
    for match in CHEAPER.finditer(text):
        if not any(match.start() < end and start < match.end() for start, end in spans):
            yield PricePhrase(match.start(), match.end(), is_relative=True)


def _currency(named: str | None) -> str | None:
    if named is None:
        return None
    return "GBP" if named.startswith("pound") else SYMBOLS[named]


def _measures_follow(text: str, end: int) -> bool:
    return bool(
        re.match(r"\s?(?:mm|cm|m|ml|cl|l|g|kg|oz|lbs?|inch|inches|in|ft|w|v)(?!\w)", text[end:])
    )


def _amount(text: str) -> float:
    return float(Decimal(text.replace(",", "")))
