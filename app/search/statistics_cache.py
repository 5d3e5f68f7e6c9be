"""Keeps the planner's picture of the index fresh without delaying a search."""

import logging
import threading
import time
from collections.abc import Callable

from core.errors import LookalikeError
from mappings.catalogue.catalogue import Catalogue
from mappings.planning.statistics import IndexStatistics, read_statistics, statistics_body

log = logging.getLogger(__name__)


class StatisticsCache:
    """Counts the index on first use and again, in the background, once it is `max_age_s` old.

    Every count also checks that the index holds the features' versions and models we have.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        max_age_s: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._catalogue = catalogue
        self._max_age_s = max_age_s
        self._clock = clock
        self._lock = threading.Lock()
        self._census: IndexStatistics | None = None
        self._counted_at = 0.0
        self._counting = False

    def current(self) -> IndexStatistics:
        """Return the latest census; only the first call, or one after a failure, waits for it.

        Raises ModelMismatch, IndexMissing or EngineUnavailable.
        """
        census = self._census
        if census is None:
            with self._lock:
                return self._census or self._count()
        if self._clock() - self._counted_at > self._max_age_s and not self._counting:
            self._counting = True
            threading.Thread(target=self._recount, daemon=True, name="census").start()
        return census

    def _count(self) -> IndexStatistics:
        self._catalogue.check_features()
        counted = self._catalogue.search(statistics_body())
        census = read_statistics(counted, self._catalogue.recall_table())
        self._census, self._counted_at = census, self._clock()
        return census

    def _recount(self) -> None:
        try:
            self._count()
        except LookalikeError as error:
            # The next search waits for a count of its own and tells its caller what is wrong.
            self._census = None
            log.warning("census failed: %s", error)
        finally:
            self._counting = False
