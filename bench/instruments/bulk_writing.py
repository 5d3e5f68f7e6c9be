"""Write many documents at once, as a large load does."""

import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor

from bench.report import log_progress

WRITERS = 3
TOLD_EVERY = 25
"""Batches between two lines of progress."""

WriteBatch = Callable[[int, int], Mapping[str, str]]
"""Writes the documents from one number to below another; returns id → reason for those refused."""


def write_in_batches(write: WriteBatch, total: int, at_once: int, writers: int = WRITERS) -> None:
    """Write `total` documents in threads, `at_once` a batch; log how far it is.

    Raises RuntimeError if any is refused.
    """
    began = time.perf_counter()

    def write_from(start: int) -> Mapping[str, str]:
        return write(start, min(start + at_once, total))

    with ThreadPoolExecutor(writers) as threads:
        batches = threads.map(write_from, range(0, total, at_once))
        for number, refused in enumerate(batches, start=1):
            if refused:
                raise RuntimeError(f"refused: {next(iter(refused.items()))}")
            if number % TOLD_EVERY == 0:
                rate = number * at_once / (time.perf_counter() - began)
                log_progress(f"{number * at_once} of {total} written, {rate:.0f} a second")
