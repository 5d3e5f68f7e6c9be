"""What a product costs now: its sale price while its sale lasts, else its price.

Both are stored, with the time span of the sale, so that a sale starts and ends without a load. A
sale price that lowers nothing is no sale: prices change one by one, in any order, and the price may
fall below that of a sale. `mappings.search.sale_query` asks Elasticsearch the same.
"""

from collections.abc import Mapping
from datetime import UTC, datetime

from features.base import Json

PRICE = "price"
SALE_PRICE = "sale_price"
SALE_PERIOD = "sale_price_effective_date"

IDLE_SALE = "idle_sale"
"""Field that is true where the sale price is not below the price; absent everywhere else."""


def is_idle(product: Mapping[str, Json]) -> bool:
    """Say whether a product has a sale price that does not lower its price."""
    price, sale = product.get(PRICE), product.get(SALE_PRICE)
    return price is not None and sale is not None and float(sale) >= float(price)


def sale_fields(product: Mapping[str, Json]) -> dict[str, Json]:
    """Return the field that is stored of a product whose sale is idle, {} for any other."""
    return {IDLE_SALE: True} if is_idle(product) else {}


def is_on_sale(product: Mapping[str, Json], at: datetime) -> bool:
    """Say whether a product's sale lasts at a moment; one without a time span always does."""
    if product.get(SALE_PRICE) is None or is_idle(product):
        return False
    period = product.get(SALE_PERIOD) or {}
    first, last = (period.get(bound) for bound in ("gte", "lte"))
    return not (first and at < _moment(first)) and not (last and at > _moment(last))


def current_price(product: Mapping[str, Json], at: datetime) -> float | None:
    """Return what a product costs at a moment, None where nobody said."""
    price = product.get(SALE_PRICE if is_on_sale(product, at) else PRICE)
    return None if price is None else float(price)


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    # Elasticsearch takes a moment without a zone for UTC.
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
