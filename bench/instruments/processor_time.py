"""Measure the processor time of processes: unlike the time on the clock, other work adds little."""

from collections.abc import Iterable

import psutil

from bench.instruments.memory import process_listening_on


class ProcessorTime:
    """Counts the processor time of processes and their children from when it is made."""

    def __init__(self, processes: Iterable[psutil.Process | None]) -> None:
        """A process that cannot be seen is given as None, and adds nothing."""
        self._processes = [process for process in processes if process is not None]
        self._began = self._total()

    def ms(self) -> float:
        """Return the milliseconds since then, of all cores together."""
        return 1000 * (self._total() - self._began)

    def _total(self) -> float:
        """Return the seconds that the processes and their living children have taken."""
        trees = (one for process in self._processes for one in (process, *process.children(True)))
        return sum(times.user + times.system for times in (one.cpu_times() for one in trees))


def engine_process(url: str) -> psutil.Process | None:
    """Return the Elasticsearch at an address of this machine; None where it cannot be seen."""
    port = url.rstrip("/").rpartition(":")[2]
    return process_listening_on(int(port)) if port.isdigit() else None
