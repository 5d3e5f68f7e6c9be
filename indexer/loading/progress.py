"""Shows how far a load is: a bar on a terminal, a plain line now and then elsewhere."""

import sys
import threading
import time
from types import TracebackType
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

LINE_EVERY_S = 5.0


class Progressing(Protocol):
    """What a load tells of itself. Thread-safe."""

    def total(self, rows: int) -> None:
        """Say about how many rows there are."""
        ...

    def advance(self, rows: int, pictures: int) -> None:
        """Say that rows are settled, and how many pictures went in with them."""
        ...

    def say(self, line: str) -> None:
        """Show a line."""
        ...


class Silent:
    """Shows nothing."""

    def total(self, rows: int) -> None:
        """Do nothing."""

    def advance(self, rows: int, pictures: int) -> None:
        """Do nothing."""

    def say(self, line: str) -> None:
        """Do nothing."""


class Bar:
    """A progress bar on a terminal."""

    def __init__(self, console: Console) -> None:
        self._progress = Progress(
            TextColumn("loading"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("products · {task.fields[rate]:.0f} pictures/s ·"),
            TimeRemainingColumn(),
            console=console,
        )
        self._task = self._progress.add_task("load", total=None, rate=0.0)
        self._pictures = 0
        self._began = time.monotonic()
        self._lock = threading.Lock()

    def __enter__(self) -> "Bar":
        self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._progress.stop()

    def total(self, rows: int) -> None:
        """Give the bar its length."""
        self._progress.update(self._task, total=rows)

    def advance(self, rows: int, pictures: int) -> None:
        """Move the bar."""
        with self._lock:
            self._pictures += pictures
            rate = self._pictures / max(time.monotonic() - self._began, 0.001)
        self._progress.update(self._task, advance=rows, rate=rate)

    def say(self, line: str) -> None:
        """Print a line above the bar."""
        self._progress.console.print(line, markup=False, highlight=False)


class Lines:
    """A line every few seconds, for logs and pipes."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._rows = self._pictures = self._total = 0
        self._began = self._shown = time.monotonic()
        self._lock = threading.Lock()

    def __enter__(self) -> "Lines":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Leave nothing behind."""

    def total(self, rows: int) -> None:
        """Remember the total."""
        self._total = rows

    def advance(self, rows: int, pictures: int) -> None:
        """Count, and print a line when the last one is some seconds old."""
        with self._lock:
            self._rows += rows
            self._pictures += pictures
            now = time.monotonic()
            if now - self._shown < LINE_EVERY_S:
                return
            self._shown = now
            spent = now - self._began
            left = max(0, self._total - self._rows) * spent / max(1, self._rows)
            line = (
                f"{self._rows} of about {self._total} products, "
                f"{self._pictures / spent:.0f} pictures/s, about {left:.0f} s left"
            )
        self.say(line)

    def say(self, line: str) -> None:
        """Print a line."""
        self._console.print(line, markup=False, highlight=False, soft_wrap=True)


def shown() -> "Bar | Lines":
    """Return what fits standard error."""
    console = Console(file=sys.stderr)
    return Bar(console) if console.is_terminal else Lines(console)
