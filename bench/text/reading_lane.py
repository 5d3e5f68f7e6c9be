"""Reads pictures as a load does: in its own processes, and only those that may contain text."""

import threading
import time
from collections.abc import Mapping, Sequence
from functools import partial
from os import getpid, sched_getaffinity

import psutil

from bench.instruments.memory import MemoryWatch
from core.environment import Environment
from features import registry
from features.base import Json, Picture
from features.ocr.gate import may_contain_text
from indexer.loading.deferred_features import DeferredFeatureWorkers

FEATURE = "ocr"


class ReadingLane:
    """One engine in a process a core, warm from the start; `peak_mb` is known once it is closed.

    `peak_mb` is the most that the processes took together, beyond this one. `seconds` is how long
    the last reading took, and `core_seconds` how much time of cores.
    """

    def __init__(self, environment: Environment, warm_up: Picture) -> None:
        settings = {**environment.values, "LOOKALIKE_FEATURES": FEATURE}
        build = partial(registry.load, Environment(settings))
        workers = len(sched_getaffinity(0))
        self._memory = MemoryWatch(getpid())
        self._memory.__enter__()
        self._workers = DeferredFeatureWorkers(build, workers, 64)
        self.peak_mb = 0.0
        self.seconds = self.core_seconds = 0.0
        self.read([warm_up] * 2 * workers)

    def read(self, pictures: Sequence[Picture]) -> list[str]:
        """Return the text that is stored of each picture."""
        texts = [""] * len(pictures)
        done = threading.Semaphore(0)

        def keep(at: int, values: Mapping[str, Json] | None, _: str) -> None:
            texts[at] = ((values or {}).get(FEATURE) or {}).get("text", "")
            done.release()

        began, core_began = time.monotonic(), _core_seconds()
        for at, picture in enumerate(pictures):
            if may_contain_text(picture.pixels):
                self._workers.submit(picture, [FEATURE], partial(keep, at))
            else:
                done.release()
        for _ in pictures:
            done.acquire()
        self.seconds = time.monotonic() - began
        self.core_seconds = _core_seconds() - core_began
        return texts

    def close(self) -> None:
        """End the processes."""
        self._workers.close()
        self._memory.__exit__(None, None, None)
        children = [sample.tree_mb - sample.own_mb for sample in self._memory.samples]
        self.peak_mb = max(children, default=0.0)


def _core_seconds() -> float:
    """Return what this process's children, and those that they waited for, have used so far."""
    used = [child.cpu_times() for child in psutil.Process().children()]
    return sum(sum(times[:4]) for times in used)
