"""``flask --app app.wsgi duplicates``: sweep, follow, status.

Exit codes: 0 all examined, 1 some pictures skipped, 2 failed, 130 interrupted.
"""

import os
import signal
import sys
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

import click

from app.services import current_services
from app.sweep_factory import SweepFactory, build_batch_examiner
from app.trust.sweeping import sweep as sweeps
from app.trust.sweeping.follower import WINDOW
from core.command_line import INTERRUPTED, report_errors, stop_on_signals
from core.environment import Environment
from core.errors import InvalidSetting
from core.locks import process_lock
from core.progress import Work, print_progress, show_progress

SWEEPING = Work("sweeping", "pictures")
BEHIND_THE_SHOP = 10
"""Niceness of the follower: searches come first."""


@click.group("duplicates")
def group() -> None:
    """Find near-duplicates in the whole catalogue."""


@group.command("sweep")
@click.option("--since", metavar="TIME", help="Only pictures added since TIME (ISO 8601).")
@click.option("--new", is_flag=True, help="Only pictures added since the last sweep began.")
@click.option("--restart", is_flag=True, help="Discard an unfinished sweep and begin anew.")
@click.option("--similar", is_flag=True, help="Open cases for look-alikes too.")
@report_errors()
def sweep(since: str | None, new: bool, restart: bool, similar: bool) -> None:
    """Examine every picture, and open a case for each group that shows the same photo.

    A sweep that was interrupted goes on where it stopped.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    parts = current_services()
    thresholds = replace(parts.settings.case_thresholds, similar=similar)
    build = partial(build_batch_examiner, Environment.current(), thresholds)
    factory = SweepFactory(parts, thresholds, build)
    with show_progress(SWEEPING) as progress:
        try:
            report = factory.sweep().run(progress, since=_since(since, new), restart=restart)
        except KeyboardInterrupt:
            progress.say("interrupted; the same command goes on from here")
            sys.exit(INTERRUPTED)
    if report.skipped_file:
        click.echo(f"{report.skipped} skipped, named in {report.skipped_file}", err=True)
    cases = report.cases
    click.echo(
        f"{report.pictures} different pictures, {report.no_signal} without a signal, "
        f"{report.allowed} allowed, {report.skipped} skipped; {cases.opened} cases opened, "
        f"{cases.joined} grew, {cases.unchanged} unchanged; {report.seconds:.1f} s"
    )
    sys.exit(report.exit_code)


@group.command("follow")
@click.option("--every", type=click.FloatRange(0.1, 3600), default=5.0, show_default=True)
@report_errors()
def follow(every: float) -> None:
    """Check every new or changed picture, until stopped."""
    os.nice(BEHIND_THE_SHOP)
    parts = current_services()
    thresholds = parts.settings.case_thresholds
    folder = parts.settings.state_dir / sweeps.FOLDER
    with (
        stop_on_signals(notice="") as stop,
        process_lock(folder / "follow.lock", "a follower"),
        suppress(KeyboardInterrupt),
    ):
        SweepFactory(parts, thresholds).follow().run(print_progress(SWEEPING), every, stop)


@group.command("status")
@report_errors()
def status() -> None:
    """Show the review queues and the last sweep."""
    parts = current_services()
    for name, state in parts.desk.queue_states().items():
        oldest = f", oldest since {state.oldest:%Y-%m-%d %H:%M}" if state.oldest else ""
        click.echo(f"{name:14}{state.open} open, {state.claimed} in review{oldest}")
    swept = sweeps.last_report(parts.settings.state_dir)
    if swept is not None:
        cases = swept["cases"]
        click.echo(
            f"last sweep    {swept['started_at'][:16]}, {swept['pictures']} pictures, "
            f"{swept['skipped']} skipped, {cases['opened']} cases opened"
        )
    begun = sweeps.unfinished_sweep(parts.settings.state_dir)
    if begun is not None:
        click.echo(f"unfinished    the sweep of {begun.started_at:%Y-%m-%d %H:%M}")
    if swept is None and begun is None:
        click.echo("last sweep    none")


def _since(text: str | None, new: bool) -> datetime | None:
    """Return the time to begin at; raises InvalidSetting for an unreadable one."""
    if new:
        swept = sweeps.last_report(current_services().settings.state_dir)
        return datetime.fromisoformat(swept["started_at"]) - WINDOW if swept else None
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidSetting(
            f"--since {text!r} is not a time; write it like 2026-05-01T12:00"
        ) from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
