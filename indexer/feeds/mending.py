"""Mends text whose UTF-8 was once read as Windows-1252: CafÃ© for Café.

Only what comes out whole is mended: the text's bytes in Windows-1252 must be valid UTF-8.
"""

import re
from collections.abc import Mapping

from features.base import Json
from indexer.feeds.reader import ReadReport

_CONTINUATION = "\x80-\xbf‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ€"
_BROKEN = re.compile(f"[\xc2-\xf4][{_CONTINUATION}]")
"""A first byte of UTF-8 and one that continues it, read as Windows-1252."""

MENDED = "cells mended whose UTF-8 was read as Windows-1252"


def mend_cells(cells: Mapping[str, Json], report: ReadReport) -> Mapping[str, Json]:
    """Return a row's cells with such text mended, and tell `report` how many there were."""
    mended = {name: _mend(cell) for name, cell in cells.items() if _is_broken(cell)}
    changed = {name: cell for name, cell in mended.items() if cell != cells[name]}
    report.count(MENDED, len(changed))
    return {**cells, **changed} if changed else cells


def mend(text: str) -> str:
    """Return the text mended, or as it is where it is not broken."""
    try:
        return _bytes(text).decode("utf-8")
    except UnicodeError:
        return text


def _bytes(text: str) -> bytes:
    """Return the bytes of Windows-1252, of its five empty places as well."""
    try:
        return text.encode("cp1252")
    except UnicodeEncodeError:
        return b"".join(
            character.encode("latin-1" if "\x80" <= character <= "\x9f" else "cp1252")
            for character in text
        )


def _is_broken(cell: Json) -> bool:
    if isinstance(cell, str):
        return not cell.isascii() and _BROKEN.search(cell) is not None
    return isinstance(cell, list) and any(_is_broken(value) for value in cell)


def _mend(cell: Json) -> Json:
    if isinstance(cell, list):
        return [_mend(value) for value in cell]
    return mend(cell) if isinstance(cell, str) and _is_broken(cell) else cell
