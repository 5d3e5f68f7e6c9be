"""Pairs of pictures that cannot be laid over each other, remembered for good and by all processes.

A sweep meets nearly every pair from both its ends, often in another process, and the next sweep
meets it again; nearly all of them come to nothing, which takes as long to find out as anything
else. So a pair that came to nothing leaves its mark in a table of 64-bit marks, one place for each,
in a file that all processes share. Two that want one place overwrite each other, and an overwritten
pair is compared once more: the table never grows, and never grows slow. That a mark is another
pair's has a chance of 2⁻⁶⁴ times the pairs there are.
"""

import hashlib
import logging
from functools import cache, cached_property
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from core import atomic_file

SLOTS = 1 << 21
"""16 MB: six pairs each for 350,000 pictures, and in a larger catalogue those met last."""

log = logging.getLogger(__name__)


class NonMatchCache:
    """The pairs known to come to nothing, by the pictures' ids. Thread- and process-safe."""

    def __init__(self, file: Path) -> None:
        """`file` is made where it is missing; where it can't be, this process remembers alone."""
        self._file = file

    def contains(self, one: str, other: str) -> bool:
        """Say whether two pictures are known to have nothing to do with each other."""
        mark = _mark(one, other)
        return bool(self._marks[mark % SLOTS] == mark)

    def add(self, one: str, other: str) -> None:
        """Remember that one of two pictures cannot be laid over the other."""
        mark = _mark(one, other)
        self._marks[mark % SLOTS] = mark

    @cached_property
    def _marks(self) -> NDArray[np.uint64]:
        return _open_table(self._file)


def _mark(one: str, other: str) -> int:
    """Return the same mark from both ends; another one after every change of how pairs are laid."""
    pair = f"{min(one, other)} {max(one, other)}".encode()
    told = hashlib.blake2b(pair, digest_size=8, key=_code_digest()).digest()
    return int.from_bytes(told) or 1  # 0 is a place nobody has taken


@cache
def _code_digest() -> bytes:
    """Return a digest that changes with the code that compares and with OpenCV."""
    told = hashlib.sha256(cv2.__version__.encode())
    for file in sorted(Path(__file__).parent.glob("*.py")):
        told.update(file.read_bytes())
    return told.digest()


def _open_table(file: Path) -> NDArray[np.uint64]:
    try:
        atomic_file.make_folder(file.parent)
        with file.open("ab") as table:
            # All of it at once: a page that finds no room on the disk later would end the process.
            table.write(bytes(max(0, 8 * SLOTS - table.tell())))
        return np.memmap(file, np.uint64, "r+", shape=(SLOTS,))
    except OSError as error:  # a full or read-only disk costs time, not the examination
        log.warning("pairs that came to nothing cannot be kept in %s: %s", file, error.strerror)
        return np.zeros(SLOTS, np.uint64)
