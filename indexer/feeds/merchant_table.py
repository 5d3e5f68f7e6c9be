"""Reads Google Merchant's tables: tab-separated text, or CSV, with Google's columns."""

from collections.abc import Iterator

from core.environment import Environment
from indexer.feeds.delimited import DelimitedReader, header_names
from indexer.feeds.reader import Reader, ReadReport, Recognition
from indexer.feeds.rows import Rejection, Row
from indexer.feeds.source import Source

COLUMNS = frozenset({"id", "title", "link", "image_link"})
FURTHER = frozenset({"availability", "price", "condition", "description"})


class MerchantTableReader:
    """Reads Google Merchant's columns: those of our fields, so that rows need no change."""

    name = "merchant_table"

    def recognise(self, source: Source) -> Recognition:
        """Recognise a header with the columns that Google asks for."""
        names = header_names(source)
        is_own = names >= COLUMNS and len(names & FURTHER) >= 2
        return Recognition.SCHEMA if is_own else Recognition.NO

    def columns(self, source: Source) -> tuple[str, ...]:
        """Return the columns that the header names."""
        return DelimitedReader().columns(source)

    def count(self, source: Source) -> int:
        """Return the number of lines without the header."""
        return DelimitedReader().count(source)

    def read(self, source: Source, report: ReadReport) -> Iterator[Row | Rejection]:
        """Yield one row or rejection per record."""
        return DelimitedReader().read(source, report)


def create(environment: Environment) -> Reader:
    """Build the reader."""
    return MerchantTableReader()
