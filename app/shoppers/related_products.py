"""What shoppers also looked at, and what they often bought with a product, from their events."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from core.bounded_cache import BoundedCache
from core.errors import IndexMissing, LookalikeError
from features.base import Json
from mappings.events.co_occurrence import (
    BOUGHT,
    VIEWED,
    RelatedProduct,
    companions_body,
    read_sessions,
    read_total,
    read_visits,
    related_products,
    sessions_body,
    totals_body,
)

PRODUCTS = 5_000
MAX_AGE_S = 600.0
MOST = 24
"""Related products of each kind that are kept."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Related:
    """The related products of a product, the surest first; nothing where too few visits say so."""

    also_viewed: tuple[RelatedProduct, ...] = ()
    bought_with: tuple[RelatedProduct, ...] = ()


class RelatedProducts:
    """Finds related products, and keeps what it found for ten minutes. Thread-safe."""

    def __init__(self, search: Callable[[Json], Json] | None, max_age_s: float = MAX_AGE_S) -> None:
        """`search` runs a body over the events; None where those are not recorded."""
        self._search = search
        self._cache: BoundedCache[str, Related] = BoundedCache(PRODUCTS, max_age_s)

    def find(self, key: str) -> Related:
        """Return the related products of a product; none where the events cannot be read."""
        if self._search is None:
            return Related()
        if found := self._cache.get(key):
            return found
        try:
            related = Related(
                self._related(self._search, key, VIEWED), self._related(self._search, key, BOUGHT)
            )
        except IndexMissing:  # nobody has done anything yet
            return Related()
        except LookalikeError as error:
            log.warning("no related products are shown: %s", error)
            return Related()
        self._cache.store({key: related})
        return related

    def _related(
        self, search: Callable[[Json], Json], key: str, actions: Sequence[str]
    ) -> tuple[RelatedProduct, ...]:
        sessions = read_sessions(search(sessions_body(key, actions)))
        if not sessions:
            return ()
        together = read_visits(search(companions_body(key, actions, sessions)))
        if not together:
            return ()
        totals = search(totals_body(actions, sorted(together)))
        products = related_products(
            len(sessions), together, read_visits(totals), read_total(totals)
        )
        return tuple(products[:MOST])
