"""Lines of CSV that are safe to open in a spreadsheet."""

import csv
import io
from collections.abc import Sequence

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""First characters of a cell that a spreadsheet would calculate: a feed could plant a formula.

https://owasp.org/www-community/attacks/CSV_Injection
"""


def csv_line(cells: Sequence[str]) -> str:
    """Return a line with its end (RFC 4180); a text that begins as a formula gets a ' before it.

    Numbers are left alone, those below 0 too.
    """
    line = io.StringIO(newline="")
    csv.writer(line).writerow(_plain(cell) for cell in cells)
    return line.getvalue()


def _plain(cell: str) -> str:
    return f"'{cell}" if cell.startswith(FORMULA) and not _is_number(cell) else cell


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True
