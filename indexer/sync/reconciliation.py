"""Compares the index with its source product by product, and reports what differs."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from features.base import Json
from indexer.feeds.feed import Feed
from indexer.feeds.product import Product
from indexer.feeds.rows import Rejection, Row
from indexer.loading.dependencies import PictureFetcher
from indexer.loading.feed_ids import FeedIds
from indexer.sync.field_comparison import changed_fields, changed_values
from indexer.sync.row_reading import FieldChanges, RowReading
from indexer.sync.source_state import SourceState
from mappings.catalogue.products import OWN_SOURCES, PICTURES
from mappings.catalogue.stored_products import StoredProducts

BATCH = 500

SHOWN = 20
"""Ids of each kind of difference that a report names."""


@dataclass
class Drift:
    """Where index and source differ: ids, and for `different` the fields.

    `missing` products are in the source alone, `superfluous` ones in the index alone although the
    source had them once.
    """

    compared: int = 0
    equal: int = 0
    missing: list[str] = field(default_factory=list)
    superfluous: list[str] = field(default_factory=list)
    different: dict[str, tuple[str, ...]] = field(default_factory=dict)
    rejected: int = 0

    @property
    def is_none(self) -> bool:
        """Whether index and source say the same."""
        return not (self.missing or self.superfluous or self.different)

    @property
    def ids(self) -> list[str]:
        """The products that differ, but for the superfluous ones."""
        return [*self.missing, *self.different]

    def lines(self) -> Iterator[str]:
        """Yield lines for people."""
        yield (
            f"{self.compared:,} products compared: {self.equal:,} equal, "
            f"{len(self.missing):,} missing, {len(self.different):,} different, "
            f"{len(self.superfluous):,} no longer in the source, {self.rejected:,} rows rejected"
        )
        for name, ids in (("missing", self.missing), ("no longer there", self.superfluous)):
            if ids:
                yield f"{name}: {', '.join(ids[:SHOWN])}{' …' if len(ids) > SHOWN else ''}"
        for key, names in list(self.different.items())[:SHOWN]:
            yield f"different: {key}: {', '.join(names)}"
        if len(self.different) > SHOWN:
            yield f"… and {len(self.different) - SHOWN:,} more that differ"


class Reconciliation:
    """Compares one source with one index."""

    def __init__(
        self,
        feed: Feed,
        reading: RowReading,
        state: SourceState,
        stored: StoredProducts,
        fetcher: PictureFetcher,
    ) -> None:
        self._feed = feed
        self._reading = reading
        self._state = state
        self._stored = stored
        self._fetcher = fetcher

    def run(self) -> Drift:
        """Read the whole source and return where the index differs; raises FeedUnreadable."""
        drift, ids = Drift(), FeedIds()
        try:
            rows = self._feed.rows()
            while batch := list(islice(rows, BATCH)):
                self._compare(batch, drift, ids)
            for page in self._state.scan():
                gone = [key for key in page if ids.line_of(key) is None]
                drift.superfluous += sorted(self._stored.read(gone)) if gone else []
        finally:
            ids.close()
        return drift

    def _compare(self, rows: Sequence[Row | Rejection], drift: Drift, ids: FeedIds) -> None:
        parsed: list[Product | FieldChanges] = []
        for row in rows:
            read = row if isinstance(row, Rejection) else self._reading.parse(row)
            if isinstance(read, Rejection):
                drift.rejected += 1
                if read.id is not None:
                    ids.first_line(read.id, read.line)
            elif ids.first_line(read.id, read.line) == read.line:
                parsed.append(read)
        stored = self._stored.read([item.id for item in parsed])
        for item in parsed:
            drift.compared += 1
            product = stored.get(item.id)
            if product is None:
                drift.missing.append(item.id)
            elif names := self._difference(item, product):
                drift.different[item.id] = names
            else:
                drift.equal += 1

    def _difference(
        self, item: Product | FieldChanges, stored: Mapping[str, Json]
    ) -> tuple[str, ...]:
        """Return the fields that differ, and `images` for other pictures or another order."""
        if isinstance(item, FieldChanges):
            return tuple(sorted(changed_values(item.values, stored)))
        pictures = [
            picture.get("url")
            for picture in stored.get(PICTURES, [])
            if picture.get("source") in OWN_SOURCES
        ]
        addresses = [self._fetcher.label(address) for address in item.pictures]
        names = sorted(changed_fields(item.fields, stored))
        return (*names, *([PICTURES] if pictures != addresses else []))
