"""Shows how far a training is: a bar on a terminal, a plain line now and then elsewhere."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

LINE_EVERY_S = 5.0

ProgressCallback = Callable[..., None]
"""Called with how many are done, and a figure to show beside it if there is one."""


@contextmanager
def show_progress(what: str, total: int, figure: str = "") -> Iterator[ProgressCallback]:
    """Give what counts up to `total`; `figure` names the number that may come along."""
    console = Console(file=sys.stderr)
    if not console.is_terminal:
        yield _lines(console, what, total, figure)
        return
    columns = (
        TextColumn(what),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[beside]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console) as bar:
        task = bar.add_task(what, total=total, beside="")
        yield lambda done, number=None: bar.update(
            task, completed=done, beside=_beside(figure, number)
        )


def _lines(console: Console, what: str, total: int, figure: str) -> ProgressCallback:
    last = time.monotonic()

    def told(done: int, number: float | None = None) -> None:
        nonlocal last
        if done < total and time.monotonic() - last < LINE_EVERY_S:
            return
        last = time.monotonic()
        line = f"{what}: {done} of {total} {_beside(figure, number)}".rstrip()
        console.print(line, markup=False, highlight=False, soft_wrap=True)

    return told


def _beside(figure: str, number: float | None) -> str:
    return "" if number is None else f"{figure} {number:.3f}"
