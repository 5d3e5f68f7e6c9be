"""What the shop knows of the products that events name: category and price, read in batches."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from core.bounded_cache import BoundedCache
from features.base import Json
from mappings.catalogue.sale import PRICE, SALE_PERIOD, SALE_PRICE, current_price
from mappings.engine.gateway import Gateway
from mappings.words.lexicon import PATH_SEPARATOR

FIELDS = ("category", "currency", PRICE, SALE_PRICE, SALE_PERIOD)
PRODUCTS = 50_000
MAX_AGE_S = 300.0


@dataclass(frozen=True)
class ProductFacts:
    """`category` is the deepest of the product's; each is None where the feed says nothing."""

    category: str | None = None
    price: float | None = None
    currency: str | None = None


class ProductFactsReader:
    """Reads facts of products, and keeps them for five minutes. Thread-safe."""

    def __init__(self, read: Callable[[list[str]], Mapping[str, Json]]) -> None:
        """`read` returns id → stored product, without the unknown ones."""
        self._read = read
        self._cache: BoundedCache[str, ProductFacts | None] = BoundedCache(PRODUCTS, MAX_AGE_S)

    def read(self, ids: Iterable[str]) -> dict[str, ProductFacts | None]:
        """Return facts by id, None for an unknown product. Raises what Elasticsearch's do."""
        wanted = set(ids)
        facts = self._cache.find(wanted)
        if missing := sorted(wanted - facts.keys()):
            found = self._read(missing)
            new = {key: _facts(found[key]) if key in found else None for key in missing}
            self._cache.store(new)
            facts |= new
        return facts


def product_reader(gateway: Gateway, alias: str) -> ProductFactsReader:
    """Return a reader of the products behind an alias."""

    def read(ids: list[str]) -> dict[str, Json]:
        stored = gateway.documents(alias).get_many(ids, FIELDS)
        return {key: document.source for key, document in stored.items()}

    return ProductFactsReader(read)


def _facts(product: Mapping[str, Json]) -> ProductFacts:
    paths = [str(path) for path in product.get("category") or ()]
    deepest = max(paths, key=lambda path: path.count(PATH_SEPARATOR), default=None)
    return ProductFacts(deepest, current_price(product, datetime.now(UTC)), product.get("currency"))
