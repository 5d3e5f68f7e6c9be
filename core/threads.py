"""How many threads a process uses: several, or a single one where every core has a process.

OpenBLAS would start a thread per core in every process, and those wait by spinning: on two cores a
sweep went at 3 instead of 7.5 pictures a second.
"""

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import cv2
from threadpoolctl import threadpool_limits

T = TypeVar("T")
R = TypeVar("R")

_single: list[bool] = [False]
"""Whether this process uses a single thread; a list, so that functions can set it."""


def use_single_thread() -> None:
    """Use a single thread from now on, here, in OpenCV and in BLAS libraries loaded so far."""
    cv2.setNumThreads(1)
    threadpool_limits(1)
    _single[0] = True


def map_in_threads(work: Callable[[T], R], items: Iterable[T], workers: int) -> list[R]:
    """Return `work` of each item, in order, `workers` at a time; raises what it raises.

    After `use_single_thread` it runs in the calling thread.
    """
    if _single[0]:
        return [work(item) for item in items]
    with ThreadPoolExecutor(workers) as threads:
        return list(threads.map(work, items))


def thread_count(most: int) -> int:
    """Return how many threads a library should use here: the usable cores, at most `most`.

    After `use_single_thread` it is one.
    """
    return 1 if _single[0] else min(most, len(os.sched_getaffinity(0)))
