"""Rows of a shop system's table, read by the columns that the system writes."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from features.base import Json
from indexer.feeds.amounts import read_amount
from indexer.feeds.columns import normalise_name
from indexer.feeds.delimited import DelimitedReader
from indexer.feeds.reader import ReadReport
from indexer.feeds.rows import Rejection, Row
from indexer.feeds.source import Source

LIST_SEPARATOR = re.compile(r"(?<!\\),\s*")


@dataclass(frozen=True)
class TableRow:
    """A row's line, and its cells by their columns' names in lower case with `_` for blanks."""

    line: int
    cells: Mapping[str, str]

    def text(self, *names: str) -> str:
        """Return the first of these cells that holds anything, "" where none does."""
        return next((cell for name in names if (cell := self.cells.get(name, "").strip())), "")


def read_table(source: Source, report: ReadReport) -> Iterator[TableRow | Rejection]:
    """Yield the rows of a table, and rejections of what is none."""
    for row in DelimitedReader().read(source, report):
        yield row if isinstance(row, Rejection) else _table_row(row)


def _table_row(row: Row) -> TableRow:
    cells: dict[str, str] = {}
    for name, cell in row.cells.items():
        # Of a column that stands twice, the first that is filled counts.
        values = cell if isinstance(cell, list) else [cell]
        text = next((str(value) for value in values if str(value).strip()), "")
        cells.setdefault(normalise_name(name), text)
    return TableRow(row.line, cells)


def split_list(text: str) -> list[str]:
    r"""Return the values that commas separate; a comma after a backslash is part of its value."""
    values = (value.replace("\\,", ",").strip() for value in LIST_SEPARATOR.split(text))
    return [value for value in values if value]


def category_cell(branches: list[str]) -> Json:
    """Return the cell of a product that stands in several branches of a tree of categories."""
    if len(branches) < 2:
        return branches[0] if branches else None
    # A list of names without `>` would be one path.
    return [branch if ">" in branch else f"{branch} >" for branch in branches]


def is_lower(amount: str, other: str) -> bool:
    """Say whether an amount is below another, as far as both can be read."""
    first, second = read_amount(amount), read_amount(other)
    if first is None or second is None:
        return False
    return first.value(first.decimal_mark or "") < second.value(second.decimal_mark or "")


def filled(cells: Mapping[str, Json]) -> dict[str, Json]:
    """Return the cells that hold anything."""
    return {name: cell for name, cell in cells.items() if cell not in (None, "", [], {})}
