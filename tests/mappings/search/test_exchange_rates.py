"""Exchange rates: read once at the start, and what a bound is in other currencies."""

import pytest

from core.environment import Environment
from core.errors import InvalidSetting
from mappings.search.exchange_rates import ExchangeRates, from_env
from mappings.search.filters import Filters
from mappings.search.sale_query import price_within

RATES = ExchangeRates({"USD": 0.5, "JPY": 0.01})


def test_rates_are_read_from_the_environment() -> None:
    environment = Environment({"LOOKALIKE_EXCHANGE_RATES": "USD=0.92, jpy=0.0061"})
    assert from_env(environment).rates == {"USD": 0.92, "JPY": 0.0061}
    assert from_env(Environment({})).rates == {}


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ("USD:0.92", "'USD:0.92' is not CURRENCY=NUMBER"),
        ("USD=cheap", "'USD=cheap' is not CURRENCY=NUMBER"),
        ("USD=0", "a rate is a number above 0"),
        ("USD=-1", "a rate is a number above 0"),
        ("USD=inf", "a rate is a number above 0"),
        ("USD=nan", "a rate is a number above 0"),
        ("XXQ=2", "'XXQ' is no currency of ISO 4217"),
        ("USD=1,usd=2", "USD has two rates"),
    ],
)
def test_broken_rate_is_named_at_the_start(value: str, problem: str) -> None:
    with pytest.raises(InvalidSetting, match=f"LOOKALIKE_EXCHANGE_RATES: .*{problem}"):
        from_env(Environment({"LOOKALIKE_EXCHANGE_RATES": value}))


@pytest.mark.parametrize(
    ("currency", "expected"),
    [
        ("EUR", {"USD": 2.0, "JPY": 100.0}),
        ("USD", {"EUR": 0.5, "JPY": 50.0}),
        # Without a rate there is nothing to compare with.
        ("CHF", {}),
        (None, {}),
    ],
)
def test_unit_of_a_currency_in_the_others(currency: str | None, expected: dict[str, float]) -> None:
    assert RATES.others(currency, "EUR") == pytest.approx(expected)


def test_bound_is_one_range_clause_a_currency() -> None:
    filters = Filters(price_min=10, currency="EUR", exchange={"JPY": 160.0})
    assert filters.clauses() == [
        {
            "bool": {
                "should": [
                    {
                        "bool": {
                            "filter": [
                                {"term": {"currency": code}},
                                price_within({"gte": bound}),
                            ]
                        }
                    }
                    for code, bound in (("EUR", 10.0), ("JPY", 1600.0))
                ]
            }
        }
    ]
