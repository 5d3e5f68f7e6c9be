"""Send searches at a steady rate over HTTP (an open loop), and time each from when it was due.

Times start when a search is due, not when a connection is free for it, so a server that stalls is
charged for everything that waited meanwhile.
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
    """One search: when it was due (monotonic clock), how long it took, and the model that answered.

    `problem` is '' for a response of status 200.
    """

    due: float
    ms: float
    model: str
    problem: str


class SteadyLoad:
    """Sends the requests in turn, `per_second` a second, until stopped."""

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
        """Return the responses so far, in the order they came."""
        with self._lock:
            return list(self._asked)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Send requests while the block runs, then wait for those still unanswered."""
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
        # One connection per request: the server may close an idle one just as it is reused, and
        # that failure would say nothing about the search.
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
