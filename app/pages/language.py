"""Which language a page is in, its messages, and how it writes numbers and prices.

Messages are one flat JSON object per language in `app/translations`, which a test keeps complete.
A message that counts something has one form per plural category of the language (Unicode CLDR),
named `<key>.one`, `<key>.other`.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from babel import Locale
from babel.numbers import format_currency, format_decimal, get_currency_symbol, is_currency
from werkzeug.wrappers import Request

FOLDER = Path(__file__).parents[1] / "translations"
CODES = ("en", "ja")
"""Supported languages, the default first."""

FIELD = "lang"
"""Name of the query parameter and of the cookie that select the language."""


@dataclass(frozen=True)
class Language:
    """One language of the pages."""

    code: str
    messages: Mapping[str, str]

    def text(self, key: str, **values: object) -> str:
        """Return a message with its values filled in; raises KeyError for an unknown one."""
        return self.messages[key].format(**values) if values else self.messages[key]

    def has(self, key: str) -> bool:
        """Say whether the message exists."""
        return key in self.messages

    def count(self, key: str, number: int) -> str:
        """Return a message in the plural form of its number, with the number filled in."""
        form = Locale(self.code).plural_form(number)
        return self.messages[f"{key}.{form}"].format(number=self.number(number))

    def number(self, value: float) -> str:
        """Return a number as this language writes it: 1,234.5."""
        return format_decimal(value, locale=self.code)

    def price(self, amount: float, currency: str | None) -> str:
        """Return a price; one without a known currency is only a number."""
        if currency is None or not is_currency(currency):
            return self.number(amount)
        return format_currency(amount, currency, locale=self.code)

    def currency_symbol(self, currency: str | None) -> str:
        """Return how this language writes a currency: €; "" where it is unknown."""
        return get_currency_symbol(currency, locale=self.code) if currency else ""


@cache
def language(code: str) -> Language:
    """Return a language by its code, one of CODES."""
    return Language(code, json.loads((FOLDER / f"{code}.json").read_text(encoding="utf-8")))


def requested_language(request: Request) -> Language:
    """Return the language that the address, else the cookie, else the browser requests."""
    for code in (request.args.get(FIELD), request.cookies.get(FIELD)):
        if code in CODES:
            return language(code)
    return language(request.accept_languages.best_match(CODES) or CODES[0])
