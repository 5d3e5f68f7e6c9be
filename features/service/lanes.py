"""Carries out calls of features: real-time ones first, pictures of several calls together.

Each feature has a thread, so that a slow one (OCR) keeps none of the others waiting. A thread takes
up all real-time calls that wait for its feature at once. Batch calls are cut into steps of a few
milliseconds, and a step begins only while no real-time call waits or runs, whichever its feature:
a real-time call waits for one step at most.
"""

import threading
import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from core.errors import Busy
from features.base import Feature, Json, Picture
from features.remote.messages import ExtractionCall, Lane

MICRO_BATCH = 32
"""Pictures of real-time calls that are extracted together."""

LONGEST_STEP = 256
"""Pictures in a step of batch work, however quick they are."""

LEARNING_SHARE = 0.3
"""Weight of the last step in what a picture is expected to take."""


class _Work:
    """A call on its way: its values arrive picture by picture."""

    def __init__(self, call: ExtractionCall) -> None:
        self.call = call
        self.values: list[Json] = []
        self.taken = 0
        self.failure: Exception | None = None
        self.done = threading.Event()

    @property
    def kind(self) -> tuple[str, bool]:
        """Calls of one kind can be carried out together."""
        return self.call.method, self.call.accurate

    @property
    def is_taken(self) -> bool:
        return self.taken == len(self.call.pictures)

    def take(self, count: int) -> Sequence[Picture]:
        pictures = self.call.pictures[self.taken : self.taken + count]
        self.taken += len(pictures)
        return pictures


@dataclass
class _Queue:
    """What waits for one feature, and what a picture takes it, in milliseconds, by kind."""

    waiting: Mapping[Lane, deque[_Work]] = field(
        default_factory=lambda: {lane: deque() for lane in Lane}
    )
    cost_ms: dict[tuple[str, bool], float] = field(default_factory=dict)


class LaneScheduler:
    """The threads and queues of the features. Thread-safe; `close` ends the threads."""

    def __init__(
        self, features: Mapping[str, Feature], places: Mapping[Lane, int], step_ms: float
    ) -> None:
        """`places` is how many calls each lane holds, waiting ones and those at work."""
        self._features = features
        self._places = places
        self._step_ms = step_ms
        self._held = dict.fromkeys(Lane, 0)
        self._urgent = 0
        self._closed = False
        self._change = threading.Condition()
        self._queues = {name: _Queue() for name in features}
        self._threads = [
            threading.Thread(target=self._serve, args=(name,), name=f"feature-{name}", daemon=True)
            for name in features
        ]
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        """End after the steps at work; what waits is refused."""
        with self._change:
            self._closed = True
            for queue in self._queues.values():
                for lane in Lane:
                    self._refuse(queue.waiting[lane])
            self._change.notify_all()
        for thread in self._threads:
            thread.join()

    @contextmanager
    def place(self, lane: Lane) -> Iterator[None]:
        """Hold a place in a lane, from before its pictures are read; raises Busy without one."""
        with self._change:
            if self._held[lane] >= self._places[lane]:
                raise Busy(f"{self._held[lane]} {lane} calls are waiting or at work already")
            self._held[lane] += 1
        try:
            yield
        finally:
            with self._change:
                self._held[lane] -= 1

    def count_held(self, lane: Lane) -> int:
        """Return how many calls a lane holds now."""
        return self._held[lane]

    def run(self, lane: Lane, call: ExtractionCall) -> list[Json]:
        """Return the call's values once it was its turn; raises what the feature raises."""
        work = _Work(call)
        with self._change:
            if self._closed:
                raise Busy("the service is being stopped")
            self._queues[call.feature].waiting[lane].append(work)
            if lane is Lane.REALTIME:
                self._urgent += 1
            self._change.notify_all()
        try:
            work.done.wait()
        finally:
            if lane is Lane.REALTIME:
                with self._change:
                    self._urgent -= 1
                    self._change.notify_all()
        if work.failure is not None:
            raise work.failure
        return work.values

    def _serve(self, name: str) -> None:
        queue, feature = self._queues[name], self._features[name]
        while True:
            with self._change:
                while not (step := self._next_step(queue)) and not self._closed:
                    self._change.wait()
            if not step:
                return
            _carry_out(feature, queue, step)

    def _next_step(self, queue: _Queue) -> list[tuple[_Work, Sequence[Picture]]]:
        """Take the pictures of a feature's next step; [] where nothing may begin now."""
        if queue.waiting[Lane.REALTIME]:
            return _take(queue.waiting[Lane.REALTIME], MICRO_BATCH)
        waiting = queue.waiting[Lane.BATCH]
        if not waiting or self._urgent:
            return []
        # Of an unknown cost one picture is risked.
        cost_ms = queue.cost_ms.get(waiting[0].kind, self._step_ms)
        return _take(waiting, int(min(max(1.0, self._step_ms / cost_ms), LONGEST_STEP)))

    @staticmethod
    def _refuse(waiting: deque[_Work]) -> None:
        while waiting:
            work = waiting.popleft()
            work.failure = Busy("the service is being stopped")
            work.done.set()


def _take(waiting: deque[_Work], count: int) -> list[tuple[_Work, Sequence[Picture]]]:
    """Take up to `count` pictures of calls of one kind off a queue, first come, first served."""
    kind = waiting[0].kind
    step = []
    while waiting and waiting[0].kind == kind and count > 0:
        pictures = waiting[0].take(count)
        count -= len(pictures)
        step.append((waiting[0], pictures))
        if waiting[0].is_taken:
            waiting.popleft()
    return step


def _carry_out(
    feature: Feature, queue: _Queue, step: list[tuple[_Work, Sequence[Picture]]]
) -> None:
    """Extract a step; if that fails, each call's part, so that the others do not suffer."""
    kind = step[0][0].kind
    pictures = [picture for _, part in step for picture in part]
    began = time.perf_counter()
    try:
        values = iter(_apply(feature, kind, pictures))
        for work, part in step:
            work.values += [next(values) for _ in part]
    # Whatever a feature stumbles over is the caller's, who gets it.
    except Exception as error:
        if len(step) > 1:
            for work, part in step:
                _carry_out(feature, queue, [(work, part)])
            return
        _fail(step[0][0], queue, error)
        return
    spent_ms = 1000 * (time.perf_counter() - began) / len(pictures)
    before = queue.cost_ms.get(kind, spent_ms)
    queue.cost_ms[kind] = max(0.001, before + LEARNING_SHARE * (spent_ms - before))
    for work, _ in step:
        if len(work.values) == len(work.call.pictures):
            work.done.set()


def _fail(work: _Work, queue: _Queue, error: Exception) -> None:
    work.failure = error
    # Its other pictures need not be extracted any more.
    for lane in Lane:
        if work in queue.waiting[lane]:
            queue.waiting[lane].remove(work)
    work.done.set()


def _apply(feature: Any, kind: tuple[str, bool], pictures: Sequence[Picture]) -> list[Json]:
    method, accurate = kind
    if method == "read_text":
        return [feature.read_text(picture) for picture in pictures]
    if method == "extract_photo":
        return list(feature.extract_photo(pictures, accurate=accurate))
    return list(getattr(feature, method)(pictures))
