"""Print figures, as JSON lines or as a Markdown table, and exit with 1 when a limit is missed.

    {"bench", "name", "figure", "unit", "limit", "pass", "sizes"}

`limit` is written with its sign, such as ``">= 0.33"``; it and `pass` are null where there is none.
`sizes` holds the amounts of data, the number of cores, and the load average of the last minute
when the figure was printed: timings on a busy machine mean little.
"""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import click

from core.errors import LookalikeError

EXIT_MISSED = 1
EXIT_FAILED = 2


@dataclass(frozen=True)
class Limit:
    """An inclusive bound that a figure must reach."""

    sign: str
    bound: float

    def holds(self, figure: float) -> bool:
        """Return whether the figure is within the limit."""
        return figure >= self.bound if self.sign == ">=" else figure <= self.bound

    def __str__(self) -> str:
        return f"{self.sign} {self.bound:g}"


def at_least(bound: float) -> Limit:
    """Return a lower limit."""
    return Limit(">=", bound)


def at_most(bound: float) -> Limit:
    """Return an upper limit."""
    return Limit("<=", bound)


class Report:
    """The figures of one run. The run fills `sizes` as it learns them."""

    def __init__(self, bench: str, *, markdown: bool = False) -> None:
        self.bench = bench
        self.sizes: dict[str, int] = {}
        self.is_missed = False
        self._markdown = markdown
        self._has_head = False

    def add(self, name: str, figure: float, unit: str, limit: Limit | None = None) -> None:
        """Print one figure; `unit` is ``share`` for figures from 0 to 1."""
        figure = float(f"{figure:.5g}")
        passed = limit.holds(figure) if limit else None
        self.is_missed |= passed is False
        if self._markdown:
            self._row(name, figure, unit, limit, passed)
            return
        line = {
            "bench": self.bench,
            "name": name,
            "figure": figure,
            "unit": unit,
            "limit": str(limit) if limit else None,
            "pass": passed,
            "sizes": {**self.sizes, **machine_state()},
        }
        click.echo(json.dumps(line))

    def _row(
        self, name: str, figure: float, unit: str, limit: Limit | None, passed: bool | None
    ) -> None:
        if not self._has_head:
            click.echo("| figure | value | limit | reached |\n|---|---|---|---|")
            self._has_head = True
        reached = {None: "", True: "yes", False: "**no**"}[passed]
        value = f"{figure:g}" if unit == "share" else f"{figure:g} {unit}"
        click.echo(f"| {name} | {value} | {limit or ''} | {reached} |")


def machine_state() -> dict[str, float]:
    """Return the number of usable cores and the load average of the last minute."""
    return {"cores": len(os.sched_getaffinity(0)), "load_1min": round(os.getloadavg()[0], 1)}


def log_progress(line: str) -> None:
    """Print a progress line to standard error."""
    click.echo(line, err=True)


@contextmanager
def reporting(bench: str, *, markdown: bool = False) -> Iterator[Report]:
    """Yield a report; exit with 1 when a limit is missed, 2 when the run fails."""
    report = Report(bench, markdown=markdown)
    try:
        yield report
    except LookalikeError as error:
        log_progress(f"error: {error}")
        sys.exit(EXIT_FAILED)
    log_progress(f"machine: {machine_state()}, sizes: {report.sizes}")
    if report.is_missed:
        sys.exit(EXIT_MISSED)
