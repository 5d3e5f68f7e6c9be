"""How many threads work in a process: as many as asked for, or one where every core has a process.

OpenBLAS would start a thread per core in every process, and those wait by spinning: on two cores a
sweep went at 3 instead of 7.5 pictures a second.
"""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import cv2
from threadpoolctl import threadpool_limits

T = TypeVar("T")
R = TypeVar("R")

_single: list[bool] = [False]
"""Whether this process stays single."""


def use_single_thread() -> None:
    """Use one thread from now on, here, in OpenCV, and where matrices are multiplied.

    It counts for libraries that are loaded by now.
    """
    cv2.setNumThreads(1)
    threadpool_limits(1)
    _single[0] = True


def map_in_threads(work: Callable[[T], R], items: Iterable[T], workers: int) -> list[R]:
    """Return what `work` gives for each item, in order, `workers` at a time; raises what it does.

    In this thread alone where the process stays single.
    """
    if _single[0]:
        return [work(one) for one in items]
    with ThreadPoolExecutor(workers) as threads:
        return list(threads.map(work, items))
