"""Reads CSV and TSV: a header line, then one product a record."""

import csv
import re
from collections.abc import Iterator, Sequence

from core.environment import Environment
from features.base import Json
from indexer.errors import FeedUnreadable
from indexer.feeds import columns, lines
from indexer.feeds.lines import Line
from indexer.feeds.reader import Reader, ReadReport, Recognition
from indexer.feeds.rows import Rejection, Row
from indexer.feeds.source import Source

DELIMITER_NAMES = {"\t": "tab", ",": "comma", ";": "semicolon", "|": "bar"}
DELIMITERS = tuple(DELIMITER_NAMES)

EXCEL_DELIMITER = re.compile(r"sep=([,;|\t])", re.IGNORECASE)
"""A first line by which Excel is told the delimiter."""


class DelimitedReader:
    """Reads CSV and TSV, also gzipped: a header line, then one product a record."""

    name = "delimited"

    def recognise(self, source: Source) -> Recognition:
        """Recognise any text but JSON, XML and HTML."""
        start = source.text.lstrip()[:1]
        return Recognition.NO if start in ("", "<", "[", "{") else Recognition.FALLBACK

    def columns(self, source: Source) -> tuple[str, ...]:
        """Return the columns that the header names."""
        return tuple(read_header(_Records(lines.read(source.file)))[0])

    def count(self, source: Source) -> int:
        """Return the number of lines without the header."""
        return lines.count(source.file) - 1

    def read(self, source: Source, report: ReadReport) -> Iterator[Row | Rejection]:
        """Yield one row or rejection per record that is not blank."""
        records = _Records(lines.read(source.file))
        names, delimiter = read_header(records)
        report.note("encoding", source.encoding)
        report.note("delimiter", DELIMITER_NAMES[delimiter])
        misshapen = False
        while True:
            record = records.next_record(delimiter, len(names))
            if record is None:
                return
            if isinstance(record, Rejection):
                yield record
            elif not any(cell.strip() for cell in record):
                continue
            elif record == names:
                # Files that were put together have the header in their middle as well.
                yield Rejection(records.start, "line", "header", "the header stands here again")
            elif len(record) > len(names) and not any(record[len(names) :]):
                report.count("rows with empty cells beyond the header")
                yield Row(records.start, _cells(names, record[: len(names)]))
            elif len(record) != len(names):
                detail = f"{len(record)} columns where the header has {len(names)}"
                if not misshapen:
                    report.note("first row of another width", f"in line {records.start}")
                misshapen = True
                yield Rejection(records.start, "line", "column_count", detail)
            else:
                yield Row(records.start, _cells(names, record))


def read_header(records: "_Records") -> tuple[list[str], str]:
    """Return the column names and the delimiter under which most of them are known to us.

    A line before it that names the delimiter for Excel decides. Raises FeedUnreadable.
    """
    text = _header_line(records)
    delimiters = DELIMITERS
    if chosen := EXCEL_DELIMITER.fullmatch(text.rstrip("\r ")):
        delimiters = (str(chosen[1]),)
        text = _header_line(records)
    return split_header(text, delimiters)


def split_header(text: str, delimiters: Sequence[str] = DELIMITERS) -> tuple[list[str], str]:
    """Return a header's names and the delimiter under which most are known, or there are most."""
    best: tuple[tuple[int, int], list[str], str] = ((-1, -1), [], ",")
    for delimiter in delimiters:
        try:
            names = next(csv.reader([text], delimiter=delimiter))
        except csv.Error:
            continue
        score = sum(columns.is_known(name) for name in names), len(names)
        if score > best[0]:
            best = (score, names, delimiter)
    return best[1], best[2]


def header_names(source: Source) -> frozenset[str]:
    """Return the names in the header of what may be a table, as the register writes them."""
    for line in source.text.lstrip().splitlines()[:2]:
        if not EXCEL_DELIMITER.fullmatch(line.rstrip("\r ")):
            return frozenset(map(columns.normalise_name, split_header(line)[0]))
    return frozenset()


def _header_line(records: "_Records") -> str:
    """Take the first line that is not blank; raises FeedUnreadable."""
    while (line := records.peek()) is not None:
        if line.text is None:
            raise FeedUnreadable(f"the feed's header line cannot be read: {line.detail}")
        next(records)
        if line.text.strip():
            return line.text
    raise FeedUnreadable("the feed has no header line")


def _cells(names: Sequence[str], record: Sequence[str]) -> dict[str, Json]:
    """Return column → cell; a column that stands there twice gives a list."""
    cells: dict[str, Json] = {}
    for name, cell in zip(names, record, strict=True):
        if name in cells:
            before = cells[name] if isinstance(cells[name], list) else [cells[name]]
            cells[name] = [*before, cell]
        else:
            cells[name] = cell
    return cells


class _Records(Iterator[str]):
    """Lines for the csv module, which can be given back.

    A quote that is never closed swallows lines until csv's own limit on cells (131,072
    characters) stops it. The record is then rejected, and all its lines but the first are read
    again: one bad quote costs one row, not the rest of the feed.
    """

    def __init__(self, source: Iterator[Line]) -> None:
        self._source = source
        self._again: list[Line] = []
        self._taken: list[Line] = []
        self._bad: Line | None = None
        self.start = 0

    def peek(self) -> Line | None:
        """Return the next line and leave it where it is; None at the end."""
        if not self._again:
            line = next(self._source, None)
            if line is None:
                return None
            self._again.append(line)
        return self._again[-1]

    def __next__(self) -> str:
        line = self.peek()
        if line is None:
            raise StopIteration
        self._again.pop()
        self._taken.append(line)
        if line.text is None:
            self._bad = line
            raise csv.Error(line.detail)
        return line.text + "\n"

    def next_record(self, delimiter: str, width: int) -> list[str] | Rejection | None:
        """Return the next record or why there is none at `start`; None at the end.

        A quote that stands alone between tabs is a sign like any other, where the line then has as
        many cells as the header.
        """
        self._taken, self._bad = [], None
        line = self.peek()
        if line is None:
            return None
        self.start = line.number
        try:
            return next(csv.reader(self, delimiter=delimiter, strict=True))
        except csv.Error as error:
            cells = (line.text or "").split(delimiter)
            if delimiter == "\t" and self._bad is None and len(cells) == width:
                self._again.extend(reversed(self._taken[1:]))
                return cells
            return self._rejected(str(error))

    def _rejected(self, reason: str) -> Rejection:
        if self._bad is not None and len(self._taken) == 1:
            return Rejection(self.start, "line", self._bad.rule, self._bad.detail)
        self._again.extend(reversed(self._taken[1:]))
        if "field limit" in reason and len(self._taken) == 1:
            return Rejection(self.start, "line", "cell_too_long", columns.CELL_RULE)
        unclosed = len(self._taken) > 1 or "unexpected end" in reason
        detail = "a quote is opened and never closed" if unclosed else reason
        return Rejection(self.start, "line", "quotes", detail)


def create(environment: Environment) -> Reader:
    """Build the reader."""
    return DelimitedReader()
