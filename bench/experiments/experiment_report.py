"""`python -m bench report`: replay experiments whose truth is known, and time a report."""

import time
from datetime import timedelta
from functools import partial

import click

from app.experiments.metrics import CONVERSION, CTR
from app.experiments.report import BETTER, WORSE, ExperimentReport, build_report
from app.experiments.traffic import read_traffic
from bench.experiments.event_index import event_index, store_events
from bench.experiments.published import BETTER as HIGHER
from bench.experiments.published import CATEGORIES, published_rates
from bench.experiments.replays import (
    BY_IMAGE,
    comparison_of,
    cuped_reduction,
    declared,
    null_alarms,
    null_rates,
)
from bench.experiments.shoppers import Sessions, events_of, make_sessions
from bench.report import Report, at_least, at_most, log_progress, reporting
from bench.workspace import with_server
from core.environment import Environment
from mappings.engine.connection import EngineSettings, connect
from mappings.engine.gateway import Gateway

EVENTS_PER_CLIENT = 15.7
"""Measured on the sessions that are made up."""

TOLERANCE = 6
"""Categories that chance may move from one side to the other."""

REPORTS = 3


@click.command("report")
@click.option("--events", type=click.IntRange(1_000), default=1_000_000, show_default=True)
@click.option("--replays", type=click.IntRange(1), default=1_000, show_default=True)
@click.option("--clients", type=click.IntRange(200), default=1_000, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True)
@click.option("--markdown", is_flag=True, help="Print a Markdown table instead of JSON.")
def command(events: int, replays: int, clients: int, seed: int, markdown: bool) -> None:
    """Report on made-up shoppers: the published experiment, equal variants, a known correlation."""
    with reporting("report", markdown=markdown) as report:
        report.sizes |= {"events": events, "replays": replays, "clients": clients}
        environment = with_server(Environment.current())
        gateway = connect(EngineSettings.from_env(environment))
        _published(report, gateway, events, seed)
        _equal(report, gateway, events // 10, seed)
        log_progress(f"replaying {replays} experiments without a difference")
        alarms = null_alarms(replays, clients, 1_000 * seed)
        report.add("null.fixed_at_most", alarms.fixed, "share", at_most(0.06))
        report.add("null.fixed_at_least", alarms.fixed, "share", at_least(0.04))
        report.add("null.peeking", alarms.peeking, "share", at_most(0.05))
        report.add("null.peeking_at_the_fixed_p", alarms.naive, "share")
        correlation, reduction = cuped_reduction(20 * clients, seed)
        report.add("cuped.correlation", correlation, "share", at_least(0.6))
        report.add("cuped.variance_reduction", reduction, "share", at_least(0.3))


def _published(report: Report, gateway: Gateway, events: int, seed: int) -> None:
    """Replay the published experiment through Elasticsearch, and time its report."""
    experiment = declared("published")
    clients = max(400, round(events / EVENTS_PER_CLIENT))
    sessions = make_sessions(experiment, published_rates(seed), clients, seed)
    report.sizes["events"] = sessions.events
    found, seconds = _read(gateway, sessions, REPORTS)
    for ratio in (CTR.name, CONVERSION.name):
        comparison = comparison_of(found, ratio)
        report.add(f"published.{ratio}.control", comparison.control.value, "share")
        report.add(f"published.{ratio}.variant", comparison.variant.value, "share")
        report.add(f"published.{ratio}.is_better", comparison.verdict == BETTER, "", at_least(1))
    categories = found.category_comparisons(CTR.name, BY_IMAGE)
    higher = sum(item.variant.value > item.control.value for item in categories)
    report.add("published.categories", len(categories), "categories", at_least(CATEGORIES))
    report.add("published.higher", higher, "categories", at_least(HIGHER - TOLERANCE))
    report.add("published.higher_at_most", higher, "categories", at_most(HIGHER + TOLERANCE))
    report.add("published.surely_better", _count(found, BETTER), "categories")
    report.add("published.surely_worse", _count(found, WORSE), "categories")
    report.add("published.mismatch", found.has_mismatch, "", at_most(0))
    report.add("report.seconds", seconds, "s", at_most(5))


def _equal(report: Report, gateway: Gateway, events: int, seed: int) -> None:
    """Replay an experiment with equal variants through Elasticsearch."""
    experiment = declared("equal")
    clients = max(400, round(events / EVENTS_PER_CLIENT))
    sessions = make_sessions(experiment, null_rates(experiment), clients, seed)
    found, _ = _read(gateway, sessions, 1)
    for ratio in (CTR.name, CONVERSION.name):
        comparison = comparison_of(found, ratio)
        differs = comparison.verdict in (BETTER, WORSE)
        report.add(f"equal.{ratio}.differs", differs, "", at_most(0))
    report.add("equal.mismatch", found.has_mismatch, "", at_most(0))


def _read(gateway: Gateway, sessions: Sessions, times: int) -> tuple[ExperimentReport, float]:
    """Return the report on these events, and the median of the seconds that it takes."""
    experiment = sessions.experiment
    names = [f"Category {number:03}" for number in range(int(sessions.category.max()) + 1)]
    with event_index(gateway, "bench-events") as index:
        log_progress(f"storing {sessions.events:,} events")
        store_events(gateway, index, events_of(sessions, names))
        after, seconds = experiment.end + timedelta(seconds=1), []
        for _ in range(times):
            began = time.perf_counter()
            traffic = read_traffic(partial(gateway.search, index), experiment, after)
            found = build_report(experiment, traffic, after)
            seconds.append(time.perf_counter() - began)
    return found, sorted(seconds)[len(seconds) // 2]


def _count(report: ExperimentReport, verdict: str) -> int:
    chosen = report.category_comparisons(CTR.name, BY_IMAGE)
    return sum(comparison.verdict == verdict for comparison in chosen)
