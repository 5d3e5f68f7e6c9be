"""Opens a feed with the reader that recognises it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from core.environment import Environment
from indexer.feeds import columns, registry
from indexer.feeds.mending import mend_cells
from indexer.feeds.reader import Reader, ReadReport
from indexer.feeds.rows import Rejection, Row
from indexer.feeds.source import Source, locate


@dataclass
class Feed:
    """A feed that can be read as often as needed; nothing of it is kept in memory.

    `columns` are the names of its columns, () where only reading would tell. `report` is that of
    the latest reading.
    """

    source: Source
    reader: Reader
    columns: tuple[str, ...]
    report: ReadReport = field(default_factory=ReadReport)

    @property
    def home(self) -> Path:
        """The folder where relative picture addresses start."""
        return self.source.home

    @property
    def reading(self) -> str:
        """The reader's name and what it reported: "delimited: delimiter comma"."""
        return ": ".join(part for part in (self.reader.name, str(self.report)) if part)

    def rows(self) -> Iterator[Row | Rejection]:
        """Yield rows and rejections in order; raises FeedUnreadable, also midway."""
        self.report = report = ReadReport()
        for item in self.reader.read(self.source, report):
            if isinstance(item, Row):
                yield Row(item.line, mend_cells(item.cells, report))
            else:
                yield item

    def count(self) -> int:
        """Return about how many products there are; 0 where unknown."""
        return self.reader.count(self.source)


def open_feed(
    address: str | Path,
    environment: Environment | None = None,
    reader: str = "",
    *,
    whole: bool = True,
) -> Feed:
    """Return the feed at a path or address, read by the named reader or the one that fits best.

    Products that are not `whole` need no pictures: such a feed changes fields alone. `environment`
    holds the settings of readers that have some. Raises FeedUnreadable where there
    is no feed, none that a reader recognises, or none with columns for products and pictures, and
    UnknownName or InvalidSetting for a `reader` that cannot be had.
    """
    readers = registry.load(environment or Environment({}))
    source = locate(address)
    chosen = readers.by_name(reader) if reader else readers.choose(source)
    names = chosen.columns(source)
    if names:
        columns.require_columns(names, ("id", "image_link") if whole else ("id",))
    return Feed(source, chosen, names)
