"""Extracts deferred features in processes of their own, each fed by one thread.

A process that dies or hangs costs the picture it was at, and a new one takes its place.
"""

import multiprocessing
import os
import queue
import signal
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import Connection
from typing import Any

from core.errors import LookalikeError
from core.retries import RetryPolicy
from core.threads import use_single_thread
from features.base import Feature, Json, Picture

TIMEOUT_S = 120.0
"""A picture takes 0.1 to 2 s; an extraction that takes this long has hung."""

TRIES = 2

NICENESS = 5
"""Reading takes seconds of a core, and searches must not wait for it."""

OnExtracted = Callable[[Mapping[str, Json] | None, str], None]
"""Called with the values by feature, or with None and the reason."""


@dataclass(frozen=True)
class _Task:
    picture: Picture
    names: Sequence[str]
    on_extracted: OnExtracted


class DeferredFeatureWorkers:
    """A pool for the deferred features that `build` returns; `build` must be picklable.

    At most `backlog` pictures wait: `submit` then blocks, which slows a feed down that has more
    text than the workers can read.
    """

    def __init__(
        self,
        build: Callable[[], Mapping[str, Feature]],
        workers: int,
        backlog: int,
        retry_policy: RetryPolicy | None = None,
        on_outage: Callable[[LookalikeError], None] | None = None,
    ) -> None:
        """With a `retry_policy`, a feature service that is away is waited for.

        `on_outage` gets the error once that took too long.
        """
        self._build = build
        self._retry_policy = retry_policy or RetryPolicy(0)
        self._on_outage = on_outage
        self._tasks: queue.Queue[_Task | None] = queue.Queue(backlog)
        self._threads = [
            threading.Thread(target=self._work, name=f"deferred-{n}", daemon=True)
            for n in range(workers)
        ]
        for thread in self._threads:
            thread.start()

    def submit(self, picture: Picture, names: Sequence[str], on_extracted: OnExtracted) -> None:
        """Queue the named features of a picture; `on_extracted` is called in another thread."""
        self._tasks.put(_Task(picture, names, on_extracted))

    def close(self, *, drop: bool = False) -> None:
        """End the workers once everything submitted is extracted; with `drop`, without waiting."""
        while drop:
            try:
                self._tasks.get_nowait()
            except queue.Empty:
                break
        for _ in self._threads:
            self._tasks.put(None)
        for thread in self._threads:
            thread.join()

    def _work(self) -> None:
        child: _Child | None = None
        while (task := self._tasks.get()) is not None:
            reason = ""
            values: Mapping[str, Json] | None = None
            for _ in range(TRIES):
                child = child or _Child(self._build)
                extract = partial(child.extract, task.picture, task.names)
                try:
                    values, reason = self._retry_policy.call(extract)
                    break
                except LookalikeError as error:
                    reason = str(error)
                    if self._on_outage is not None:
                        self._on_outage(error)
                    break
                except TimeoutError:
                    child.kill()
                    child, reason = None, f"it took more than {TIMEOUT_S:g} s"
                    break
                except (EOFError, OSError):
                    child.kill()
                    child, reason = None, f"its process died {TRIES} times"
            task.on_extracted(values, reason)
        if child is not None:
            child.kill()


class _Child:
    """One process and the pipe to it."""

    def __init__(self, build: Callable[[], Mapping[str, Feature]]) -> None:
        # Not forked: the parent runs threads, and holds sockets a child must not keep open.
        context = multiprocessing.get_context("spawn")
        self._pipe, far = context.Pipe()
        self._process = context.Process(target=_serve, args=(far, build), daemon=True)
        self._process.start()
        far.close()

    def extract(
        self, picture: Picture, names: Sequence[str]
    ) -> tuple[Mapping[str, Json] | None, str]:
        """Return the values by feature, or None and the reason.

        Raises EOFError when the process dies, and the error of a feature service that is away.
        """
        self._pipe.send((picture, names))
        if not self._pipe.poll(TIMEOUT_S):
            raise TimeoutError
        values, reason = self._pipe.recv()
        if isinstance(reason, LookalikeError):
            raise reason
        return values, reason

    def kill(self) -> None:
        """End the process."""
        self._pipe.close()
        self._process.kill()
        self._process.join()
        self._process.close()


def _serve(pipe: "Connection[Any, Any]", build: Callable[[], Mapping[str, Feature]]) -> None:
    """Answer until the other end of the pipe is gone, be it by `kill -9`."""
    # Ctrl-C reaches the whole process group; the parent decides what is finished.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.nice(NICENESS)
    use_single_thread()  # there is a process a core
    features = build()
    while True:
        try:
            picture, names = pipe.recv()
        except EOFError:
            return
        try:
            pipe.send(({name: features[name].extract([picture])[0] for name in names}, ""))
        # The feature service is away, or has another model: no picture is to blame.
        except LookalikeError as error:
            pipe.send((None, error))
        # Whatever a feature stumbles over is about this picture, and is named with it.
        except Exception as error:
            pipe.send((None, f"{type(error).__name__}: {error}"[:300]))
