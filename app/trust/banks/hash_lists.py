"""Lists of PDQ hashes in the plain CSV that trust tools exchange: `hash,quality`, a line each.

The hash is 64 hex digits, the quality 0 to 100; a header line and further columns are allowed, as
upstream's own program prints a file name behind them. Lines are read one at a time and none is
kept longer than LONGEST_LINE, so a huge or a wrong file costs no memory.
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
    """A line that does not go in. `number` counts from 1; `rule` is what it breaks."""

    number: int
    rule: str


def read(stream: IO[bytes], min_quality: int) -> Iterator[ListedHash | BadLine]:
    """Yield every line's hash, or which rule it breaks; empty lines and a header are passed over.

    A hash below `min_quality` comes from a picture with too little in it, and would match others
    that have nothing in common with it.
    """
    for number, raw in enumerate(_lines(stream), start=1):
        if raw is None:
            yield BadLine(number, f"a line has at most {LONGEST_LINE} bytes")
            continue
        line = raw.decode("utf-8-sig", "replace").strip()
        if line and not (number == 1 and _cells(line)[0] in ("hash", "pdq", "pdq_hash")):
            yield _parsed(number, line, min_quality)


def _lines(stream: IO[bytes]) -> Iterator[bytes | None]:
    """Yield lines; None for one that is too long, whose rest is passed over."""
    while line := stream.readline(LONGEST_LINE + 1):
        if len(line) <= LONGEST_LINE:
            yield line
            continue
        while line and not line.endswith(b"\n"):
            line = stream.readline(LONGEST_LINE + 1)
        yield None


def _parsed(number: int, line: str, min_quality: int) -> ListedHash | BadLine:
    bits, *rest = _cells(line)
    if not HASH.fullmatch(bits):
        return BadLine(number, "the hash must be 64 hexadecimal digits")
    if not rest or not re.fullmatch(r"[0-9]{1,3}", rest[0]) or int(rest[0]) > 100:
        return BadLine(number, "the quality must be a whole number from 0 to 100")
    if int(rest[0]) < min_quality:
        return BadLine(number, f"the quality must be {min_quality} or more for a hash to match by")
    return ListedHash(bits, int(rest[0]))


def _cells(line: str) -> list[str]:
    return [cell.strip().strip('"').lower() for cell in line.split(",")]


def write(hashes: Iterable[ListedHash]) -> Iterator[str]:
    """Yield the lines of a list, the header first."""
    yield f"{HEADER}\n"
    for one in hashes:
        yield f"{one.bits},{one.quality}\n"
