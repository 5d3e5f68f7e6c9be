"""Tells the web server how far a load is, through a file in a folder they share."""

import os
import threading
from pathlib import Path
from typing import Self

from core import load_status
from core.load_status import LoadStatus

EVERY_S = 1.0


class StatusFile:
    """Publishes a load's status once a second while the block lasts.

    A folder that cannot be written costs the page its counts, never the load.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / f"{os.uname().nodename}-{os.getpid()}.json"
        self._status = LoadStatus()
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._publish, name="load-status", daemon=True)

    def __enter__(self) -> Self:
        load_status.remove_stale(self._path.parent)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closed.set()
        self._thread.join()
        self._path.unlink(missing_ok=True)

    def update(self, status: LoadStatus) -> None:
        """Have this status published within a second."""
        self._status = status

    def _publish(self) -> None:
        while True:
            try:
                load_status.publish(self._path, self._status)
            except OSError:
                return
            if self._closed.wait(EVERY_S):
                return
