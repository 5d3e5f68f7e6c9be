"""What a report says of experiments whose truth is known."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from app.experiments.metrics import RATIOS
from app.experiments.report import (
    BETTER,
    NOT_ENOUGH,
    OPEN,
    WORSE,
    ExperimentReport,
    VariantComparison,
    build_report,
)
from app.experiments.statistics.moments import Moments
from app.experiments.traffic import NAMES, ExperimentTraffic
from bench.experiments.shoppers import Rates, Sessions, make_sessions
from tests.bench.experiments.declared import END, START, experiment

DAY = timedelta(days=1)


def rates(click: tuple[float, float], purchase: tuple[float, float] = (0.05, 0.05)) -> Rates:
    return Rates(np.array(click)[:, None], np.array(purchase)[:, None])


def report(sessions: Sessions, *, day: int = 14) -> ExperimentReport:
    return build_report(experiment(), sessions.traffic(), START + day * DAY)


def of(found: ExperimentReport, ratio: str) -> VariantComparison:
    (comparison,) = (c for c in found.comparisons if c.ratio == ratio)
    return comparison


def test_better_variant_is_found_with_its_change() -> None:
    ctr = of(report(make_sessions(experiment(), rates((0.1, 0.15)), 4_000, seed=1)), "ctr")
    assert ctr.verdict == BETTER
    assert ctr.change is not None
    assert ctr.interval is not None
    assert ctr.always_valid is not None
    assert ctr.interval.low <= 0.5 <= ctr.interval.high
    assert ctr.always_valid.low < ctr.interval.low < ctr.change < ctr.interval.high
    assert ctr.variance_reduction > 0


def test_worse_variant_is_found() -> None:
    assert (
        of(report(make_sessions(experiment(), rates((0.2, 0.1)), 3_000, seed=2)), "ctr").verdict
        == WORSE
    )


def test_equal_variants_stay_open() -> None:
    found = report(make_sessions(experiment(), rates((0.1, 0.1)), 3_000, seed=3))
    assert {comparison.verdict for comparison in found.comparisons} == {OPEN}
    assert not found.has_mismatch
    assert found.is_final


def test_while_it_runs_the_always_valid_p_counts() -> None:
    sessions = make_sessions(experiment(), rates((0.1, 0.112)), 3_000, seed=4)
    early, late = (of(report(sessions, day=day), "ctr") for day in (13, 14))
    assert early.p is not None
    assert late.p is not None
    assert early.p > late.p


def test_few_clients_or_clicks_are_not_enough() -> None:
    few = report(make_sessions(experiment(), rates((0.5, 0.5)), 60, seed=5))
    assert {comparison.verdict for comparison in few.comparisons} == {NOT_ENOUGH}
    assert of(few, "ctr").change is None
    rare = report(make_sessions(experiment(), rates((0.2, 0.2), (0.0005, 0.0005)), 2_000, seed=6))
    assert of(rare, "conversion").verdict == NOT_ENOUGH
    assert of(rare, "ctr").verdict == OPEN


def test_nothing_happened_is_a_report_too() -> None:
    empty = build_report(experiment(), ExperimentTraffic(), START)
    assert [comparison.verdict for comparison in empty.comparisons] == [NOT_ENOUGH] * len(RATIOS)
    assert empty.clients == {"control": 0, "colour": 0}
    assert empty.sample_ratio_p is None


def test_lost_clients_are_an_alarm() -> None:
    sessions = make_sessions(experiment(), rates((0.1, 0.1)), 4_000, seed=7)
    traffic = sessions.traffic()
    control = sessions.moments()[0]
    fewer = replace(control, clients=round(control.clients * 0.8))
    found = build_report(
        experiment(), replace(traffic, variants={**traffic.variants, "control": fewer}), END
    )
    assert found.has_mismatch


def test_many_mixed_clients_are_an_alarm() -> None:
    traffic = make_sessions(experiment(), rates((0.1, 0.1)), 1_000, seed=8).traffic()
    assert not build_report(experiment(), replace(traffic, mixed_clients=5), END).has_mixed_clients
    assert build_report(experiment(), replace(traffic, mixed_clients=50), END).has_mixed_clients


def test_categories_that_differ_by_chance_are_held_back_by_holm() -> None:
    equal = Rates(np.full((2, 40), 0.1), np.full((2, 40), 0.05))
    sessions = make_sessions(experiment(), equal, 30_000, seed=9)
    names = [variant.id for variant in experiment().variants]
    traffic = replace(
        sessions.traffic(),
        categories={
            f"c{number}": dict(zip(names, sessions.moments(category=number), strict=True))
            for number in range(40)
        },
    )
    found = build_report(experiment(), traffic, END).category_comparisons("ctr", "colour")
    assert len(found) == 40
    assert min(c.p for c in found if c.p is not None) < 0.05
    assert {c.verdict for c in found} == {OPEN}
    changes = [c.change for c in found if c.change is not None]
    assert changes == sorted(changes, reverse=True)


def test_a_category_that_was_free_before_shifts_no_p_value_to_another() -> None:
    """Of a control without revenue no change can be given, but a p-value."""
    chance = np.random.default_rng(11)

    def clients(mean: float) -> Moments:
        rows = np.zeros((400, len(NAMES)))
        rows[:, NAMES.index("sessions")] = 1
        rows[:, NAMES.index("purchases")] = 1
        rows[:, NAMES.index("revenue")] = mean + (chance.normal(0, 1, 400) if mean else 0)
        return Moments.from_rows(NAMES, rows)

    means = {"a free": (0.0, 9.0), "b dearer": (10.0, 12.0), "c equal": (10.0, 10.0)}
    categories = {
        name: {"control": clients(control), "colour": clients(colour)}
        for name, (control, colour) in means.items()
    }
    found = build_report(experiment(), ExperimentTraffic(categories=categories), END)
    verdicts = {
        comparison.category: comparison.verdict
        for comparison in found.category_comparisons("revenue_per_session", "colour")
    }
    assert verdicts == {"a free": BETTER, "b dearer": BETTER, "c equal": OPEN}


def test_rows_of_the_categories_add_up() -> None:
    sessions = make_sessions(
        experiment(), Rates(np.full((2, 3), 0.1), np.full((2, 3), 0.1)), 200, 10
    )
    parts = sum(sessions.rows(category=number)[:, 0].sum() for number in range(3))
    assert parts == pytest.approx(sessions.rows()[:, 0].sum())
