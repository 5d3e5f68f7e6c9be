"""What is shown of long work."""

import io

import pytest
from rich.console import Console

from core import progress
from core.progress import ProgressBar, ProgressLines, Work

LOADING = Work("loading", "products", "pictures")


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """A clock that stands still until its only number is changed."""
    now = [100.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    return now


def test_line_names_count_rate_and_time_left(clock: list[float]) -> None:
    lines: list[str] = []
    shown = ProgressLines(LOADING, lines.append)
    shown.set_total(50)
    clock[0] += 10
    shown.advance(20, 30)
    assert lines == ["loading: 20 of 50 products, 3.0 pictures/s, about 15 s left"]


def test_line_without_a_total_says_how_many_so_far(clock: list[float]) -> None:
    lines: list[str] = []
    shown = ProgressLines(LOADING, lines.append)
    clock[0] += 10
    shown.advance(20, 30)
    assert lines == ["loading: 20 products, 3.0 pictures/s"]


def test_lines_come_every_few_seconds(clock: list[float]) -> None:
    lines: list[str] = []
    shown = ProgressLines(LOADING, lines.append, 50)
    for _ in range(12):
        clock[0] += 1
        shown.advance(1)
    assert len(lines) == 2


def test_last_count_is_printed_at_once_with_its_note(clock: list[float]) -> None:
    lines: list[str] = []
    shown = ProgressLines(Work("learning", "epochs"), lines.append, 2)
    clock[0] += 1
    shown.move_to(1, "loss 0.500")
    assert lines == []
    shown.move_to(2, "loss 0.250")
    assert lines == ["learning: 2 of 2 epochs, 2.0 epochs/s, loss 0.250"]


def test_bytes_are_shown_as_megabytes(clock: list[float]) -> None:
    lines: list[str] = []
    shown = ProgressLines(Work("fetching", "MB", scale=1e6), lines.append, 946_000_000)
    clock[0] += 8
    shown.move_to(400_000_000)
    assert lines == ["fetching: 400 of 946 MB, 50 MB/s, about 11 s left"]


def test_bar_shows_count_and_lines_above_it() -> None:
    file = io.StringIO()
    console = Console(file=file, force_terminal=True, width=120)
    with ProgressBar(LOADING, console) as shown:
        shown.set_total(3)
        shown.advance(3, 4)
        shown.say("a line [not markup]")
    assert "a line [not markup]" in file.getvalue()
    assert "3 of 3 products" in file.getvalue()
