"""Reads a JSON array of products, or a document that holds one under a name such as `products`."""

from collections.abc import Iterator
from itertools import islice

from core.environment import Environment
from indexer.feeds import lines
from indexer.feeds.json_items import JsonItem, read_items, shape
from indexer.feeds.jsonlines import SAMPLE
from indexer.feeds.reader import Reader, ReadReport, Recognition
from indexer.feeds.rows import Rejection, Row
from indexer.feeds.source import Source


class JsonDocumentReader:
    """Reads a JSON array of objects, also inside an object, also gzipped."""

    name = "json"

    def recognise(self, source: Source) -> Recognition:
        """Recognise an array, and an object over several lines or with a list of products."""
        is_own = shape(source.text) in ("array", "document")
        return Recognition.FORMAT if is_own else Recognition.NO

    def columns(self, source: Source) -> tuple[str, ...]:
        """Return the names in the first objects, in the order they appear."""
        rows = (row for row in self.read(source, ReadReport()) if isinstance(row, Row))
        return tuple(dict.fromkeys(name for row in islice(rows, SAMPLE) for name in row.cells))

    def count(self, source: Source) -> int:
        """Return 0: only reading would tell."""
        return 0

    def read(self, source: Source, report: ReadReport) -> Iterator[Row | Rejection]:
        """Yield one row or rejection per object of the array."""
        report.note("encoding", source.encoding)
        number = 0
        for item in read_items(lines.read_pieces(source.file)):
            # Where the whole array stands in a line, the number of the object tells more.
            number = max(item.line, number + 1)
            if isinstance(item, JsonItem):
                yield Row(number, item.value)
            else:
                yield Rejection(number, item.field, item.rule, item.detail)


def create(environment: Environment) -> Reader:
    """Build the reader."""
    return JsonDocumentReader()
