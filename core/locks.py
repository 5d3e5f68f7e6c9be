"""Locks between processes that a crash cannot leave behind.

The kernel lets go of a lock when its process ends, so a leftover lock file means nothing.
"""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core import atomic_file
from core.errors import Busy


@contextmanager
def file_lock(path: Path) -> Iterator[None]:
    """Hold the lock file `path`, waiting while another process or thread has it.

    Its folder is made if it is missing.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextmanager
def process_lock(path: Path, activity: str) -> Iterator[None]:
    """Hold the lock file `path`; raises Busy, naming the `activity`, while another process has it.

    Its folder is made if it is missing.
    """
    atomic_file.make_folder(path.parent)
    with path.open("a", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Busy(
                f"{activity} is already running ({path} is locked): wait until it ends, or stop it"
            ) from error
        yield
