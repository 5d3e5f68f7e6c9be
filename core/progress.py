"""Show how far long work is: a bar on a terminal, a line every few seconds elsewhere."""

import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, Self, TypeAlias

if TYPE_CHECKING:
    from rich.console import Console

LINE_EVERY_S = 5.0

Say: TypeAlias = Callable[[str], None]
"""Shows one line to the person who waits."""


class Progress(Protocol):
    """Takes reports of work under way. Thread-safe."""

    def set_total(self, units: int) -> None:
        """Set about how many units there are, and count from 0."""
        ...

    def advance(self, units: int, rated: int | None = None) -> None:
        """Add finished units; `rated` is what the shown rate counts, `units` unless given."""
        ...

    def say(self, line: str) -> None:
        """Show a line."""
        ...


class SilentProgress:
    """Shows nothing."""

    def set_total(self, units: int) -> None:
        """Do nothing."""

    def advance(self, units: int, rated: int | None = None) -> None:
        """Do nothing."""

    def say(self, line: str) -> None:
        """Do nothing."""


@dataclass(frozen=True)
class Work:
    """How work is described: "loading", counted in "products", its rate in "pictures" a second.

    `scale` is how many counted units make a shown one: 1e6 shows bytes as MB.
    """

    action: str
    unit: str
    rate_unit: str = ""
    scale: float = 1.0


class _Counter:
    """Counts work, and puts the count into words. Thread-safe."""

    def __init__(self, work: Work, total: int = 0) -> None:
        self._work = work
        self._total = total
        self._done = self._rated = 0
        self._began = time.monotonic()
        self._lock = threading.Lock()

    def reset(self, total: int) -> None:
        with self._lock:
            self._total, self._done, self._rated = total, 0, 0
            self._began = time.monotonic()

    def add(self, units: int, rated: int | None) -> None:
        with self._lock:
            self._done += units
            self._rated += units if rated is None else rated

    def move_to(self, units: int) -> None:
        with self._lock:
            self._done = self._rated = units

    @property
    def is_complete(self) -> bool:
        return 0 < self._total <= self._done

    def describe(self, note: str) -> str:
        """Return "120 of 500 products, 14 pictures/s, about 27 s left", then the note.

        Without a total it is "120 products, 14 pictures/s".
        """
        work = self._work
        with self._lock:
            spent = max(time.monotonic() - self._began, 0.001)
            rate = self._rated / spent / work.scale
            total = f" of {self._total / work.scale:.0f}" if self._total else ""
            parts = [
                f"{self._done / work.scale:.0f}{total} {work.unit}",
                f"{rate:.{0 if rate >= 10 else 1}f} {work.rate_unit or work.unit}/s",
            ]
            if self._done and self._total > self._done:
                left = (self._total - self._done) * spent / self._done
                parts.append(f"about {left:.0f} s left")
        return ", ".join(part for part in (*parts, note) if part)

    @property
    def counts(self) -> tuple[int, int]:
        """What is done, and the total."""
        return self._done, self._total


class ProgressBar:
    """A bar on a terminal; a context manager."""

    def __init__(self, work: Work, console: "Console", total: int = 0) -> None:
        # Only here: what fetches Elasticsearch runs before any package is installed.
        from rich.progress import BarColumn, TextColumn  # noqa: PLC0415
        from rich.progress import Progress as RichProgress  # noqa: PLC0415

        self._counter = _Counter(work, total)
        self._bar = RichProgress(
            TextColumn(work.action),
            BarColumn(),
            TextColumn("{task.fields[description_of]}"),
            console=console,
        )
        self._task = self._bar.add_task(work.action, total=total or None, description_of="")

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def set_total(self, units: int) -> None:
        """Give the bar its length, and count from 0."""
        self._counter.reset(units)
        self._show("")

    def advance(self, units: int, rated: int | None = None) -> None:
        """Move the bar on."""
        self._counter.add(units, rated)
        self._show("")

    def move_to(self, units: int, note: str = "") -> None:
        """Move the bar to a count, with a note beside it."""
        self._counter.move_to(units)
        self._show(note)

    def say(self, line: str) -> None:
        """Print a line above the bar."""
        self._bar.console.print(line, markup=False, highlight=False)

    def _show(self, note: str) -> None:
        done, total = self._counter.counts
        described = self._counter.describe(note)
        self._bar.update(self._task, completed=done, total=total or None, description_of=described)


class ProgressLines:
    """A line every few seconds, for logs and pipes; a context manager. `say` prints it."""

    def __init__(self, work: Work, say: Say, total: int = 0) -> None:
        self.say = say
        self._work = work
        self._counter = _Counter(work, total)
        self._printed = time.monotonic()
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Leave nothing behind."""

    def set_total(self, units: int) -> None:
        """Remember the total, and count from 0."""
        self._counter.reset(units)
        self._printed = time.monotonic()

    def advance(self, units: int, rated: int | None = None) -> None:
        """Count, and print a line when the last is some seconds old."""
        self._counter.add(units, rated)
        self._print("")

    def move_to(self, units: int, note: str = "") -> None:
        """Set the count, and print a line when the last is some seconds old or all is done."""
        self._counter.move_to(units)
        self._print(note, now=self._counter.is_complete)

    def _print(self, note: str, *, now: bool = False) -> None:
        with self._lock:
            if not now and time.monotonic() - self._printed < LINE_EVERY_S:
                return
            self._printed = time.monotonic()
        self.say(f"{self._work.action}: {self._counter.describe(note)}")


def show_progress(work: Work, total: int = 0) -> ProgressBar | ProgressLines:
    """Return what fits standard error: a bar on a terminal, lines elsewhere."""
    console = _stderr()
    return ProgressBar(work, console, total) if console.is_terminal else print_progress(work, total)


def print_progress(work: Work, total: int = 0) -> ProgressLines:
    """Return progress in lines on standard error, for a process that nobody watches."""
    console = _stderr()

    def say(line: str) -> None:
        console.print(line, markup=False, highlight=False, soft_wrap=True)

    return ProgressLines(work, say, total)


def _stderr() -> "Console":
    from rich.console import Console  # noqa: PLC0415

    return Console(file=sys.stderr)
