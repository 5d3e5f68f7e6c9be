"""`python -m indexer swap-model`: replaces a model while the index is searched."""

import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import click

from core.command_line import report_errors, stop_on_signals
from core.environment import Environment
from core.progress import Progress, Work, show_progress
from core.retries import RetryPolicy
from features import registry
from features.base import Feature
from features.fetching.settings import FetchSettings
from features.imaging.decode import FEED_LIMITS
from features.imaging.sandbox import Sandbox
from indexer.backfill.page_filler import BackfillControl, lower_priority
from indexer.backfill.report import BackfillReport
from indexer.backfill.stored_pictures import StoredPictureReader, stored_picture_reader
from indexer.measure import measure_standby
from indexer.settings import LoadSettings
from indexer.swap.backfill import Backfill, clear_field
from indexer.swap.coordinator import SwapCoordinator, choose_feature
from mappings.catalogue import versions
from mappings.catalogue.model_swap import ModelSwap
from mappings.catalogue.versions import ModelVersion
from mappings.engine.connection import EngineSettings, connect

DECODE_S = 20.0
SERVERS_NOTICE_S = 5.0
"""By then every web server has noticed a change, since they check every two seconds."""

META_TIMEOUT_MS = 60_000
"""A change of `_meta` waits for all earlier writes, longer than a search may take."""

per_second = click.option(
    "--per-second",
    type=click.FloatRange(0),
    default=0.0,
    help="Process at most this many pictures a second; 0 for no limit.",
)


@click.group("swap-model")
def group() -> None:
    """Replace a model while the index is searched.

    Set LOOKALIKE_NEXT_EMBEDDING_MODEL (or _HEAD …) here and for the web servers. Run begin, compare
    both models with `model=next` in searches, run switch, then finish, or undo to go back.
    """


@group.command("begin")
@click.option("--feed", type=click.Path(path_type=Path), help="The feed of the indexed pictures.")
@click.option("--allow-http", is_flag=True, help="Fetch pictures from the web.")
@click.option("--thumbnails", is_flag=True, help="Use thumbnails only: slightly less exact.")
@click.option(
    "--feature",
    "name_of_feature",
    default="",
    help="Feature to replace, if several next models are set.",
)
@click.option("--name", default="", help="Name of the next model in searches.")
@click.option(
    "--measure/--no-measure",
    default=True,
    help="Measure the recall with the next model after filling in its values.",
)
@per_second
@report_errors()
def begin(
    feed: Path | None,
    allow_http: bool,
    thumbnails: bool,
    name_of_feature: str,
    name: str,
    measure: bool,
    per_second: float,
) -> None:
    """Fill in the next model's values. If interrupted, run the command again to continue."""
    lower_priority()
    environment = Environment.current()
    loaded = registry.load(environment)
    coming = registry.load_next(environment, loaded)
    feature = choose_feature(coming, name_of_feature)
    coordinator = _coordinator(environment)
    version = coordinator.begin(feature, loaded, coming, name)
    click.echo(f"{version.name} is stored in images.{version.field}", err=True)
    settings = LoadSettings.from_env(environment)
    fetching = FetchSettings.from_env(environment)
    with (
        Sandbox(settings.workers, FEED_LIMITS, timeout_s=DECODE_S) as sandbox,
        stop_on_signals() as stop,
    ):
        reader = stored_picture_reader(
            environment,
            settings,
            sandbox,
            None if thumbnails else replace(fetching, http=fetching.http or allow_http),
            feed,
        )
        with show_progress(Work("filling in", "pictures")) as progress:
            code = _fill(
                coordinator, version, feature, reader, _control(progress, stop, per_second)
            )
    if measure and not stop.is_set():
        standby = versions.with_field(feature, version.field)
        measure_standby(EngineSettings.from_env(environment), loaded, coming, standby)
    sys.exit(code)


@group.command("status")
@report_errors()
def status() -> None:
    """List the index's models and how many pictures lack a value of each."""
    statuses = _coordinator(Environment.current()).versions()
    if not statuses:
        click.echo("the index holds one version of every model")
    for entry in statuses:
        version = entry.version
        state = (
            "in service" if version.in_service else "before" if version.was_in_service else "next"
        )
        click.echo(
            f"{state:11}{version.name} in images.{version.field}, "
            f"{entry.lacking} pictures lack a value"
        )


@group.command("switch")
@click.option(
    "--even-so",
    "allow_missing",
    is_flag=True,
    help="Switch even if some pictures lack the new embedding.",
)
@report_errors()
def switch(allow_missing: bool) -> None:
    """Put the next model in service, with one request; web servers follow within seconds."""
    version = _coordinator(Environment.current()).switch(allow_missing=allow_missing)
    click.echo(f"{version.name} is in service; `swap-model undo` goes back to the other model")


@group.command("undo")
@report_errors()
def undo() -> None:
    """Put the previous model back in service."""
    click.echo(f"{_coordinator(Environment.current()).undo().name} is in service again")


@group.command("finish")
@click.option("--keep-values", is_flag=True, help="Keep the values until the next rebuild.")
@per_second
@report_errors()
def finish(keep_values: bool, per_second: float) -> None:
    """Remove the model that is not in service, and its values."""
    lower_priority()
    coordinator = _coordinator(Environment.current())
    removed = coordinator.finish()
    click.echo(f"{removed.name} is removed", err=True)
    if keep_values:
        return
    time.sleep(SERVERS_NOTICE_S)
    with (
        show_progress(Work("removing values", "pictures")) as progress,
        stop_on_signals() as stop,
    ):
        control = _control(progress, stop, per_second)
        cleared = sum(clear_field(index, removed.field, control) for index in coordinator.indices)
    click.echo(f"{cleared} values removed; their space is freed as Elasticsearch merges segments")


def _coordinator(environment: Environment) -> SwapCoordinator:
    """Return the coordinator of the products and the banks, with the desk's key if it is set."""
    given = EngineSettings.from_env(environment)
    settings = replace(given, timeout_ms=max(given.timeout_ms, META_TIMEOUT_MS))
    desk = environment.text("LOOKALIKE_DESK_INDEX", "lookalike")
    key = environment.secret("LOOKALIKE_DESK_API_KEY")
    return SwapCoordinator(
        [
            ModelSwap(connect(settings), settings.index),
            ModelSwap(connect(settings, api_key=key), f"{desk}-banks"),
        ]
    )


def _control(progress: Progress, stop: threading.Event, most: float) -> BackfillControl:
    settings = LoadSettings.from_env(Environment.current())
    return BackfillControl(
        RetryPolicy(settings.patience_s, stop, progress.say), progress, stop, most
    )


def _fill(
    coordinator: SwapCoordinator,
    version: ModelVersion,
    feature: Feature,
    reader: StoredPictureReader,
    control: BackfillControl,
) -> int:
    """Fill in every index and return the exit code."""
    report = BackfillReport()
    control.progress.set_total(sum(index.count_lacking(version) for index in coordinator.indices))
    for index in coordinator.indices:
        report.add(Backfill(index, version, feature, reader.read, control).run())
    return report.close(reader, control)
