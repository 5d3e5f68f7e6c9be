"""Takes products that are new or have other pictures through the pipeline that loads use."""

import threading
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from core.progress import Progress
from core.retries import RetryPolicy
from indexer.feeds.product import Product
from indexer.feeds.rejection_file import RejectionFile
from indexer.feeds.rows import Row
from indexer.loading.batches import BatchPipeline
from indexer.loading.deferred_pass import DeferredPass
from indexer.loading.dependencies import LoadDependencies
from indexer.loading.feed_ids import FeedIds
from indexer.loading.meter import LoadMeter
from indexer.loading.product_stores import ProductStore
from indexer.loading.report import Tally
from indexer.settings import LoadSettings
from indexer.sync.row_spool import RowSpool


@dataclass(frozen=True)
class PictureTools:
    """What the pipeline of a run works with; `home` is where relative addresses start."""

    home: Path
    dependencies: LoadDependencies
    settings: LoadSettings
    retry: RetryPolicy
    rejections: RejectionFile
    progress: Progress
    stop: threading.Event


@dataclass
class PictureWork:
    """The pipeline of one run. A context manager: leaving it finishes the work.

    Raises what made going on impossible when it is left without another error.
    """

    tools: PictureTools
    store: ProductStore
    tally: Tally = field(default_factory=Tally)

    def __enter__(self) -> Self:
        tools = self.tools
        self._stack = ExitStack()
        self._spool = RowSpool(tools.home)
        self._stack.callback(self._spool.close)
        self._pending = FeedIds()
        self._stack.callback(self._pending.close)
        self._meter = LoadMeter(tools.progress)
        self._batch: list[Product] = []
        self._pipeline: BatchPipeline | None = None
        return self

    def put(self, row: Row, product: Product) -> None:
        """Have a product's pictures looked at and the product written; blocks while many wait."""
        self._spool.add(row)
        self._batch.append(product)
        if sum(len(item.pictures) for item in self._batch) >= self.tools.settings.batch:
            self._submit()

    @property
    def is_failing(self) -> bool:
        """Whether going on is impossible."""
        return self._pipeline is not None and self._pipeline.is_ending

    def _submit(self) -> None:
        if self._pipeline is None:
            # Most runs change no picture: threads and processes begin with the first that does.
            self._pipeline = BatchPipeline(
                self.tools.dependencies,
                self.tools.settings,
                self.tools.retry,
                self.tally,
                self.tools.rejections,
                self._meter,
                self.tools.stop,
                self._pending,
                self.store,
            )
        self._pipeline.submit(self._batch)
        self._batch = []

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        with self._stack:
            if self._batch and not self.is_failing:
                self._submit()
            if self._pipeline is None:
                return
            self._pipeline.__exit__()
            if self._pipeline.failure is not None:
                if error is None and not self.tools.stop.is_set():
                    raise self._pipeline.failure
            elif len(self._pending) and not self.tools.stop.is_set():
                self._extract_deferred()

    def _extract_deferred(self) -> None:
        tools = self.tools
        tools.retry.call(tools.dependencies.catalogue.refresh)
        DeferredPass(
            self._spool,
            tools.dependencies,
            tools.settings,
            tools.rejections,
            self._meter,
            tools.retry,
            tools.stop,
        ).run(self._pending)
