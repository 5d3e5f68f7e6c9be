"""Searches at a steady rate over HTTP, whatever becomes of them: when each was due and answered.

Times count from when a search was due, not from when a connection was free for it: a server that
stalls is charged with everything that waited meanwhile.
"""

import json
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPException

from bench.instruments.web_server import RunningServer, UploadClient
from bench.report import log_progress
from core.errors import EngineUnavailable

AT_ONCE = 16
SAID_EVERY_S = 10.0

SendRequest = Callable[[UploadClient], bytes]


@dataclass(frozen=True)
class TimedResponse:
    """One search: when it was due (monotonic), how long it took, and what answered it.

    `problem` is '' for an answer of status 200, `model` the model that it names.
    """

    due: float
    ms: float
    model: str
    problem: str


class SteadyLoad:
    """Asks `per_second` times a second until stopped, by turns what is in `asks`."""

    def __init__(self, site: RunningServer, asks: Sequence[SendRequest], per_second: float) -> None:
        self._site = site
        self._asks = asks
        self._pause = 1 / per_second
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._due = 0
        self._asked: list[TimedResponse] = []

    @property
    def responses(self) -> list[TimedResponse]:
        """All that was asked so far, in the order it was answered."""
        with self._lock:
            return list(self._asked)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Ask while the block runs, then wait for what was due by then to be answered."""
        thread = threading.Thread(target=self._run, name="steady")
        thread.start()
        try:
            yield
        finally:
            self._stop.set()
            while thread.is_alive():
                thread.join(SAID_EVERY_S)
                if waiting := self._due - len(self.responses):
                    log_progress(f"{waiting} searches are still to be answered")

    def _run(self) -> None:
        due = time.monotonic()
        with ThreadPoolExecutor(AT_ONCE) as threads:
            while not self._stop.wait(max(0.0, due - time.monotonic())):
                threads.submit(self._ask, due, self._asks[self._due % len(self._asks)])
                self._due += 1
                due += self._pause

    def _ask(self, due: float, ask: SendRequest) -> None:
        model, problem = "", ""
        # A connection each: one kept open may be closed by the server just as it is used again,
        # and that failure would say nothing of the search.
        client = UploadClient(self._site)
        try:
            model = str(json.loads(ask(client))["model"])
        except (EngineUnavailable, HTTPException, OSError, ValueError, KeyError) as error:
            problem = f"{type(error).__name__}: {error}"
        finally:
            client.close()
        took = 1000 * (time.monotonic() - due)
        with self._lock:
            self._asked.append(TimedResponse(due, took, model, problem))
