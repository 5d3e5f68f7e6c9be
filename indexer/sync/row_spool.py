"""Rows that are worked on, on disk: what needs a second reading must not read the source again."""

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

from indexer.feeds.rows import Rejection, Row


class RowSpool:
    """The rows of one run whose pictures are looked at, as a feed of their own (`RowSource`)."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.reading = ""
        self._file = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115
        self._count = 0

    def add(self, row: Row) -> None:
        """Add a row."""
        self._file.write(json.dumps([row.line, row.cells, row.version]) + "\n")
        self._count += 1

    def rows(self) -> Iterator[Row | Rejection]:
        """Yield the rows in their order."""
        self._file.seek(0)
        for line in self._file:
            yield Row(*json.loads(line))

    def count(self) -> int:
        """Return how many rows there are."""
        return self._count

    def close(self) -> None:
        """Delete them."""
        self._file.close()
