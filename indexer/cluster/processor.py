"""Works on batches with Ray Data: actors that decode, actors that extract, results back here.

Each batch in work is held by the thread that sent it, which hands its documents to the writer. So
there are never more in work than `at_once`, and a writer that is held up holds up the cluster.
"""

import itertools
import logging
import pickle
import socket
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import pyarrow as pa
import ray
from ray.data import ActorPoolStrategy, DataContext, Dataset
from ray.exceptions import RayError
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from features.base import Feature
from indexer.cluster.batch_queue import CONTENT, NUMBER, BatchQueue, BatchSource, make_table
from indexer.cluster.errors import ClusterUnavailable
from indexer.cluster.settings import ClusterSettings
from indexer.cluster.worker import (
    BatchDecoder,
    BatchExtractor,
    SentBatch,
    WorkerPlan,
    apply_safely,
    versions_of,
)
from indexer.loading.batch_processor import BatchTask, BuiltBatch
from indexer.loading.report import Tally

BATCHES_PER_ACTOR = 3
"""One at work, one that waits, one on the way back."""

CONNECT_S = 5.0

START_TRIES = 3
"""How often a Ray of our own is started: on a busy machine the first may take too long for it."""


@contextmanager
def open_ray(settings: ClusterSettings) -> Iterator[None]:
    """Connect to the cluster, or start a Ray on this machine; leave it at the end.

    Raises ClusterUnavailable.
    """
    own = not settings.address
    store_bytes = settings.object_store_mb * 1024 * 1024
    # Its lines about itself would stand between those of the load.
    logging.getLogger("ray").setLevel(logging.ERROR)
    logging.getLogger("ray.data").setLevel(logging.ERROR)
    for tries in range(1, START_TRIES + 1):
        try:
            _check_address(settings.address)
            ray.init(
                settings.address or "local",
                include_dashboard=False if own else None,
                num_cpus=settings.decoders + settings.extractors or None if own else None,
                object_store_memory=store_bytes if own and store_bytes else None,
                logging_level=logging.ERROR,
                log_to_driver=False,
            )
            break
        # A Ray that does not start within its own 30 s raises a bare Exception.
        except Exception as error:
            ray.shutdown()
            if own and tries < START_TRIES:
                continue
            raise ClusterUnavailable(
                f"Ray cannot be {'started' if own else f'reached at {settings.address}'} "
                f"({_first_line(error)}): correct LOOKALIKE_RAY_ADDRESS, or load without "
                "--engine ray"
            ) from error
    try:
        yield
    finally:
        ray.shutdown()


def _check_address(address: str) -> None:
    """Raise OSError where nobody listens: Ray itself would wait for minutes."""
    parts = urlsplit(address if "://" in address else f"ray://{address}")
    if parts.hostname and parts.port:
        socket.create_connection((parts.hostname, parts.port), CONNECT_S).close()


class ClusterProcessor:
    """Works on batches with the actors of the cluster that this process is connected to."""

    def __init__(self, plan: WorkerPlan, settings: ClusterSettings, tally: Tally) -> None:
        total = ray.cluster_resources()
        self._decoders, self._extractors = settings.sizes(total.get("CPU", 1), total.get("GPU", 0))
        self.at_once = BATCHES_PER_ACTOR * (self._decoders + self._extractors)
        self._gpus = settings.gpus
        self._tally = tally
        self._lock = threading.Lock()
        self._numbers = itertools.count()
        self._waiting: dict[int, Future[SentBatch]] = {}
        self._failure: ClusterUnavailable | None = None
        here = NodeAffinitySchedulingStrategy(ray.get_runtime_context().get_node_id(), soft=False)
        actor = ray.remote(num_cpus=0, scheduling_strategy=here)(BatchQueue)
        self._queue = actor.remote()
        self._thread = threading.Thread(
            target=self._receive, args=(self._stream(plan),), name="cluster", daemon=True
        )
        self._thread.start()

    def process(self, task: BatchTask, fields: Mapping[str, Feature]) -> BuiltBatch:
        """Return what becomes of a batch; raises what an actor raised, or ClusterUnavailable."""
        sent = SentBatch(task, versions_of(fields))
        result: Future[SentBatch] = Future()
        try:
            with self._lock:
                if self._failure is not None:
                    raise self._failure
                number = next(self._numbers)
                self._waiting[number] = result
                ray.get(self._queue.put.remote(number, pickle.dumps(sent)))
            done = result.result()
            self._queue.release.remote(number)
        except RayError as error:
            raise _lost(error) from error
        if done.error is not None:
            raise done.error
        for stage, seconds in (done.stages or {}).items():
            self._tally.add_seconds(stage, seconds)
        assert done.built is not None, "a batch without an error has documents"
        return done.built

    def close(self) -> None:
        """Let the actors end, after the batches at work."""
        try:
            ray.get(self._queue.end.remote())
        except RayError as error:
            self._fail(_lost(error))
        self._thread.join()
        ray.kill(self._queue)

    def _stream(self, plan: WorkerPlan) -> Dataset:
        context = DataContext.get_current()
        context.enable_progress_bars = False
        context.print_on_execution_start = False
        # A batch goes on as soon as it is there: none waits for others to fill a block.
        context.target_max_block_size = 1
        batches = ray.data.read_datasource(
            BatchSource(self._queue), num_cpus=0, override_num_blocks=1
        )
        decoded = batches.map_batches(
            DecodeBlock,
            fn_constructor_args=(plan,),
            compute=ActorPoolStrategy(size=self._decoders),
            batch_size=None,
            batch_format="pyarrow",
            num_cpus=1,
        )
        return decoded.map_batches(
            ExtractBlock,
            fn_constructor_args=(plan,),
            compute=ActorPoolStrategy(size=self._extractors),
            batch_size=None,
            batch_format="pyarrow",
            num_cpus=1,
            num_gpus=self._gpus or None,
        )

    def _receive(self, stream: Dataset) -> None:
        """Give each batch that comes back to the thread that waits for it."""
        try:
            for block in stream.iter_batches(
                batch_size=None, batch_format="pyarrow", prefetch_batches=0
            ):
                for row in block.to_pylist():
                    with self._lock:
                        result = self._waiting.pop(row[NUMBER], None)
                    if result is not None:
                        result.set_result(pickle.loads(row[CONTENT]))  # noqa: S301 - from our actors
        # Whatever ends the stream must end those who wait for it.
        except Exception as error:
            self._fail(_lost(error))
        else:
            self._fail(ClusterUnavailable("the cluster ended before the load: load again"))

    def _fail(self, error: ClusterUnavailable) -> None:
        with self._lock:
            self._failure = self._failure or error
            waiting, self._waiting = self._waiting, {}
        for result in waiting.values():
            result.set_exception(self._failure)


class DecodeBlock:
    """The first kind of actor, as Ray Data calls it: tables in, tables out."""

    def __init__(self, plan: WorkerPlan) -> None:
        self._work = BatchDecoder(plan)

    def __call__(self, block: pa.Table) -> pa.Table:
        """Decode the pictures of each row's batch."""
        return _apply(self._work, block)


class ExtractBlock:
    """The second kind of actor."""

    def __init__(self, plan: WorkerPlan) -> None:
        self._work = BatchExtractor(plan)

    def __call__(self, block: pa.Table) -> pa.Table:
        """Extract the features of each row's batch."""
        return _apply(self._work, block)


def _apply(work: Any, block: pa.Table) -> pa.Table:
    tables = [
        make_table(row[NUMBER], apply_safely(work, row[CONTENT])) for row in block.to_pylist()
    ]
    return pa.concat_tables(tables) if tables else block


def _lost(error: Exception) -> ClusterUnavailable:
    return ClusterUnavailable(
        f"the Ray cluster gave up ({type(error).__name__}: {_first_line(error)}): load again to go "
        "on where it ended"
    )


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0][:300]
