"""Locks on single products between threads and processes, which a crash cannot leave behind.

Whoever decides and writes a product holds its lock from the decision to Elasticsearch's answer. A
lock is one byte of a file (an open file description lock): the kernel lets go of it when its
process ends, and a stopped process keeps it. Products share a number of bytes, by their ids.
https://man7.org/linux/man-pages/man2/fcntl_locking.2.html
"""

import fcntl
import os
import struct
import time
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from core import atomic_file
from core.errors import Busy

SLOTS = 1 << 16
"""Bytes that products share: of 1,000 products being written, two of 66 share one."""

PIECE = 1 << 10
"""Bytes taken at once by whoever wants them all."""

PATIENCE_S = 30.0
"""How long to wait for others: they hold a lock for one request to Elasticsearch."""

SHORTEST_WAIT_S, LONGEST_WAIT_S = 0.001, 0.05


class ProductLocks:
    """Locks in one file. Thread-safe; usable in every process that opens the same file."""

    def __init__(self, path: Path, patience_s: float = PATIENCE_S) -> None:
        self._path = path
        self._patience_s = patience_s

    @contextmanager
    def hold(self, ids: Iterable[str]) -> Iterator[None]:
        """Hold the locks of some products; raises Busy when others hold one for too long.

        A thread that holds locks must not ask for more: two such threads would wait for each
        other.
        """
        # In one order for everybody, so that nobody waits in a circle.
        slots = sorted({zlib.crc32(key.encode()) % SLOTS for key in ids})
        with self._holding([(slot, 1) for slot in slots]):
            yield

    @contextmanager
    def hold_all(self) -> Iterator[None]:
        """Hold the locks of all products; raises Busy when others hold one for too long."""
        # Piece by piece: writers are kept out of what is held already, and cannot take turns.
        with self._holding([(start, PIECE) for start in range(0, SLOTS, PIECE)]):
            yield

    @contextmanager
    def _holding(self, ranges: Sequence[tuple[int, int]]) -> Iterator[None]:
        atomic_file.make_folder(self._path.parent)
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        until = time.monotonic() + self._patience_s
        try:
            for start, length in ranges:
                self._acquire(descriptor, _request(fcntl.F_WRLCK, start, length), until)
            yield
        finally:
            # Closing is not enough where a fork has copied the descriptor.
            fcntl.fcntl(descriptor, fcntl.F_OFD_SETLK, _request(fcntl.F_UNLCK, 0, SLOTS))
            os.close(descriptor)

    def _acquire(self, descriptor: int, request: bytes, until: float) -> None:
        wait_s = SHORTEST_WAIT_S
        while True:
            try:
                fcntl.fcntl(descriptor, fcntl.F_OFD_SETLK, request)
            except BlockingIOError:
                if time.monotonic() > until:
                    raise Busy(
                        "another process has been writing this product for "
                        f"{self._patience_s:g} s: try again in a second"
                    ) from None
                time.sleep(wait_s)
                wait_s = min(2 * wait_s, LONGEST_WAIT_S)
            else:
                return


def _request(kind: int, start: int, length: int) -> bytes:
    """Return a `struct flock`: kind, whence, start, length, and 0 as the process."""
    return struct.pack("hhqqi4x", kind, os.SEEK_SET, start, length, 0)
