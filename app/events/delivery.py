"""Delivers what waits in a spool: again and again, and more and more rarely while nobody takes it.

Whose thread this runs on, and what wakes it, is the caller's to say.
"""

import logging
from collections.abc import Callable, Sequence

from app.events.spool import Spool

log = logging.getLogger(__name__)


class Delivery:
    """Tries one spool's delivery. Complains once when it begins to fail. For one thread.

    `what` names the lines in the log. Raising `away` is how `receive` says that nobody takes them
    now; anything else it raises is a fault of ours, logged with its traceback. Waits double from
    `first_wait_s` to `longest_wait_s`.
    """

    def __init__(
        self,
        spool: Spool,
        receive: Callable[[Sequence[bytes]], None],
        *,
        what: str,
        away: type[Exception],
        first_wait_s: float,
        longest_wait_s: float,
    ) -> None:
        self._spool = spool
        self._receive = receive
        self._what = what
        self._away = away
        self._first_wait_s = first_wait_s
        self._longest_wait_s = longest_wait_s
        self._wait_s = 0.0

    def attempt(self) -> float:
        """Deliver what waits; return the seconds to wait before the next try, 0 if all went."""
        try:
            self._spool.deliver(self._receive)
        except Exception as error:
            if not self._wait_s:
                self._complain(error)
            self._wait_s = min(self._longest_wait_s, max(self._first_wait_s, 2 * self._wait_s))
        else:
            if self._wait_s:
                log.info("%s are delivered again", self._what)
            self._wait_s = 0.0
        return self._wait_s

    def _complain(self, error: Exception) -> None:
        if isinstance(error, self._away):
            log.warning("%s wait in %s: %s", self._what, self._spool.folder, error)
        else:
            log.error("%s wait in %s", self._what, self._spool.folder, exc_info=error)
