"""Replayed experiments come out as they were made up."""

import pytest

from bench.experiments.published import published_rates
from bench.experiments.replays import cuped_reduction, declared, null_alarms
from bench.experiments.shoppers import events_of, make_sessions
from tests.bench.conftest import Run


def test_report_replays_experiments(run: Run) -> None:
    figures = run("report", "--events", 130_000, "--replays", 5, "--clients", 200)
    assert figures["published.ctr.control"]["figure"] == pytest.approx(0.0051, rel=0.2)
    assert figures["published.ctr.variant"]["figure"] == pytest.approx(0.0076, rel=0.2)
    assert figures["published.ctr.is_better"]["pass"]
    assert figures["published.categories"]["figure"] == 120
    assert figures["published.mismatch"]["pass"]
    assert figures["equal.ctr.differs"]["pass"]
    assert figures["report.seconds"]["limit"] == "<= 5"
    assert figures["cuped.variance_reduction"]["pass"]


def test_sessions_and_events_are_the_same_every_time() -> None:
    made = [make_sessions(declared(), published_rates(1), 50, seed=3) for _ in range(2)]
    first, second = (list(events_of(sessions, [str(n) for n in range(120)])) for sessions in made)
    assert first == second
    assert len(first) == made[0].events


def test_daily_peeking_is_safe_with_always_valid_p_values() -> None:
    alarms = null_alarms(60, 400, seed=1)
    assert alarms.peeking <= 0.05
    assert alarms.fixed <= 0.15
    assert alarms.naive >= alarms.fixed


def test_cuped_takes_out_more_than_the_square_of_the_correlation_promises() -> None:
    correlation, reduction = cuped_reduction(3_000, 1)
    assert correlation >= 0.6
    assert reduction >= 0.3
