"""Reads and writes lists of PDQ hashes as CSV: `hash,quality`, the format trust tools exchange.

The hash is 64 hex digits, the quality 0 to 100. A header line and further columns are allowed; the
program that comes with PDQ prints a file name behind them. Lines are read singly and cut at
LONGEST_LINE, so that a huge or wrong file costs no memory.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import IO

HEADER = "hash,quality"
HASH = re.compile(r"[0-9a-f]{64}")
LONGEST_LINE = 2048


@dataclass(frozen=True)
class ListedHash:
    """One line of a list: 64 hex digits in lower case, and the quality PDQ gave it."""

    bits: str
    quality: int


@dataclass(frozen=True)
class BadLine:
    """A rejected line. `number` counts from 1; `rule` is the rule that it breaks."""

    number: int
    rule: str


def read(stream: IO[bytes], min_quality: int) -> Iterator[ListedHash | BadLine]:
    """Yield the hash of each line, or the rule it breaks; empty lines and a header are skipped.

    A hash below `min_quality` comes from a picture with too little detail, and would match
    unrelated pictures.
    """
    for number, raw in enumerate(_lines(stream), start=1):
        if raw is None:
            yield BadLine(number, f"a line has at most {LONGEST_LINE} bytes")
            continue
        line = raw.decode("utf-8-sig", "replace").strip()
        if line and not (number == 1 and _cells(line)[0] in ("hash", "pdq", "pdq_hash")):
            yield _parsed(number, line, min_quality)


def _lines(stream: IO[bytes]) -> Iterator[bytes | None]:
    """Yield lines; None for a line that is too long."""
    while line := stream.readline(LONGEST_LINE + 1):
        if len(line) <= LONGEST_LINE:
            yield line
            continue
        while line and not line.endswith(b"\n"):
            line = stream.readline(LONGEST_LINE + 1)
        yield None


def _parsed(number: int, line: str, min_quality: int) -> ListedHash | BadLine:
    bits, *further = _cells(line)
    if not HASH.fullmatch(bits):
        return BadLine(number, "the hash must be 64 hexadecimal digits")
    if not further or not re.fullmatch(r"[0-9]{1,3}", further[0]) or int(further[0]) > 100:
        return BadLine(number, "the quality must be a whole number from 0 to 100")
    if int(further[0]) < min_quality:
        return BadLine(number, f"the quality must be {min_quality} or more for a hash to match by")
    return ListedHash(bits, int(further[0]))


def _cells(line: str) -> list[str]:
    return [cell.strip().strip('"').lower() for cell in line.split(",")]


def write(hashes: Iterable[ListedHash]) -> Iterator[str]:
    """Yield the lines of a list, the header first."""
    yield f"{HEADER}\n"
    for listed in hashes:
        yield f"{listed.bits},{listed.quality}\n"
