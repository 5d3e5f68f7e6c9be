"""Sample the memory of a process and its children while they work."""

import threading
from dataclasses import dataclass
from types import TracebackType

import psutil

EVERY_S = 0.25


@dataclass(frozen=True)
class MemorySample:
    """Resident memory in megabytes (10⁶ bytes): of the process, and with all its descendants.

    Shared pages count once per process, so `tree_mb` is an upper bound.
    """

    own_mb: float
    tree_mb: float


def resident_memory(process: psutil.Process) -> MemorySample:
    """Return the memory of a process now. Raises psutil.Error when it has ended."""
    own = process.memory_info().rss
    tree = own
    for child in process.children(recursive=True):
        try:
            tree += child.memory_info().rss
        except psutil.Error:
            continue  # it ended after it was listed
    return MemorySample(own / 1e6, tree / 1e6)


def process_listening_on(port: int) -> psutil.Process | None:
    """Return the process listening on a port of this machine, or None if none is visible."""
    for process in psutil.process_iter():
        try:
            connections = process.net_connections("tcp")
        except psutil.Error:
            continue  # it ended, or belongs to another user
        if any(one.status == psutil.CONN_LISTEN and one.laddr.port == port for one in connections):
            return process
    return None


class MemoryWatch:
    """Samples a process from a background thread while the `with` block runs."""

    def __init__(self, pid: int) -> None:
        self.samples: list[MemorySample] = []
        self._process = psutil.Process(pid)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="memory", daemon=True)

    def __enter__(self) -> "MemoryWatch":
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.set()
        self._thread.join()

    def growth_mb(self) -> float:
        """Return the peak of the last quarter of the time minus that of the second.

        The first quarter is ignored: models are loaded and pools filled then.
        """
        totals = [sample.tree_mb for sample in self.samples]
        quarter = max(1, len(totals) // 4)
        return max(totals[-quarter:]) - max(totals[quarter : 2 * quarter] or totals)

    def _watch(self) -> None:
        while not self._stop.is_set():
            try:
                self.samples.append(resident_memory(self._process))
            except psutil.Error:
                return
            self._stop.wait(EVERY_S)
