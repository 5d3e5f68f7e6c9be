"""Workers that examine the batches of a sweep: threads, or a process for every core.

Processes share neither Python's lock nor memory: each takes some seconds and 300 MB to start, which
a small catalogue is not worth.
"""

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from types import TracebackType
from typing import Protocol, Self, TypeAlias

from app.trust.examination.stored_pictures import StoredPicture
from app.trust.sweeping.checkpoint import PictureRecord
from core.retries import Backoff, RetryPolicy
from core.threads import use_single_thread

WORTH_PROCESSES = 400
"""Pictures from which processes finish earlier than threads, their start included."""


OUTAGE_S = 85.0
BACKOFF = Backoff(first_s=1, factor=4, longest_s=64, jitter=0)
"""A sweep waits 1, 4, 16 and 64 s for Elasticsearch, then ends; it can be resumed."""


def retry_policy(pause: Callable[[float], None] = time.sleep) -> RetryPolicy:
    """Return how a sweep waits, by `pause`, while Elasticsearch is away."""
    return RetryPolicy(OUTAGE_S, backoff=BACKOFF, pause=pause)


class BatchExaminer(Protocol):
    """Examines a batch (`stored_picture_examiner.StoredPictureExaminer`)."""

    def examine(self, batch: Sequence[StoredPicture]) -> list[PictureRecord]:
        """Return a record per picture, in order."""
        ...


WorkerFactory: TypeAlias = Callable[[], BatchExaminer]
"""Builds an examiner in a new process; must be picklable."""


class WorkerPool:
    """Examines batches, `size` at once. A context manager: leaving it ends the work."""

    def __init__(
        self,
        executor: Executor,
        examine: Callable[[Sequence[StoredPicture]], list[PictureRecord]],
        size: int,
    ) -> None:
        self.size = size
        self._executor = executor
        self._examine = examine

    def submit(self, batch: Sequence[StoredPicture]) -> Future[list[PictureRecord]]:
        """Examine a batch in a worker; the future gives a record per picture, or raises."""
        return self._executor.submit(self._examine, batch)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._executor.shutdown(wait=True, cancel_futures=True)


def thread_pool(
    examiner: BatchExaminer, size: int, pause: Callable[[float], None] = time.sleep
) -> WorkerPool:
    """Return a pool of threads, which wait by `pause` while Elasticsearch is away."""
    retries = retry_policy(pause)

    def examine(batch: Sequence[StoredPicture]) -> list[PictureRecord]:
        return retries.call(partial(examiner.examine, batch))

    return WorkerPool(ThreadPoolExecutor(size, "examine"), examine, size)


def process_pool(worker_factory: WorkerFactory, size: int) -> WorkerPool:
    """Return a pool of processes. They end with this one, however it ends."""
    # Spawned: the threads of OpenCV and LiteRT do not survive a fork.
    context = multiprocessing.get_context("spawn")
    return WorkerPool(ProcessPoolExecutor(size, context, _begin, (worker_factory,)), _examine, size)


_examiners: list[BatchExaminer] = []
"""The examiner of this process."""


def _begin(worker_factory: WorkerFactory) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal sends it to all; the sweep decides
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _examiners.append(worker_factory())
    use_single_thread()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _examine(batch: Sequence[StoredPicture]) -> list[PictureRecord]:
    return retry_policy().call(partial(_examiners[0].examine, batch))
