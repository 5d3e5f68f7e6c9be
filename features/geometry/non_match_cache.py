"""Caches pairs of pictures that have no alignment, permanently and for all processes.

A sweep meets nearly every pair twice, once from each picture and often in different processes, and
the next sweep meets it again. Most pairs have no alignment, and finding that out costs a whole
comparison. So each such pair is recorded as a 64-bit mark in a hash table of fixed size, in a
memory-mapped file that all processes share. Pairs with the same slot overwrite each other, and an
overwritten pair is compared again. The chance of a false match is 2⁻⁶⁴ per pair.
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
"""16 MB: six pairs for each of 350,000 pictures. A larger catalogue keeps its latest pairs."""

log = logging.getLogger(__name__)


class NonMatchCache:
    """Pairs of image ids known to have no alignment. Thread- and process-safe."""

    def __init__(self, file: Path) -> None:
        """Create `file` if it is missing; if that fails, the cache is this process's alone."""
        self._file = file

    def contains(self, first: str, second: str) -> bool:
        """Tell whether two pictures are known to have no alignment, in either order."""
        mark = _mark(first, second)
        return bool(self._marks[mark % SLOTS] == mark)

    def add(self, first: str, second: str) -> None:
        """Record that two pictures have no alignment, in either order."""
        mark = _mark(first, second)
        self._marks[mark % SLOTS] = mark

    @cached_property
    def _marks(self) -> NDArray[np.uint64]:
        return _open_table(self._file)


def _mark(first: str, second: str) -> int:
    """Return the pair's mark, 1 to 2⁶⁴ − 1; it changes whenever the comparing code changes."""
    pair = f"{min(first, second)} {max(first, second)}".encode()
    digest = hashlib.blake2b(pair, digest_size=8, key=_code_digest()).digest()
    return int.from_bytes(digest) or 1  # 0 marks an empty slot


@cache
def _code_digest() -> bytes:
    """Return a digest of the code of this package and of OpenCV's version."""
    digest = hashlib.sha256(cv2.__version__.encode())
    for file in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(file.read_bytes())
    return digest.digest()


def _open_table(file: Path) -> NDArray[np.uint64]:
    try:
        atomic_file.make_folder(file.parent)
        with file.open("ab") as table:
            # Allocate all of it now: writing to a page the full disk cannot hold kills the process.
            table.write(bytes(max(0, 8 * SLOTS - table.tell())))
        return np.memmap(file, np.uint64, "r+", shape=(SLOTS,))
    except OSError as error:  # a full or read-only disk costs time, not the examination
        log.warning("pairs without alignment cannot be cached in %s: %s", file, error.strerror)
        return np.zeros(SLOTS, np.uint64)
