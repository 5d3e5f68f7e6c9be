"""Fixed exchange rates, with which a price bound also counts in other currencies."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from core.currency import currency_code
from core.environment import Environment
from core.errors import InvalidSetting, UnknownCurrency
from core.setting import Setting

RATES = "LOOKALIKE_EXCHANGE_RATES"

SETTINGS = (
    Setting(
        RATES,
        "",
        "what one unit of other currencies is worth in the shop's, such as `USD=0.92,JPY=0.0061`; "
        "price bounds then hold for products in these currencies, too",
    ),
)


@dataclass(frozen=True)
class ExchangeRates:
    """What one unit of each currency is worth, in the currency that most products have."""

    rates: Mapping[str, float] = field(default_factory=dict)

    def others(self, currency: str | None, shop: str | None) -> dict[str, float]:
        """Return other currency → how much of it one unit of `currency` is.

        `shop` is the currency that rates are in. Empty where there is no rate for `currency`.
        """
        if currency is None or shop is None:
            return {}
        worth = {**self.rates, shop: 1.0}
        if currency not in worth:
            return {}
        return {
            other: worth[currency] / value for other, value in worth.items() if other != currency
        }


def from_env(environment: Environment) -> ExchangeRates:
    """Read LOOKALIKE_EXCHANGE_RATES; raises InvalidSetting naming the bad part."""
    rates: dict[str, float] = {}
    for part in environment.names(RATES):
        code, equals, text = part.partition("=")
        if not equals:
            raise InvalidSetting(f"{RATES}: {part!r} is not CURRENCY=NUMBER, such as USD=0.92")
        try:
            currency = currency_code(code)
        except UnknownCurrency as error:
            raise InvalidSetting(f"{RATES}: {error}") from error
        if currency in rates:
            raise InvalidSetting(f"{RATES}: {currency} has two rates; leave one out")
        rates[currency] = _rate(part, text)
    return ExchangeRates(rates)


def _rate(part: str, text: str) -> float:
    try:
        rate = float(text)
    except ValueError as error:
        raise InvalidSetting(f"{RATES}: {part!r} is not CURRENCY=NUMBER, such as USD=0.92") from (
            error
        )
    if not math.isfinite(rate) or rate <= 0:
        raise InvalidSetting(f"{RATES}: {part!r}: a rate is a number above 0")
    return rate
