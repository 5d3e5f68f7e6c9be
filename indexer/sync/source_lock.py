"""Lets one sync of a source run at a time, and says which one does."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from core.errors import Busy
from core.locks import process_lock


@contextmanager
def source_lock(path: Path, source: str) -> Iterator[None]:
    """Hold a source's lock; raises Busy, naming the process that has it.

    `source` is the name to show, without credentials.
    """
    try:
        with process_lock(path, f"a sync of {source}"):
            moment = datetime.now().astimezone().isoformat(sep=" ", timespec="seconds")
            path.write_text(f"process {os.getpid()}, since {moment}", encoding="utf-8")
            yield
    except Busy as error:
        holder = path.read_text(encoding="utf-8")
        if not holder:
            raise
        raise Busy(
            f"a sync of {source} is already running ({holder}): wait until it ends, or stop it"
        ) from error
