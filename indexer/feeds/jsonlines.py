"""Reads JSON lines: one product object a line."""

import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from features.base import Json
from indexer.feeds import lines
from indexer.feeds.rows import Rejection, Row

SAMPLE = 20
"""Rows that tell which columns a feed has; absent values are often left out of single rows."""


def read(path: Path) -> Iterator[Row | Rejection]:
    """Yield one row or rejection per non-blank line."""
    for line in lines.read(path):
        if line.text is None:
            yield Rejection(line.number, "line", line.rule, line.detail)
        elif line.text.strip():
            yield _row(line.number, line.text)


def names(path: Path) -> tuple[str, ...]:
    """Return the columns of the first rows, in the order they appear."""
    first = islice((row for row in read(path) if isinstance(row, Row)), SAMPLE)
    return tuple(dict.fromkeys(name for row in first for name in row.cells))


def _row(number: int, text: str) -> Row | Rejection:
    try:
        cells = json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        detail = "nested too deeply" if isinstance(error, RecursionError) else str(error)
        return Rejection(number, "line", "json", f"not a JSON object: {detail[:200]}")
    if not isinstance(cells, dict):
        return Rejection(number, "line", "json", f"a JSON {type(cells).__name__}, not an object")
    return Row(number, cells)


def _refuse(constant: str) -> Json:
    raise ValueError(f"{constant} is no JSON value")
