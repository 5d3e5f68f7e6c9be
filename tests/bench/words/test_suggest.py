"""Suggestions are timed over HTTP, on an index of the bench's own."""

from bench.words.suggest import make_texts
from tests.bench.conftest import Run


def test_suggest_reports_times_and_that_each_beginning_is_answered(run: Run) -> None:
    figures = run("suggest", "--products", 60, "--texts", 20)
    assert figures["suggest.p95"]["limit"] == "<= 30"
    assert figures["suggest.p50"]["figure"] > 0
    assert figures["suggest.cpu"]["figure"] > 0
    assert figures["suggest.begun_answered"]["figure"] == 1
    assert figures["suggest.slip_answered"]["figure"] > 0.5
    assert figures["suggest.p50"]["sizes"]["products"] == 60


def test_texts_are_the_same_every_time() -> None:
    assert make_texts(30, 100) == make_texts(30, 100) != make_texts(30, 100, seed=1)
    assert 3 <= sum(has_slip for _, has_slip in make_texts(30, 100)) <= 6
