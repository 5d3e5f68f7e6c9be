"""`python -m bench fit-weights`: fit the weights of a search's clauses to what shoppers clicked."""

import csv
import io
from collections.abc import Mapping
from functools import partial
from pathlib import Path

import click
from scipy.stats import spearmanr

from app.settings import AppSettings
from bench.experiments.click_events import events_of, searches_of
from bench.experiments.coec import MAX_RANK, Grades, grades
from bench.experiments.event_index import event_index, search_index, store_events
from bench.experiments.plain_coec import plain_grades
from bench.experiments.shown_impressions import impressions_of
from bench.experiments.simulated_clicks import IN_SERVICE, SimulatedClicks, simulate_clicks
from bench.experiments.weight_check import WeightCheck, check_weights, ranking_by
from bench.experiments.weight_fitting import session_gains
from bench.report import Report, at_least, at_most, log_progress, reporting
from bench.workspace import with_server
from core.atomic_file import write
from core.environment import Environment
from features import registry
from mappings.engine.connection import EngineSettings, connect
from mappings.engine.gateway import Gateway
from mappings.events.click_counts import read_counts
from mappings.events.event_documents import DATA_STREAM
from mappings.events.shown_hits import Search, read_clicks, read_shown
from mappings.events.ubi_mapping import EVENTS
from mappings.search.query import ABOUT_WORDS
from mappings.search.weights import resolve_weights

EVER = "1970-01-01"
FILE = click.Path(dir_okay=False, path_type=Path)


@click.command("fit-weights")
@click.option("--since", help="Fit to what shoppers did since then, such as now-30d.")
@click.option("--write", "target", type=FILE, help="Write the weights here if they are better.")
@click.option("--grades", "grades_file", type=FILE, help="Write COEC grades here, as CSV.")
@click.option("--sessions", type=click.IntRange(300), default=6_000, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True)
@click.option("--markdown", is_flag=True, help="Print a Markdown table instead of JSON.")
def command(
    since: str | None,
    target: Path | None,
    grades_file: Path | None,
    sessions: int,
    seed: int,
    markdown: bool,
) -> None:
    """Fit weights, and compare them with those in service on sessions they were not fitted on.

    Without --since shoppers with known preferences are simulated. Weights that are not better are
    never written.
    """
    with reporting("fit-weights", markdown=markdown) as report:
        environment = with_server(Environment.current())
        if since is None:
            gateway = connect(EngineSettings.from_env(environment))
            check, graded = _simulated(report, gateway, sessions, seed)
        else:
            check, graded = _recorded(report, environment, since, seed)
        report.add("ndcg10.before", check.before, "share")
        report.add("ndcg10.after", check.after, "share")
        report.add("ndcg10.gain_low", check.low, "share")
        report.add("ndcg10.gain_high", check.high, "share")
        for name, weight in check.fitted.weights.items():
            report.add(f"weight.{name}", weight, "")
        if grades_file is not None:
            write(grades_file, _grades_csv(graded).encode())
        if target is not None:
            _write_weights(target, check)


def weights_line(weights: Mapping[str, float]) -> str:
    """Return LOOKALIKE_WEIGHTS for these weights.

    `words:1` is among them: else words beside a photo would count for a third of what was fitted.
    """
    pairs = {ABOUT_WORDS: 1.0, **weights}
    return ",".join(f"{name}:{weight:g}" for name, weight in pairs.items())


def _write_weights(target: Path, check: WeightCheck) -> None:
    if not check.is_better:
        log_progress(
            f"{target} was not written: on held-out sessions the fitted weights are not better "
            f"than those in service (nDCG@10 {check.after:.3f} to {check.before:.3f})"
        )
        return
    line = f"LOOKALIKE_WEIGHTS={weights_line(check.fitted.weights)}\n"
    write(target, line.encode())
    log_progress(f"{target}: {line.strip()}")


def _recorded(
    report: Report, environment: Environment, since: str, seed: int
) -> tuple[WeightCheck, Grades]:
    settings = AppSettings.from_env(environment)
    gateway = connect(settings.engine, api_key=settings.events_api_key)
    log, events = partial(gateway.search, DATA_STREAM), partial(gateway.search, EVENTS)
    in_service = resolve_weights(settings.search.weights, registry.load(environment))
    return _check(report, log, events, since, in_service, seed)


def _check(
    report: Report,
    log: Search,
    events: Search,
    since: str,
    in_service: Mapping[str, float],
    seed: int,
) -> tuple[WeightCheck, Grades]:
    """Read what was shown and clicked, and fit weights to it."""
    impressions = impressions_of(list(read_shown(log, since)), read_clicks(events, since))
    report.sizes |= {
        "sessions": int(impressions.session.max()) + 1,
        "impressions": len(impressions.clicked),
    }
    graded = grades(read_counts(events, MAX_RANK, since))
    return check_weights(impressions, in_service, seed), graded


def _simulated(
    report: Report, gateway: Gateway, sessions: int, seed: int
) -> tuple[WeightCheck, Grades]:
    clicks = simulate_clicks(sessions, seed)
    with search_index(gateway, "bench-log") as log, event_index(gateway, "bench-events") as events:
        log_progress(f"storing {sessions:,} searches and what was clicked")
        store_events(gateway, log, searches_of(clicks))
        store_events(gateway, events, events_of(clicks))
        reads = (partial(gateway.search, log), partial(gateway.search, events))
        check, graded = _check(report, *reads, EVER, IN_SERVICE, seed)
    _compare_grades(report, clicks, graded)
    _compare_preferences(report, check, simulate_clicks(sessions, seed + 1))
    return check, graded


def _compare_grades(report: Report, clicks: SimulatedClicks, graded: Grades) -> None:
    plain = plain_grades([event for _, event in events_of(clicks)], MAX_RANK)
    report.add("coec.pairs", len(graded), "pairs", at_least(len(plain)))
    difference = max(abs(graded[pair] - grade) for pair, grade in plain.items())
    report.add("coec.largest_difference", difference, "", at_most(0.0005))


def _compare_preferences(report: Report, check: WeightCheck, new: SimulatedClicks) -> None:
    """Compare the ranking of hits that were never shown with what truly pleases."""
    rankings = [
        ranking_by(new.impressions, weights) for weights in (IN_SERVICE, check.fitted.weights)
    ]
    agreement = [float(spearmanr(ranking, new.pleasure).statistic) for ranking in rankings]
    report.add("preference.correlation_before", agreement[0], "")
    report.add("preference.correlation", agreement[1], "", at_least(0.9))
    before, after = (
        session_gains(new.impressions, ranking, new.pleasure).ndcg for ranking in rankings
    )
    report.add("preference.ndcg10_before", before, "share")
    report.add("preference.ndcg10_gain", after - before, "share", at_least(0.05))


def _grades_csv(graded: Grades) -> str:
    lines = io.StringIO(newline="")
    writer = csv.writer(lines)
    writer.writerow(("query", "product", "grade"))
    writer.writerows((*pair, grade) for pair, grade in sorted(graded.items()))
    return lines.getvalue()
