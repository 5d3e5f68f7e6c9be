"""What a load did, and where its time went."""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class LoadReport:
    """The outcome of a load.

    `pictures` counts those of the products that went in, `reused` those among them whose stored
    values were taken over. `rejected` counts the lines of `rejects`: rows and single pictures.
    `stages` maps a stage or feature to the seconds all threads together spent in it. `reading`
    names the reader and what it reported, such as the delimiter.
    """

    products: int
    pictures: int
    reused: int
    rejected: int
    seconds: float
    stages: dict[str, float]
    unused_columns: tuple[str, ...]
    rejects: Path | None
    interrupted: bool
    reading: str = ""

    @property
    def pictures_per_second(self) -> float:
        """Pictures a second over the whole load, reused ones included."""
        return self.pictures / self.seconds if self.seconds else 0.0

    @property
    def exit_code(self) -> int:
        """0 when all went in, 1 when something was rejected, 130 when interrupted."""
        if self.interrupted:
            return 130
        return 1 if self.rejected else 0


class Tally:
    """Counts and times of a load under way. Thread-safe."""

    def __init__(self) -> None:
        self.started = time.monotonic()
        self.counts: Counter[str] = Counter()
        self.stages: dict[str, float] = {}
        self._lock = threading.Lock()

    def add(self, **counts: int) -> None:
        """Add to the counts."""
        with self._lock:
            self.counts.update(counts)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Add the time inside the block to a stage."""
        began = time.monotonic()
        try:
            yield
        finally:
            self.add_seconds(name, time.monotonic() - began)

    def add_seconds(self, name: str, spent: float) -> None:
        """Add seconds that were spent elsewhere to a stage."""
        with self._lock:
            self.stages[name] = self.stages.get(name, 0.0) + spent
