"""Writes batches in threads of their own while the next are compared."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Self


class WriteLane:
    """At most twice as many writes wait or run as there are `writers`; none means at once.

    A context manager: leaving it waits for them, and raises the first error. After an error the
    others are dropped.
    """

    def __init__(self, writers: int) -> None:
        self._pool = ThreadPoolExecutor(writers, "sync-write") if writers else None
        self._places = threading.BoundedSemaphore(max(1, 2 * writers))
        self._failure: BaseException | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=True)
        if error is None:
            self._raise()

    def put(self, write: Callable[[], None]) -> None:
        """Carry out a write; blocks while many wait. Raises the error of an earlier one."""
        if self._pool is None:
            write()
            return
        self._raise()
        self._places.acquire()
        self._pool.submit(self._run, write)

    def _run(self, write: Callable[[], None]) -> None:
        try:
            if self._failure is None:
                write()
        # Nobody reads this thread's result: what stops it must stop the run.
        except BaseException as error:
            self._failure = self._failure or error
        finally:
            self._places.release()

    def _raise(self) -> None:
        if self._failure is not None:
            raise self._failure
