"""Measure every store on the same questions under the same filters, each in its own process.

A store with an effort setting is tried at growing effort until its recall equals ours, separately
for each filter. Vectors and columns are passed in files: a million is too much to send.
"""

import gc
import multiprocessing
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from bench.instruments.memory import MemoryWatch, resident_memory
from bench.peers.vectors.contest_questions import FilteredQuestion, K, load_projection, load_vectors
from bench.peers.vectors.stores.roster import STORES
from bench.peers.vectors.stores.store import StoreAnswer, VectorStore
from bench.statistics.metrics import mean, percentile
from bench.vectors.filter_cells import Columns
from bench.vectors.grown_vectors import ProjectedEmbedding, Vectors
from core.environment import Environment
from features.embedding import feature

WARM_UP = 5
"""Untimed questions first, at every effort."""

PATIENCE_S, FEWEST = 20.0, 10
"""Time limit for one effort under one filter, after at least FEWEST questions."""


@dataclass(frozen=True)
class EffortFigures:
    """The figures of one effort under one filter. `engine_ms` is empty unless it is a server."""

    effort: int
    recall: float
    took_ms: Sequence[float]
    engine_ms: Sequence[float]

    @property
    def p50(self) -> float:
        """Return the milliseconds that the caller waits."""
        return percentile(self.took_ms, 50)

    @property
    def p95(self) -> float:
        """Return the milliseconds that the caller waits."""
        return percentile(self.took_ms, 95)


@dataclass
class StoreFigures:
    """A store's figures. `efforts` holds those tried, by filter; the last one counts.

    `peak_mb` and `serving_mb` are the memory of its process and children beyond an empty process.
    For ours they are the server's memory, None if the server is not on this machine.
    """

    name: str
    version: str
    build_s: float = 0.0
    disk_bytes: int = 0
    peak_mb: float | None = None
    serving_mb: float | None = None
    efforts: dict[str, list[EffortFigures]] = field(default_factory=dict)


@contextmanager
def store_process() -> Iterator[tuple[ProcessPoolExecutor, psutil.Process]]:
    """Yield a new process for one store."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, context) as pool:
        pid = pool.submit(_begin).result()
        try:
            yield pool, psutil.Process(pid)
        finally:
            pool.submit(_close).result()


def measure_store(
    name: str,
    folder: Path,
    environment: Environment,
    questions: Mapping[str, Sequence[FilteredQuestion]],
    enough: Mapping[str, float],
    server: psutil.Process | None,
) -> StoreFigures:
    """Return a store's figures.

    `enough` is, by filter, the recall at which no more effort is tried; without an entry every
    effort is. `server` is the process whose memory counts for ours. Raises the store's own error.
    """
    entry = STORES[name]
    result = StoreFigures(name, entry.version() or "")
    vectors, columns = load_vectors(folder)
    with store_process() as (pool, process):
        empty_mb = 0.0 if entry.is_ours else resident_memory(process).tree_mb
        watched = server if entry.is_ours else process
        with MemoryWatch(watched.pid if watched else process.pid) as watch:
            pool.submit(_enter, name, folder, environment).result()
            result.build_s = pool.submit(_build, name, folder).result()
            efforts = pool.submit(_efforts).result()
            for filtered, of_filter in questions.items():
                rungs = result.efforts[filtered] = []
                for effort in efforts:
                    answers = pool.submit(_answer, of_filter, effort).result()
                    rungs.append(_rung(effort, of_filter, answers, vectors, columns))
                    if rungs[-1].recall >= enough.get(filtered, 2.0):
                        break
            # Last, because Elasticsearch updates its file sizes only every ten seconds.
            result.disk_bytes = pool.submit(_size_bytes).result()
            if watched:
                result.serving_mb = resident_memory(watched).tree_mb - empty_mb
        if watched:
            peak = max(sample.tree_mb for sample in watch.samples)
            result.peak_mb = max(peak - empty_mb, result.serving_mb or 0.0)
    return result


def _rung(
    effort: int,
    questions: Sequence[FilteredQuestion],
    answers: Sequence[tuple[StoreAnswer, float]],
    vectors: Vectors,
    columns: Columns,
) -> EffortFigures:
    recalls = [
        one.recall(vectors, columns, found.rows)
        for one, (found, _) in zip(questions, answers, strict=False)
    ]
    engine = [found.engine_ms for found, _ in answers if found.engine_ms is not None]
    return EffortFigures(effort, mean(recalls), [took for _, took in answers], engine)


_STORE: list[VectorStore] = []
"""This process's store."""


def _begin() -> int:
    return multiprocessing.current_process().pid or 0


def _enter(name: str, folder: Path, environment: Environment) -> None:
    def made_by() -> ProjectedEmbedding:
        return ProjectedEmbedding(feature.create(environment), load_projection(folder))

    _STORE[:] = [STORES[name].build(environment, made_by)]


def _build(name: str, folder: Path) -> float:
    vectors, columns = load_vectors(folder)
    own = folder / name
    own.mkdir()
    began = time.perf_counter()
    _STORE[0].build(vectors, columns, own)
    took = time.perf_counter() - began
    del vectors
    gc.collect()
    return took


def _efforts() -> tuple[int, ...]:
    return _STORE[0].efforts


def _size_bytes() -> int:
    return _STORE[0].size_bytes()


def _answer(questions: Sequence[FilteredQuestion], effort: int) -> list[tuple[StoreAnswer, float]]:
    """Return answers with milliseconds, until all questions or PATIENCE_S are through."""
    store, answers = _STORE[0], []
    for question in questions[:WARM_UP]:
        store.search(question.vector, question.cell, effort, K)
    started = time.perf_counter()
    for question in questions:
        began = time.perf_counter()
        answer = store.search(question.vector, question.cell, effort, K)
        answers.append((answer, 1000 * (time.perf_counter() - began)))
        if len(answers) >= FEWEST and time.perf_counter() - started > PATIENCE_S:
            break
    return answers


def _close() -> None:
    for store in _STORE:
        store.close()
