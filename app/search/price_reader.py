"""The price in a search: its bounds and their currency."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from app.search.word_reader import WordReader
from mappings.catalogue.catalogue import Catalogue
from mappings.catalogue.sale import current_price
from mappings.search.exchange_rates import ExchangeRates
from mappings.search.filters import Filters
from mappings.words.reading import Reading

CHEAPER = 0.999
"""Share of a product's price that a cheaper one costs at most."""


class PriceReader:
    """Completes the filters of searches by their price and its currency. Thread-safe."""

    def __init__(self, catalogue: Catalogue, words: WordReader, rates: ExchangeRates) -> None:
        self._catalogue = catalogue
        self._words = words
        self._rates = rates

    def filters(
        self,
        filters: Filters,
        reading: Reading,
        product_ids: Sequence[str],
        currency: str | None,
    ) -> Filters:
        """Return filters with bounds on the price, in one currency.

        That is the one asked for (`currency`), else the shop's; a price among the words may name
        another. Bounds of the filters come before those of the words. "Cheaper" compares with the
        first of `product_ids`, in its currency. With exchange rates, products in other currencies
        are compared as well.
        """
        shop = self._words.vocabulary().currency
        filters = replace(filters, currency=currency or shop)
        price = reading.price
        if price is not None and filters.price_min is None and filters.price_max is None:
            if price.is_relative:
                filters = self._cheaper(filters, product_ids)
            else:
                filters = replace(
                    filters,
                    price_min=price.low,
                    price_max=price.high,
                    currency=price.currency or filters.currency,
                )
        return replace(filters, exchange=self._rates.others(filters.currency, shop))

    def _cheaper(self, filters: Filters, product_ids: Sequence[str]) -> Filters:
        """Return filters for what costs less than a product; the same where it has no price."""
        for key in product_ids[:1]:
            product = self._catalogue.product(key)
            if (price := current_price(product, datetime.now(UTC))) is not None:
                currency = product.get("currency") or filters.currency
                return replace(filters, price_max=CHEAPER * price, currency=currency)
        return filters
