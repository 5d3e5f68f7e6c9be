"""The contract of a feed format.

A reader turns a source into rows whose cells are named as docs/FEEDS.md lists them; what a cell
means is not its concern. It is stateless: settings come with the environment it is built from, and
a source may be read as often as needed.
"""

from collections import Counter
from collections.abc import Iterator
from enum import IntEnum
from typing import Protocol, runtime_checkable

from indexer.feeds.rows import Rejection, Row
from indexer.feeds.source import Source


class Recognition(IntEnum):
    """How sure a reader is that a source is its own; the surest reader gets it."""

    NO = 0
    """It cannot be read, or another reader would do better in any case."""
    FALLBACK = 1
    """It could be anything of this general kind, such as text in columns."""
    FORMAT = 2
    """The file format is certain: a folder, JSON lines, an address of this database."""
    SCHEMA = 3
    """The columns or elements are those that one shop system writes."""


class ReadReport:
    """What a reader found out and did while it read, for the person who loads the feed."""

    def __init__(self) -> None:
        self._facts: dict[str, str] = {}
        self._counts: Counter[str] = Counter()

    def note(self, name: str, value: str) -> None:
        """State a fact, such as delimiter: tab."""
        self._facts[name] = value

    def count(self, name: str, number: int = 1) -> None:
        """Add to a count, such as "rows merged into their product"."""
        self._counts[name] += number

    def __str__(self) -> str:
        """Return "delimiter tab, 12 rows merged into their product"; '' without anything."""
        facts = [f"{name} {value}" for name, value in self._facts.items()]
        counts = [f"{number:,} {name}" for name, number in self._counts.items() if number]
        return ", ".join(facts + counts)


@runtime_checkable
class Reader(Protocol):
    """A feed format. Stateless and thread-safe."""

    name: str
    """Registry key and the value of `--reader`: [a-z][a-z0-9_]*."""

    def recognise(self, source: Source) -> Recognition:
        """Return how sure the reader is, by the source's name, address and head; never raises."""
        ...

    def columns(self, source: Source) -> tuple[str, ...]:
        """Return the names of the columns; () where only reading would tell.

        Raises FeedUnreadable where the source is damaged at its very beginning.
        """
        ...

    def count(self, source: Source) -> int:
        """Return about how many products there are, for the progress shown; 0 where unknown."""
        ...

    def read(self, source: Source, report: ReadReport) -> Iterator[Row | Rejection]:
        """Yield the products in order, lazily, each in one row; tell `report` what was done.

        A cell is text, a number, a list of them, or None. A reader whose format spreads a product
        over several rows merges them. `Row.line` is where the product begins: the line, or the
        running number from 1 in a source without lines; no two rows share it. What cannot be read
        is yielded as a Rejection of that line, and reading goes on behind it. Raises
        FeedUnreadable where it cannot go on.
        """
        ...
