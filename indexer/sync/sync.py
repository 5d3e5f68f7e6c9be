"""Brings the index in step with one source, in runs: of all its rows, or of what changed.

A run reads rows in batches, compares them with the index, and writes what differs: fields alone
without looking at a picture, everything else through the pipeline of loads. A run that was broken
off is finished by the next one; rows that went in are known and cost nothing.
"""

import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice

from indexer.errors import FeedUnreadable
from indexer.feeds.changes import ChangeReader
from indexer.feeds.feed import Feed
from indexer.feeds.rows import Rejection, Row
from indexer.loading.feed_products import FeedProducts
from indexer.sync.gone_products import GoneProducts
from indexer.sync.picture_work import PictureTools, PictureWork
from indexer.sync.row_comparison import (
    Change,
    RequestedChanges,
    RowComparison,
    without_versions,
)
from indexer.sync.row_reading import RowReading
from indexer.sync.settings import SyncSettings
from indexer.sync.source_state import POSITION, READ_AT, SourceState
from indexer.sync.source_store import PictureChange, SourceStore
from indexer.sync.source_writer import SourceWriter
from indexer.sync.sync_report import SyncReport
from indexer.sync.write_lane import WriteLane

BATCH = 500
"""Rows compared and written together."""

WRITERS = 2
"""Batches of a whole reading that are written at the same time, while the next is compared."""

INDEX = "index"
"""Fact: the identity of the index that the rows went into."""


@dataclass(frozen=True)
class SyncTools:
    """What a sync works with, beside the pipeline's tools."""

    writer: SourceWriter
    state: SourceState
    settings: SyncSettings
    pictures: PictureTools


class Sync:
    """Keeps one catalogue in step with one source. One process at a time per source."""

    def __init__(self, feed: Feed, tools: SyncTools) -> None:
        self._feed = feed
        self._tools = tools
        self._state = tools.state
        self._retry = tools.pictures.retry.call
        self._stop: threading.Event = tools.pictures.stop
        self._catalogue = tools.pictures.dependencies.catalogue
        fields = self._catalogue.fields
        products = FeedProducts(feed, fields, tools.pictures.settings.currency)
        self.reading = RowReading(fields, products.numbers)
        self._is_mending = False
        self._lock = threading.Lock()
        self._writer = tools.writer
        self._works: dict[str, PictureChange] = {}
        self._gone = GoneProducts(
            self._state, self._catalogue, self._writer, tools.settings, self._retry
        )

    @property
    def can_tell_changes(self) -> bool:
        """Whether the source can tell what changed; raises FeedUnreadable."""
        return bool(self._position())

    @property
    def is_whole_reading_due(self) -> bool:
        """Whether all rows must be read: the first time, from time to time, for another index."""
        self._bind_to_index()
        if not isinstance(self._feed.reader, ChangeReader) or not self._state.fact(POSITION):
            return True
        read_at = float(self._state.fact(READ_AT) or 0)
        return time.time() - read_at > self._tools.settings.full_s

    def run_whole(self, *, confirmed: bool = False) -> SyncReport:
        """Read the whole source; what it no longer has is gone from the index, too.

        A reading that breaks off removes nothing. Raises RemovalRefused where too many products
        would be gone at once, unless `confirmed`, after all else is done.
        """
        self._bind_to_index()
        # Before the reading: what changes meanwhile is read once more, and never missed.
        position = self._position()
        report, run = self._begin(), self._state.begin_run()
        unreadable = 0

        def rows() -> Iterator[Row | Rejection]:
            nonlocal unreadable
            for row in self._feed.rows():
                unreadable += isinstance(row, Rejection) and row.id is None
                yield row

        try:
            self._apply(rows(), report, run, unique=True)
        except FeedUnreadable as error:
            report.complete = False
            report.notes.append(f"{error}; what came before is in, and nothing was removed")
        report.interrupted = self._stop.is_set()
        if report.interrupted:
            report.complete = False
        if report.complete:
            self._gone.remove(run, report, unreadable=unreadable, confirmed=confirmed)
            self._state.store_fact(POSITION, position)
            self._state.store_fact(READ_AT, str(time.time()))
        return self._end(report)

    def mend(self, ids: Sequence[str], *, confirmed: bool = False) -> SyncReport:
        """Bring products back to what the source says, whatever changed them; as `run_whole`."""
        self._state.forget(ids)
        # What the source said before, and the ledger knows, must be written once more.
        self._is_mending = True
        try:
            return self.run_whole(confirmed=confirmed)
        finally:
            self._is_mending = False

    def run_changes(self) -> SyncReport:
        """Read what changed since the last run. Raises PositionLost where all must be read."""
        reader = self._feed.reader
        assert isinstance(reader, ChangeReader), "only such sources have a position"
        report, run = self._begin(), self._state.begin_run()
        position = self._state.fact(POSITION)
        for page in reader.changes(self._feed.source, position, self._feed.report):
            self._apply(page.changes, report, run, unique=False)
            if self._stop.is_set():
                report.interrupted = True
                break
            self._state.store_fact(POSITION, page.position)
        return self._end(report)

    def _position(self) -> str:
        reader = self._feed.reader
        if not isinstance(reader, ChangeReader):
            return ""
        return reader.position(self._feed.source) or ""

    def _bind_to_index(self) -> None:
        """Forget the rows of another index: they say nothing of this one."""
        self._retry(self._catalogue.prepare)
        index = self._retry(self._catalogue.stored().index_id)
        if self._state.fact(INDEX) != index:
            self._state.forget_all()
            self._state.store_fact(INDEX, index)
        self._retry(self._writer.finish_pending)

    def _begin(self) -> SyncReport:
        self._began = time.monotonic()
        return SyncReport()

    def _apply(
        self, changes: Iterable[Change], report: SyncReport, run: int, *, unique: bool
    ) -> None:
        """Apply changes in batches; finishes the pictures' work before it returns or raises."""
        comparison = RowComparison(
            self.reading,
            self._state,
            self._catalogue.stored(),
            self._tools.pictures.dependencies.fetcher,
        )
        store = SourceStore(self._writer, self._state, self._works, run, report)
        # In a reading of everything no product comes twice, so batches need not wait for another.
        writers = WRITERS if unique else 0
        with PictureWork(self._tools.pictures, store) as work, WriteLane(writers) as lane:
            for batch in _batches(changes):
                if self._stop.is_set() or work.is_failing:
                    break
                found = self._retry(partial(comparison.compare, batch, run, unique=unique))
                if self._is_mending:
                    found = without_versions(found)
                report.rows += len(batch)
                report.unchanged += found.unchanged
                for rejection in found.rejections:
                    self._tools.pictures.rejections.add(rejection)
                self._state.mark_met(found.met, run)
                lane.put(partial(self._write, found, report, run))
                self._gone.apply(found.removals, report)
                for key, (row, product) in found.works.items():
                    pictures = len(product.pictures)
                    self._works[key] = PictureChange(row.version, found.hashes[key], pictures)
                    work.put(row, product)
        counts = work.tally.counts
        report.pictures += counts["pictures"]
        report.reused += counts["reused"]

    def _write(self, found: RequestedChanges, report: SyncReport, run: int) -> None:
        """Write the updates of a batch, and note which of its rows are applied."""
        applied = {key: h for key, h in found.hashes.items() if key not in found.works}
        outcome = self._retry(partial(self._writer.update, found.updates))
        for key, reason in outcome.refused.items():
            rejection = Rejection(0, "document", "refused", reason, key)
            self._tools.pictures.rejections.add(rejection)
            applied.pop(key)
        with self._lock:
            report.updated += len(outcome.written)
            report.outdated += len(outcome.outdated)
        self._state.store_rows(applied, run)

    def _end(self, report: SyncReport) -> SyncReport:
        if report.changes:
            self._retry(self._catalogue.refresh)
        rejections = self._tools.pictures.rejections
        report.rejected = rejections.count
        report.rejects = rejections.path if rejections.count else None
        report.reading = self._feed.reading
        report.seconds = time.monotonic() - self._began
        return report


def _batches(changes: Iterable[Change]) -> Iterator[list[Change]]:
    iterator = iter(changes)
    while batch := list(islice(iterator, BATCH)):
        yield batch
