"""What a product costs now: its sale price while its sale lasts, else its price.

Both are stored, with the time span of the sale, so that a sale starts and ends without a load.
`mappings.search.sale_query` asks Elasticsearch the same.
"""

from collections.abc import Mapping
from datetime import UTC, datetime

from features.base import Json

PRICE = "price"
SALE_PRICE = "sale_price"
SALE_PERIOD = "sale_price_effective_date"


def is_on_sale(product: Mapping[str, Json], at: datetime) -> bool:
    """Say whether a product's sale lasts at a moment; one without a time span always does."""
    if product.get(SALE_PRICE) is None:
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
