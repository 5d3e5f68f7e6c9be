"""A lock that one process at a time holds, and that a crash cannot leave behind."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core import atomic_file
from core.errors import Busy


@contextmanager
def sole(path: Path, what: str) -> Iterator[None]:
    """Hold the lock file `path`; raises Busy, naming `what`, where another process has it.

    The kernel lets go when the process ends, so a leftover file means nothing.
    """
    atomic_file.make_folder(path.parent)
    with path.open("a", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Busy(f"{what} is at work already ({path} is locked)") from error
        yield
