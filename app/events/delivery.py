"""Delivers the lines of a spool, with growing pauses while the receiver is unavailable.

The caller decides which thread this runs on and label wakes it.
"""

import logging
from collections.abc import Callable, Sequence

from app.events.spool import Spool

log = logging.getLogger(__name__)


class Delivery:
    """Delivers one spool, and logs once when that begins to fail. For one thread.

    `label` names the lines in the log. `receive` raises `unavailable` when nobody can take them
    now; any other exception is a defect, logged with its traceback. Waits double from
    `first_wait_s` to `longest_wait_s`.
    """

    def __init__(
        self,
        spool: Spool,
        receive: Callable[[Sequence[bytes]], None],
        *,
        label: str,
        unavailable: type[Exception],
        first_wait_s: float,
        longest_wait_s: float,
    ) -> None:
        self._spool = spool
        self._receive = receive
        self._label = label
        self._unavailable = unavailable
        self._first_wait_s = first_wait_s
        self._longest_wait_s = longest_wait_s
        self._wait_s = 0.0

    def attempt(self) -> float:
        """Deliver all lines; return the seconds to wait before the next try, 0 after success."""
        try:
            self._spool.deliver(self._receive)
        except Exception as error:
            if not self._wait_s:
                self._log_failure(error)
            self._wait_s = min(self._longest_wait_s, max(self._first_wait_s, 2 * self._wait_s))
        else:
            if self._wait_s:
                log.info("%s are delivered again", self._label)
            self._wait_s = 0.0
        return self._wait_s

    def _log_failure(self, error: Exception) -> None:
        if isinstance(error, self._unavailable):
            log.warning("%s wait in %s: %s", self._label, self._spool.folder, error)
        else:
            log.error("%s wait in %s", self._label, self._spool.folder, exc_info=error)
