"""What a source can tell that a file cannot: which of its products changed since a position."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from indexer.feeds.reader import ReadReport
from indexer.feeds.rows import Rejection, Row
from indexer.feeds.source import Source


@dataclass(frozen=True)
class Removal:
    """The source says that a product is gone. `version` is the source's, '' without one."""

    id: str
    version: str = ""


@dataclass(frozen=True)
class ChangePage:
    """Some changes in the order they happened, and the position behind them."""

    changes: Sequence[Row | Rejection | Removal]
    position: str


@runtime_checkable
class ChangeReader(Protocol):
    """A reader whose source tells what changed. A `Reader` may be one as well.

    A position is text that only the reader understands; it is kept between runs.
    """

    def position(self, source: Source) -> str | None:
        """Return where the changes from now on begin; None where the source tells none.

        Raises FeedUnreadable.
        """
        ...

    def changes(self, source: Source, position: str, report: ReadReport) -> Iterator[ChangePage]:
        """Yield what changed behind a position, and end when no more is waiting.

        A change may come again. Raises PositionLost where the source no longer knows the position,
        so that it must be read as a whole, and FeedUnreadable.
        """
        ...
