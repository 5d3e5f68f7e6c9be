"""Follows a source until stopped.

A source that cannot be read is asked again at growing intervals, and its return is said.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from core.progress import Say
from core.retries import Backoff
from indexer.errors import FeedUnreadable
from indexer.sync.errors import RemovalRefused
from indexer.sync.source_watch import SourceWatch
from indexer.sync.sync_report import SyncReport


@dataclass
class SourceFollower:
    """Looks at a source every `every_s` seconds until `stop` is set.

    `report` takes the outcome of each look that changed or set aside something.
    """

    watch: SourceWatch
    every_s: float
    stop: threading.Event
    say: Say
    report: Callable[[SyncReport], None]
    backoff: Backoff = field(default_factory=lambda: Backoff(1, 2, 60))

    def run(self) -> None:
        """Follow until stopped."""
        failures = 0
        while not self.stop.is_set():
            problem = self._look()
            if problem:
                failures += 1
                if failures == 1:
                    self.say(f"{problem}; asking again until it answers")
            elif failures:
                failures = 0
                self.say("the source answers again")
            self.stop.wait(self.backoff.wait_s(failures) if failures else self.every_s)

    def _look(self) -> str:
        """Look once; return why the source could not be read, or ''."""
        try:
            outcome = self.watch.look()
        except RemovalRefused as error:
            # All else is applied; the next look would say the same.
            self.say(str(error))
            return ""
        except FeedUnreadable as error:
            return str(error)
        if outcome is None:
            return ""
        if not outcome.complete and not outcome.interrupted:
            return "; ".join(outcome.notes)
        if outcome.changes or outcome.rejected or outcome.notes:
            self.report(outcome)
        return ""
