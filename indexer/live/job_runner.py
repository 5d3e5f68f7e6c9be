"""Works on requests in threads of this process, and takes up those that others left.

Between them, it looks for placeholders among the pictures that came.
"""

import logging
import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait

from core.errors import Busy, LookalikeError, NotFound
from core.retries import TRANSIENT
from indexer.ledger.errors import LedgerUnavailable
from indexer.ledger.ledger import Ledger
from indexer.live.change_request import ChangeRequest, ItemResult
from indexer.live.job_store import Job, JobStore
from indexer.live.live_catalogue import TOGETHER, LiveCatalogue
from indexer.live.new_placeholders import NewPlaceholders
from indexer.live.uploaded_pictures import PictureUploads
from indexer.writing.recorded_writer import RecordedWriter

WORKERS = 2
"""Requests worked on at once in a process: features use every core."""

MOST_WAITING = 64
"""Requests that may wait for a worker; a client is told to come back later."""

ROUND_S = 5.0
"""How soon the work of a process that died is taken up."""

HOUR_S = 3600.0

log = logging.getLogger(__name__)


class JobRunner:
    """Runs jobs. One per process; `start` also takes up what other processes left."""

    def __init__(
        self,
        store: JobStore,
        catalogue: LiveCatalogue,
        writer: RecordedWriter,
        ledger: Ledger,
        placeholders: NewPlaceholders,
    ) -> None:
        self._store = store
        self._catalogue = catalogue
        self._writer = writer
        self._ledger = ledger
        self._placeholders = placeholders
        self._stop = threading.Event()
        self._waiting = threading.BoundedSemaphore(MOST_WAITING)
        self._workers = ThreadPoolExecutor(WORKERS, "live")
        self._keeper: threading.Thread | None = None

    def start(self) -> None:
        """Take up work that was left, now and from time to time, in a thread of its own."""
        if self._keeper is None:
            self._keeper = threading.Thread(target=self._keep_up, name="live-jobs", daemon=True)
            self._keeper.start()

    def close(self) -> None:
        """End after the changes at work; what remains of the jobs is taken up later."""
        self._stop.set()
        self._workers.shutdown(wait=True, cancel_futures=True)
        if self._keeper is not None:
            self._keeper.join()

    def run(
        self,
        requests: Sequence[ChangeRequest | ItemResult],
        uploads: PictureUploads,
        arrival: int,
        *,
        is_waited: bool,
        patience_s: float,
    ) -> Job:
        """Work on a request for at most `patience_s`, and return the job as it is then.

        Raises Busy where too many requests wait, and what ended the work.
        """
        if not self._waiting.acquire(blocking=False):
            raise Busy("too many changes are waiting already: send this again in a second")
        try:
            key = self._store.create(requests, uploads, arrival, is_waited=is_waited)
            future = self._workers.submit(self._work, key, waits=True)
        except BaseException:
            self._waiting.release()
            raise
        future.add_done_callback(lambda _: self._waiting.release())
        wait([future], timeout=patience_s)
        job = self._store.read(key)
        if job.is_finished or _has_failed(future):
            # Its results go out with the answer, or the client learns that nothing is certain.
            self._store.delete(key)
            future.result()
        return job

    def _work(self, key: str, *, waits: bool) -> None:
        """Work on a job until it is finished; raises what makes going on impossible now.

        Whoever takes up what others left may have it first: then this `waits`, or raises Busy.
        """
        with self._store.lock(key, waits=waits):
            job = self._store.read(key)
            if job.is_finished:
                return
            uploads = self._store.uploads(key)
            for start in range(len(job.results), len(job.requests), TOGETHER):
                if self._stop.is_set():
                    return
                part = job.requests[start : start + TOGETHER]
                arrival = job.arrival + start
                results = self._apply(part, uploads, arrival, is_waited=job.is_waited)
                self._store.add_results(key, start, results)
            self._store.finish(key)

    def _apply(
        self,
        part: Sequence[ChangeRequest | ItemResult],
        uploads: PictureUploads,
        arrival: int,
        *,
        is_waited: bool,
    ) -> list[ItemResult]:
        changes = [
            (arrival + number, request)
            for number, request in enumerate(part)
            if isinstance(request, ChangeRequest)
        ]
        results = iter(self._catalogue.apply(changes, uploads, wait=is_waited))
        return [one if isinstance(one, ItemResult) else next(results) for one in part]

    def _keep_up(self) -> None:
        expires_at = 0.0
        while not self._stop.wait(ROUND_S):
            try:
                self._writer.finish_pending()
                for key in self._store.unfinished():
                    self._take_up(key)
                self._placeholders.mark()
                if time.monotonic() >= expires_at:
                    self._ledger.expire_tombstones()
                    self._store.expire()
                    expires_at = time.monotonic() + HOUR_S
            except LookalikeError as error:
                log.warning("changes that were left cannot be carried out yet: %s", error)

    def _take_up(self, key: str) -> None:
        try:
            self._work(key, waits=False)
        except (*TRANSIENT, LedgerUnavailable, NotFound):
            # A worker has it, or has just ended it, or Elasticsearch is away: the next round shows.
            return
        # What stops this job must not stop the others.
        except Exception as error:
            log.exception("a job was given up", exc_info=error)
            reason = str(error) if isinstance(error, LookalikeError) else type(error).__name__
            self._store.finish(key, reason)


def _has_failed(future: "Future[None]") -> bool:
    return future.done() and future.exception() is not None
