"""Shows how far a command is: a bar on a terminal, a plain line now and then elsewhere."""

import sys
import time

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

LINE_EVERY_S = 5.0


class Bar:
    """A progress bar on a terminal."""

    def __init__(self, console: Console) -> None:
        self._progress = Progress(
            TextColumn("sweeping"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("pictures ·"),
            TimeRemainingColumn(),
            console=console,
        )
        self._task = self._progress.add_task("sweep", total=None)

    def __enter__(self) -> "Bar":
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def total(self, pictures: int) -> None:
        """Give the bar its length."""
        self._progress.update(self._task, total=pictures)

    def advance(self, pictures: int) -> None:
        """Move the bar."""
        self._progress.update(self._task, advance=pictures)

    def say(self, line: str) -> None:
        """Print a line above the bar."""
        self._progress.console.print(line, markup=False, highlight=False)


class Lines:
    """A line every few seconds, for logs and pipes."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._pictures = self._total = 0
        self._began = self._shown = time.monotonic()

    def __enter__(self) -> "Lines":
        return self

    def __exit__(self, *_: object) -> None:
        """Leave nothing behind."""

    def total(self, pictures: int) -> None:
        """Remember the total, and count from here."""
        self._total, self._pictures = pictures, 0
        self._began = self._shown = time.monotonic()

    def advance(self, pictures: int) -> None:
        """Count, and print a line when the last one is some seconds old."""
        self._pictures += pictures
        now = time.monotonic()
        if now - self._shown < LINE_EVERY_S:
            return
        self._shown = now
        spent = now - self._began
        left = max(0, self._total - self._pictures) * spent / max(1, self._pictures)
        self.say(
            f"{self._pictures} of about {self._total} pictures, "
            f"{self._pictures / spent:.0f}/s, about {left:.0f} s left"
        )

    def say(self, line: str) -> None:
        """Print a line."""
        self._console.print(line, markup=False, highlight=False, soft_wrap=True)


def shown() -> Bar | Lines:
    """Return what fits standard error."""
    console = Console(file=sys.stderr)
    return Bar(console) if console.is_terminal else Lines(console)


def lines() -> Lines:
    """Return what fits a process nobody watches."""
    return Lines(Console(file=sys.stderr))
