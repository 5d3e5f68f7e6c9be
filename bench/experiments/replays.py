"""Experiments replayed on made-up shoppers: with the published rates, and with none to find."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np

from app.experiments.experiment import Experiment, Variant
from app.experiments.metrics import CTR
from app.experiments.report import LEVEL, ExperimentReport, VariantComparison, build_report
from app.experiments.statistics.cuped import adjust
from bench.experiments.published import equal_rates
from bench.experiments.shoppers import Floats, Rates, Sessions, make_sessions

START = datetime(2026, 11, 1, tzinfo=UTC)
DAYS = 14
COLLABORATIVE, BY_IMAGE = "collaborative", "by-image"


@dataclass(frozen=True)
class Alarms:
    """Shares of replays that found a difference where there is none.

    `fixed` looked once, at the end; `peeking` looked every day at the always-valid p-value, and
    `naive` every day at the fixed one, as nobody should.
    """

    fixed: float
    peeking: float
    naive: float


def declared(name: str = "replay") -> Experiment:
    """Return the experiment: a fortnight, all clients, half of them in each variant."""
    variants = (Variant(COLLABORATIVE), Variant(BY_IMAGE))
    return Experiment(name, START, START + timedelta(days=DAYS), variants)


def comparison_of(report: ExperimentReport, ratio: str) -> VariantComparison:
    """Return the report's comparison of one ratio, over all categories."""
    return next(found for found in report.comparisons if found.ratio == ratio)


def null_alarms(replays: int, clients: int, seed: int) -> Alarms:
    """Return how often equal variants are told apart, in their click-through rate."""
    counts = np.zeros(3)
    for number in range(replays):
        experiment = declared(f"null-{seed}-{number}")
        sessions = make_sessions(experiment, null_rates(experiment), clients, seed + number)
        counts += _alarms(experiment, sessions)
    fixed, peeking, naive = counts / replays
    return Alarms(float(fixed), float(peeking), float(naive))


def null_rates(experiment: Experiment) -> Rates:
    """Return equal chances, ten times the published, so that few clients are many clicks."""
    equal = equal_rates(experiment)
    return Rates(10 * equal.click, 10 * equal.purchase)


def cuped_reduction(clients: int, seed: int) -> tuple[float, float]:
    """Return the correlation with the time before, and the share of variance taken out.

    The clients are regulars whose taste differs widely: of each, many sessions are known.
    """
    experiment = declared("cuped")
    rates = Rates(np.full((2, 1), 0.2), np.full((2, 1), 0.1), taste=0.8)
    sessions = make_sessions(experiment, rates, clients, seed, before_share=1.5)
    rows = sessions.rows()
    shown = rows[(rows[:, 0] > 0) & (rows[:, 5] > 0)]
    correlation = np.corrcoef(_rate(shown, 0), _rate(shown, 5))[0, 1]
    return float(correlation), adjust(sessions.moments(), CTR).variance_reduction


def _rate(rows: Floats, first: int) -> Floats:
    """Return every client's clicks beyond what the common rate foretells, by impressions."""
    impressions, clicks = rows[:, first], rows[:, first + 1]
    residual: Floats = clicks - clicks.sum() / impressions.sum() * impressions
    return residual


def _alarms(experiment: Experiment, sessions: Sessions) -> Sequence[bool]:
    daily, last = [], 0.0
    naive = False
    for day in range(1, DAYS + 1):
        traffic = sessions.traffic(day)
        running = build_report(experiment, traffic, START + timedelta(days=day, seconds=-1))
        daily.append(_p(running))
        last = _p(build_report(experiment, traffic, experiment.end))
        naive |= last < LEVEL
    return last < LEVEL, min(daily) < LEVEL, naive


def _p(report: ExperimentReport) -> float:
    p = comparison_of(report, CTR.name).p
    return 1.0 if p is None else p
