"""Currencies by their codes of ISO 4217."""

from babel.numbers import is_currency

from core.errors import UnknownCurrency


def currency_code(text: str) -> str:
    """Return the code in capitals; raises UnknownCurrency where it is none."""
    code = text.strip().upper()
    if not code.isascii() or not is_currency(code):
        raise UnknownCurrency(
            f"{text[:20]!r} is no currency of ISO 4217; write one like EUR or JPY"
        )
    return code
