"""Caches the index statistics that searches are planned with, refreshed in the background."""

import logging
import threading
import time
from collections.abc import Callable

from core.errors import LookalikeError
from mappings.catalogue.catalogue import Catalogue
from mappings.planning.statistics import IndexStatistics, read_statistics, statistics_body

log = logging.getLogger(__name__)


class StatisticsCache:
    """Reads the statistics on first use, and again in the background once they are `max_age_s` old.

    Every reading also checks that the index holds our features' versions and models.
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
        self._statistics: IndexStatistics | None = None
        self._read_at = 0.0
        self._is_reading = False

    def current(self) -> IndexStatistics:
        """Return the latest statistics; only the first call, or the one after a failure, waits.

        Raises ModelMismatch, IndexMissing or EngineUnavailable.
        """
        statistics = self._statistics
        if statistics is None:
            with self._lock:
                return self._statistics or self._read()
        if self._clock() - self._read_at > self._max_age_s and not self._is_reading:
            self._is_reading = True
            threading.Thread(target=self._refresh, daemon=True, name="statistics").start()
        return statistics

    def _read(self) -> IndexStatistics:
        self._catalogue.check_features()
        answer = self._catalogue.search(statistics_body(self._catalogue.fields))
        statistics = read_statistics(answer, self._catalogue.recall_table())
        self._statistics, self._read_at = statistics, self._clock()
        return statistics

    def _refresh(self) -> None:
        try:
            self._read()
        except LookalikeError as error:
            # The next search reads them itself and reports what is wrong.
            self._statistics = None
            log.warning("reading the index statistics failed: %s", error)
        finally:
            self._is_reading = False
