"""Reads amounts of money as shops write them: $19.99, 1.226,00 €, 1,980円, CHF 12.-, 5 - 9 USD.

An amount such as 1.226 could be either of two numbers: `indexer.feeds.number_format` tells.
"""

import re
import unicodedata
from dataclasses import dataclass

from indexer.feeds.columns import CURRENCIES

MAX_CHARACTERS = 100

SIGNS = {
    "US$": "USD", "CA$": "CAD", "C$": "CAD", "AU$": "AUD", "A$": "AUD", "NZ$": "NZD", "HK$": "HKD",
    "SG$": "SGD", "S$": "SGD", "NT$": "TWD", "MX$": "MXN", "R$": "BRL", "$": "USD", "€": "EUR",
    "£": "GBP", "CN¥": "CNY", "JP¥": "JPY", "¥": "JPY", "円": "JPY", "元": "CNY", "RMB": "CNY",
    "₩": "KRW", "원": "KRW", "₹": "INR", "RS.": "INR", "₽": "RUB", "₺": "TRY", "₪": "ILS",
    "₴": "UAH", "₫": "VND", "฿": "THB", "ZŁ": "PLN", "KČ": "CZK", "FT": "HUF", "LEI": "RON",
    "FR.": "CHF", "SFR.": "CHF", "EURO": "EUR", "EUROS": "EUR", "YEN": "JPY",
}  # fmt: skip
"""Currencies by their signs. `kr` names none: three countries use it."""

THREE_DECIMALS = frozenset({"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"})
"""Currencies with a thousandth as their smallest unit (ISO 4217)."""

_SIGN = re.compile(
    "|".join(re.escape(sign) if not sign.isalpha() or not sign.isascii() else rf"\b{sign}\b"
             for sign in sorted(SIGNS, key=len, reverse=True))
)  # fmt: skip
_CODE = re.compile(r"(?<![A-Z])[A-Z]{3}(?![A-Z])")
_NUMBER = re.compile(r"\d+(?:[.,'’]\d+| \d{3}(?!\d))*")
_WELL_FORMED = re.compile(
    r"\d+(?:[.,]\d+)?|\d+(?:,\d{2,3})*,\d{3}(?:\.\d+)?|\d+(?:\.\d{2,3})*\.\d{3}(?:,\d+)?"
)
_DASH = r"[-–—−]"
_WORDS = "KR|FROM|AB|DESDE|VANAF|TO|BIS|INCL|VAT|TAX|TTC|税込|から"
_AROUND = re.compile(rf"(?:{_WORDS}|~|〜|～|{_DASH}|[().,:+*]|\s)*")
"""What may stand around an amount and a currency without making it something else."""


@dataclass(frozen=True)
class AmountText:
    """An amount before its marks are read: its digits and marks, its sign, and its currency.

    `currency` is an ISO 4217 code, or None where none is written.
    """

    digits: str
    is_negative: bool
    currency: str | None

    @property
    def decimal_mark(self) -> str | None:
        """The mark that can only be the decimal one; '' where it can only be none; None if unclear.

        A mark with three digits behind it and one to three before it is unclear.
        """
        marks = [character for character in self.digits if character in ".,"]
        if not marks:
            return ""
        last = marks[-1]
        if len(set(marks)) == 2:
            return last if marks.count(last) == 1 else None
        if len(marks) > 1:
            return ""
        whole, _, decimals = self.digits.partition(last)
        if len(decimals) != 3 or len(whole) > 3 or whole.startswith("0"):
            return last
        return last if self.currency in THREE_DECIMALS else None

    def value(self, decimal_mark: str) -> float:
        """Return the amount with this decimal mark, '' for none; other marks are for thousands."""
        digits = "".join(
            "." if character == decimal_mark else character
            for character in self.digits
            if character.isdigit() or character == decimal_mark
        )
        return -float(digits) if self.is_negative else float(digits)


def read_amount(text: str) -> AmountText | None:
    """Return the amount that a text holds, of a range the first; None where it holds none."""
    if len(text) > MAX_CHARACTERS:
        return None
    text = unicodedata.normalize("NFKC", text).upper().strip()
    currency = None
    if sign := _SIGN.search(text):
        currency = SIGNS[sign[0]]
    for code in _CODE.findall(text):
        currency = code if code in CURRENCIES else currency
    bare = _CODE.sub(lambda m: " " if m[0] in CURRENCIES else m[0], _SIGN.sub(" ", text))
    numbers = _NUMBER.findall(bare)
    if not 1 <= len(numbers) <= 2 or not _AROUND.fullmatch(_NUMBER.sub(" ", bare)):
        return None
    digits = re.sub(r"['’ ]", "", numbers[0])
    if not _WELL_FORMED.fullmatch(digits):
        return None
    is_negative = len(numbers) == 1 and re.match(rf"\s*{_DASH}\s*\d", bare) is not None
    return AmountText(digits, is_negative, currency)
