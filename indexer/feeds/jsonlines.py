"""Reads JSON lines: one product object a line."""

import json
from collections.abc import Iterator
from itertools import islice

from core.environment import Environment
from indexer.feeds import lines
from indexer.feeds.json_items import refuse_constant, shape
from indexer.feeds.reader import Reader, ReadReport, Recognition
from indexer.feeds.rows import Rejection, Row
from indexer.feeds.source import Source

SAMPLE = 20
"""Rows that tell which columns a feed has; absent values are often left out of single rows."""


class JsonLinesReader:
    """Reads one JSON object a line, also gzipped."""

    name = "jsonlines"

    def recognise(self, source: Source) -> Recognition:
        """Recognise text that has an object a line."""
        return Recognition.FORMAT if shape(source.text) == "lines" else Recognition.NO

    def columns(self, source: Source) -> tuple[str, ...]:
        """Return the names in the first rows, in the order they appear."""
        rows = (row for row in self.read(source, ReadReport()) if isinstance(row, Row))
        return tuple(dict.fromkeys(name for row in islice(rows, SAMPLE) for name in row.cells))

    def count(self, source: Source) -> int:
        """Return the number of lines."""
        return lines.count(source.file)

    def read(self, source: Source, report: ReadReport) -> Iterator[Row | Rejection]:
        """Yield one row or rejection per line that is not blank."""
        report.note("encoding", source.encoding)
        for line in lines.read(source.file):
            if line.text is None:
                yield Rejection(line.number, "line", line.rule, line.detail)
            elif line.text.strip():
                yield _row(line.number, line.text)


def _row(number: int, text: str) -> Row | Rejection:
    try:
        cells = json.loads(text, parse_constant=refuse_constant)
    except (ValueError, RecursionError) as error:
        detail = "nested too deeply" if isinstance(error, RecursionError) else str(error)
        return Rejection(number, "line", "json", f"not a JSON object: {detail[:200]}")
    if not isinstance(cells, dict):
        return Rejection(number, "line", "json", f"a JSON {type(cells).__name__}, not an object")
    return Row(number, cells)


def create(environment: Environment) -> Reader:
    """Build the reader."""
    return JsonLinesReader()
