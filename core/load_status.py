"""How far the loads that run now are, told by those who load to those who serve.

A load writes one small file in a folder they share, again and again while it runs. Where the
server does not share the folder, or no load runs, there is nothing to tell.
"""

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from core import atomic_file

FOLDER = "loads"
"""Name of the folder within LOOKALIKE_STATE_DIR."""

STALE_S = 15.0
"""A file this old was left by a load that was killed; running loads write every second."""


@dataclass(frozen=True)
class LoadStatus:
    """`products` of about `total` are searchable; `pending` of them still lack slow features."""

    products: int = 0
    total: int = 0
    pending: int = 0

    def __add__(self, other: "LoadStatus") -> "LoadStatus":
        return LoadStatus(
            self.products + other.products, self.total + other.total, self.pending + other.pending
        )


def publish(path: Path, status: LoadStatus) -> None:
    """Write how far a load is; `path` lies in the folder that `read` is given."""
    atomic_file.write(path, json.dumps(asdict(status)).encode())


def read(folder: Path, clock: Callable[[], float] = time.time) -> LoadStatus | None:
    """Return how far all running loads are together, or None when none runs."""
    running = [status for path in sorted(folder.glob("*.json")) if (status := _load(path, clock()))]
    return sum(running, LoadStatus()) if running else None


def remove_stale(folder: Path) -> None:
    """Delete the files of loads that were killed."""
    for path in folder.glob("*.json"):
        if _load(path, time.time()) is None:
            path.unlink(missing_ok=True)


def _load(path: Path, now: float) -> LoadStatus | None:
    try:
        if now - path.stat().st_mtime > STALE_S:
            return None
        return LoadStatus(**json.loads(path.read_bytes()))
    except (OSError, ValueError, TypeError):
        return None
