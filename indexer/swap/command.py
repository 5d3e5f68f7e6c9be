"""`python -m indexer swap-model`: another model for an index that is being searched."""

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
from features.imaging.decode import FEED_LIMITS
from features.imaging.sandbox import Sandbox
from features.imaging.thumbnails import Thumbnails
from indexer.feeds.feed import open_feed
from indexer.fetching.fetcher import Fetcher
from indexer.measure import measure_standby
from indexer.settings import FetchSettings, LoadSettings
from indexer.swap.backfill import Backfill, BackfillControl, clear_field, lower_priority
from indexer.swap.coordinator import SwapCoordinator, choose_feature
from indexer.swap.stored_pictures import StoredPictureReader
from mappings.catalogue import versions
from mappings.catalogue.model_swap import ModelSwap
from mappings.catalogue.versions import ModelVersion
from mappings.engine.connection import EngineSettings, connect

DECODE_S = 20.0
SERVERS_NOTICE_S = 5.0
"""By then every web server has noticed a change: they ask every two seconds."""

META_TIMEOUT_MS = 60_000
"""A change of `_meta` waits for all that was written before it; a search would not wait so long."""

LISTED_PROBLEMS = 20

per_second = click.option(
    "--per-second", type=click.FloatRange(0), default=0.0, help="At most so many pictures."
)


@click.group("swap-model")
def group() -> None:
    """Give the index another model while it is searched.

    Set LOOKALIKE_NEXT_EMBEDDING_MODEL (or _HEAD …) here and for the web server, begin, compare
    with `model=next` in a search, switch, and undo or finish.
    """


@group.command("begin")
@click.option("--feed", type=click.Path(path_type=Path), help="The feed whose pictures these are.")
@click.option("--allow-http", is_flag=True, help="Fetch pictures from the web.")
@click.option("--thumbnails", is_flag=True, help="Look at the thumbnails alone: a little worse.")
@click.option("--feature", "name_of_feature", default="", help="Which, where several are set.")
@click.option("--name", default="", help="What the new model is called in searches.")
@click.option(
    "--measure/--no-measure",
    default=True,
    help="Measure what the index will find with the next model, once it is filled in.",
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
    """Fill in what the next model sees; killed, the same command goes on."""
    lower_priority()
    environment = Environment.current()
    ours = registry.load(environment)
    coming = registry.load_next(environment, ours)
    feature = choose_feature(coming, name_of_feature)
    change = _coordinator(environment)
    version = change.begin(feature, ours, coming, name)
    click.echo(f"{version.name} is held in images.{version.field}", err=True)
    settings = LoadSettings.from_env(environment)
    fetching = FetchSettings.from_env(environment)
    fetcher = None if thumbnails else _fetcher(feed, fetching, allow_http)
    with (
        Sandbox(settings.workers, FEED_LIMITS, timeout_s=DECODE_S) as sandbox,
        stop_on_signals() as stop,
    ):
        reading = StoredPictureReader(
            fetcher,
            sandbox,
            Thumbnails(environment.state_dir() / "media"),
            fetchers=settings.fetchers,
            decoders=settings.workers,
        )
        with show_progress(Work("filling in", "pictures")) as progress:
            code = _fill(change, version, feature, reading, _control(progress, stop, per_second))
    if measure and not stop.is_set():
        placed = versions.with_field(feature, version.field)
        measure_standby(EngineSettings.from_env(environment), ours, coming, placed)
    sys.exit(code)


@group.command("status")
@report_errors()
def status() -> None:
    """Say which models the index holds, and how far the new one is filled in."""
    held = _coordinator(Environment.current()).versions()
    if not held:
        click.echo("the index holds one version of every model")
    for one in held:
        version = one.version
        state = (
            "in service" if version.in_service else "before" if version.was_in_service else "next"
        )
        click.echo(
            f"{state:11}{version.name} in images.{version.field}, {one.lacking} pictures lack it"
        )


@group.command("switch")
@click.option(
    "--even-so", "allow_missing", is_flag=True, help="Although some pictures lack what it sees."
)
@report_errors()
def switch(allow_missing: bool) -> None:
    """Put the next model in service: one request, and web servers notice within seconds."""
    version = _coordinator(Environment.current()).switch(allow_missing=allow_missing)
    click.echo(f"{version.name} is in service; `swap-model undo` puts the other back")


@group.command("undo")
@report_errors()
def undo() -> None:
    """Put the model back in service that was so before the switch."""
    click.echo(f"{_coordinator(Environment.current()).undo().name} is in service again")


@group.command("finish")
@click.option("--keep-values", is_flag=True, help="Leave them; the next rebuild drops them.")
@per_second
@report_errors()
def finish(keep_values: bool, per_second: float) -> None:
    """Let go of the model that is not in service, and of what it saw."""
    lower_priority()
    change = _coordinator(Environment.current())
    gone = change.finish()
    click.echo(f"{gone.name} is no longer held", err=True)
    if keep_values:
        return
    time.sleep(SERVERS_NOTICE_S)
    with (
        show_progress(Work("taking out", "pictures")) as progress,
        stop_on_signals() as stop,
    ):
        pace = _control(progress, stop, per_second)
        taken = sum(clear_field(index, gone.field, pace) for index in change.indices)
    click.echo(f"{taken} values were taken out; their space comes back as segments are merged")


def _coordinator(environment: Environment) -> SwapCoordinator:
    """Return the change over the products and the banks; the latter by the desk's key, if set."""
    found = EngineSettings.from_env(environment)
    settings = replace(found, timeout_ms=max(found.timeout_ms, META_TIMEOUT_MS))
    desk = environment.text("LOOKALIKE_DESK_INDEX", "lookalike")
    key = environment.secret("LOOKALIKE_DESK_API_KEY")
    return SwapCoordinator(
        [
            ModelSwap(connect(settings), settings.index),
            ModelSwap(connect(settings, api_key=key), f"{desk}-banks"),
        ]
    )


def _fetcher(feed: Path | None, fetching: FetchSettings, allow_http: bool) -> Fetcher:
    home = open_feed(feed).home if feed else Path.cwd()
    http = fetching.http or allow_http
    return Fetcher(
        home, FetchSettings(http, fetching.hosts, fetching.timeout_s), FEED_LIMITS.max_bytes
    )


def _control(progress: Progress, stop: threading.Event, most: float) -> BackfillControl:
    settings = LoadSettings.from_env(Environment.current())
    return BackfillControl(
        RetryPolicy(settings.patience_s, stop, progress.say), progress, stop, most
    )


def _fill(
    change: SwapCoordinator,
    version: ModelVersion,
    feature: Feature,
    reading: StoredPictureReader,
    pace: BackfillControl,
) -> int:
    """Fill every index; return the exit code."""
    began, pictures, problems = time.monotonic(), 0, dict[str, str]()
    pace.progress.set_total(sum(index.count_lacking(version) for index in change.indices))
    for index in change.indices:
        filled = Backfill(index, version, feature, reading.read, pace).run()
        pictures += filled.pictures
        problems |= filled.problems
    for key, why in list(problems.items())[:LISTED_PROBLEMS]:
        pace.progress.say(f"not filled in: {key}: {why}")
    seconds = time.monotonic() - began
    click.echo(
        f"{pictures} pictures filled in, {reading.from_thumbnails} from their thumbnails, "
        f"{len(problems)} not; {pictures / max(seconds, 0.001):.1f} pictures/s, {seconds:.1f} s"
    )
    if pace.stop.is_set():
        click.echo("interrupted; the same command goes on from here", err=True)
        return 130
    return 1 if problems else 0
