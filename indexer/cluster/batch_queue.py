"""Hands batches from the program that loads to Ray Data, each until its documents are back.

Ray Data reads them in one task, as a stream without a known end. Where that task's process dies,
Ray starts it again from the first batch: those that are still needed are there, the others it
passes over.
"""

import asyncio
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import ray
from ray.data import Datasource, ReadTask
from ray.data.block import BlockMetadata

NUMBER, CONTENT = "number", "content"
"""The columns of the stream."""


class BatchQueue:
    """An actor beside the program that loads: batches by number, from 0, and how many there are."""

    def __init__(self) -> None:
        self._batches: dict[int, bytes] = {}
        self._count: int | None = None
        self._next = 0
        self._change = asyncio.Condition()

    async def put(self, number: int, content: bytes) -> None:
        """Add a batch; numbers come in order."""
        async with self._change:
            self._batches[number] = content
            self._next = number + 1
            self._change.notify_all()

    async def get(self, number: int) -> bytes | None:
        """Wait for a batch; b'' for one that is not needed any more, None after the last."""
        async with self._change:
            await self._change.wait_for(lambda: number < self._next or self._count is not None)
            return self._batches.get(number, b"") if number < self._next else None

    async def release(self, number: int) -> None:
        """Forget a batch, whose documents are back."""
        self._batches.pop(number, None)

    async def end(self) -> None:
        """Say that no more batches come."""
        async with self._change:
            self._count = self._next
            self._change.notify_all()


class BatchSource(Datasource):  # type: ignore[misc]
    """The queue as Ray Data reads it: a row a batch."""

    def __init__(self, queue: Any) -> None:
        super().__init__()
        self._queue = queue

    def estimate_inmemory_data_size(self) -> int | None:
        return None

    def get_read_tasks(
        self, parallelism: int, per_task_row_limit: int | None = None, data_context: Any = None
    ) -> list[ReadTask]:
        queue = self._queue
        metadata = BlockMetadata(num_rows=None, size_bytes=None, input_files=None, exec_stats=None)
        return [ReadTask(lambda: read_queue(queue), metadata)]

    @property
    def supports_distributed_reads(self) -> bool:
        """Say no: the batches are on this machine."""
        return False


def read_queue(queue: Any) -> Iterator[pa.Table]:
    """Yield a table of one row for every batch that is still needed."""
    number = 0
    while (content := ray.get(queue.get.remote(number))) is not None:
        if content:
            yield make_table(number, content)
        number += 1


def make_table(number: int, content: bytes) -> pa.Table:
    """Return a table of one batch."""
    return pa.table(
        {NUMBER: pa.array([number], pa.int64()), CONTENT: pa.array([content], pa.large_binary())}
    )
