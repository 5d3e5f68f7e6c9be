"""Lines on disk that outlive the process that wrote them.

Every process appends to a segment of its own and holds an exclusive lock on it for as long as it
writes there. An unlocked segment, be it full, sealed or left by a process that was killed, belongs
to whoever locks it next: that process delivers it and deletes it. The system drops the locks of a
dead process, so nothing has to find out who is alive.

A line survives `kill -9` once it is written. It is not forced to the disk: an operation record is
not worth a disk flush, and a power cut may cost the last seconds.
"""

import fcntl
import logging
import os
import secrets
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

SEGMENT_BYTES = 4 * 2**20
"""Size at which a segment is sealed: what a crash while delivering can make us deliver again."""

BATCH_LINES = 500
BATCH_BYTES = 2**20
REFUSED_BYTES = 16 * 2**20
REFUSED = "refused.ndjson"
SEGMENTS = "events-*.ndjson"

log = logging.getLogger(__name__)


def waiting_bytes(folder: Path) -> int:
    """Return the size of what waits in a spool's folder."""
    sizes = 0
    for path in folder.glob(SEGMENTS):
        try:
            sizes += path.stat().st_size
        except FileNotFoundError:  # another process has just delivered it
            continue
    return sizes


class Spool:
    """Lines waiting in a folder that several processes share. Thread-safe."""

    def __init__(self, folder: Path, limit_bytes: int) -> None:
        self.folder = folder
        self._limit_bytes = limit_bytes
        self._lock = threading.Lock()
        self._segment: int | None = None

    def append(self, lines: Sequence[bytes], *, all_or_none: bool = False) -> int:
        """Write lines, without their line ends, and return how many did not fit.

        With `all_or_none`, none is written unless all fit. Raises OSError when the folder takes
        none; then none of the lines is there.
        """
        with self._lock:
            if self._segment is None:
                self._segment = self._create()
            room = self._limit_bytes - self.waiting_bytes()
            fitting = 0
            for line in lines:
                room -= len(line) + 1
                if room < 0:
                    break
                fitting += 1
            if all_or_none and fitting < len(lines):
                return len(lines)
            self._write(self._segment, b"".join(line + b"\n" for line in lines[:fitting]))
            if os.fstat(self._segment).st_size >= SEGMENT_BYTES:
                self._release()
        return len(lines) - fitting

    def deliver(self, receive: Callable[[list[bytes]], None]) -> None:
        """Hand every unlocked line to `receive` in batches, oldest segment first, then this
        process's own; delete each segment that was received whole.

        What `receive` raises ends the delivery; the segment stays, and is delivered again from its
        beginning: `receive` must not mind seeing a line twice.
        """
        self._deliver_unlocked(receive)
        if self._segment is not None:
            self.seal()
            self._deliver_unlocked(receive)

    def seal(self) -> None:
        """Let go of this process's segment, for anyone to deliver."""
        with self._lock:
            self._release()

    def reset_after_fork(self) -> None:
        """After a fork: leave the parent's segment to the parent."""
        inherited, self._segment = self._segment, None
        self._lock = threading.Lock()
        if inherited is not None:
            os.close(inherited)

    def refuse(self, line: bytes) -> None:
        """Keep a line that will never be delivered, for a person to read; the oldest go first."""
        path = self.folder / REFUSED
        if path.exists() and path.stat().st_size > REFUSED_BYTES:
            path.replace(path.with_name(f"{REFUSED}.1"))
        with _opened(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND) as file:
            os.write(file, line + b"\n")

    def waiting_bytes(self) -> int:
        """Return the size of all segments, other processes' included."""
        return waiting_bytes(self.folder)

    def _create(self) -> int:
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        while True:
            name = f"events-{time.time_ns():020d}-{os.getpid()}-{secrets.token_hex(4)}.ndjson"
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND
            segment = os.open(self.folder / name, flags, 0o600)
            # Between these two lines another process may have found it unlocked and deleted it.
            if _locked(segment):
                return segment
            os.close(segment)

    def _write(self, segment: int, data: bytes) -> None:
        before = os.fstat(segment).st_size
        try:
            while data:
                data = data[os.write(segment, data) :]
        except OSError:
            os.ftruncate(segment, before)
            raise

    def _release(self) -> None:
        if self._segment is not None:
            # Closing is not enough: a child forked meanwhile shares the lock until told otherwise.
            fcntl.flock(self._segment, fcntl.LOCK_UN)
            os.close(self._segment)
            self._segment = None

    def _deliver_unlocked(self, receive: Callable[[list[bytes]], None]) -> None:
        for path in sorted(self.folder.glob(SEGMENTS)):
            try:
                with _opened(path, os.O_RDONLY) as segment:
                    if _locked(segment):
                        for batch in _batches(segment):
                            receive(batch)
                        path.unlink()
            except FileNotFoundError:  # another process has just delivered it
                continue


@contextmanager
def _opened(path: Path, flags: int) -> Iterator[int]:
    file = os.open(path, flags, 0o600)
    try:
        yield file
    finally:
        os.close(file)


def _locked(segment: int) -> bool:
    """Lock a segment without waiting; say whether it is ours now and still in the folder."""
    try:
        fcntl.flock(segment, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return os.fstat(segment).st_nlink > 0


def _batches(segment: int) -> Iterator[list[bytes]]:
    batch: list[bytes] = []
    size = 0
    with os.fdopen(os.dup(segment), "rb") as file:
        for line in file:
            if not line.endswith(b"\n"):
                log.warning("a line was cut off while it was written, and is lost")
                continue
            batch.append(line[:-1])
            size += len(line)
            if len(batch) >= BATCH_LINES or size >= BATCH_BYTES:
                yield batch
                batch, size = [], 0
    if batch:
        yield batch
