"""Keeps the queries that many shoppers asked, to suggest them to others."""

import logging
from collections.abc import Callable

from core.errors import LookalikeError
from core.expiring import ExpiringValue
from features.base import Json
from mappings.events.popular_queries import popular_body, read_popular
from mappings.words.completion import CompletionIndex

MAX_AGE_S = 300.0

log = logging.getLogger(__name__)


class PopularQueries:
    """Reads the popular queries on first use and again once they are `max_age_s` old.

    `search` runs a request over the search log; None where searches are not recorded. Thread-safe.
    """

    def __init__(
        self,
        search: Callable[[Json], Json] | None,
        networks: int,
        max_age_s: float = MAX_AGE_S,
    ) -> None:
        self._search = search
        self._networks = networks
        self._value = ExpiringValue(self._read, max_age_s)

    def current(self) -> CompletionIndex:
        """Return the queries, the most popular first; none where the log cannot be read."""
        return self._value.current()

    def _read(self) -> CompletionIndex:
        if self._search is None:
            return CompletionIndex()
        try:
            answer = self._search(popular_body(self._networks))
        except LookalikeError as error:
            log.warning("no popular queries are suggested: %s", error)
            return CompletionIndex()
        return CompletionIndex.build(read_popular(answer, self._networks))
