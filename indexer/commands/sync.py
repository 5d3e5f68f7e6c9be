"""``python -m indexer sync`` and ``reconcile``: the index in step with a source."""

import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import click

from core.command_line import INCOMPLETE, report_errors, stop_on_signals
from core.environment import Environment
from core.progress import SilentProgress
from core.retries import RetryPolicy
from features import registry
from features.capabilities import Deferred
from features.fetching.settings import FetchSettings
from features.imaging.decode import FEED_LIMITS
from features.imaging.sandbox import Sandbox
from features.imaging.thumbnails import Thumbnails
from features.regions import finders
from features.regions.finders import RegionFinderChain
from indexer.commands.catalogue import open_catalogue
from indexer.commands.load import DECODE_S
from indexer.errors import PositionLost
from indexer.feeds.feed import Feed, open_feed
from indexer.feeds.rejection_file import RejectionFile
from indexer.feeds.source import locate
from indexer.fetching.fetcher import Fetcher
from indexer.ledger.settings import open_ledger
from indexer.loading.dependencies import LoadDependencies
from indexer.loading.placeholders import least_products, mark_placeholders, placeholder_line
from indexer.settings import LoadSettings
from indexer.sync.following import SourceFollower
from indexer.sync.picture_memory import SourcePictures
from indexer.sync.picture_work import PictureTools
from indexer.sync.reconciliation import Reconciliation
from indexer.sync.remote_feed import RemoteFeed, is_remote
from indexer.sync.settings import DELETE, OUT_OF_STOCK, SyncSettings
from indexer.sync.source_lock import source_lock
from indexer.sync.source_state import SourceState, state_path
from indexer.sync.source_watch import ChangeWatch, FileWatch, RemoteWatch, SourceWatch, WholeWatch
from indexer.sync.source_writer import SourceWriter
from indexer.sync.sync import Sync, SyncTools
from indexer.sync.sync_report import SyncReport
from indexer.writing.recorded_writer import RecordedWriter
from mappings.engine.connection import EngineSettings


@dataclass(frozen=True)
class OpenSource:
    """A source that is open for a command, locked against others."""

    feed: Feed
    sync: Sync
    tools: SyncTools
    remote: RemoteFeed | None
    environment: Environment

    def finish_whole(self, report: SyncReport) -> None:
        """Look for placeholders among the pictures, once everything is in."""
        if report.rewritten and report.complete:
            pictures = self.tools.pictures
            catalogue = pictures.dependencies.catalogue
            least = least_products(self.environment)
            report.placeholders = pictures.retry.call(
                partial(mark_placeholders, catalogue, least, pictures.stop.is_set)
            )


def source_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options of commands that read a source."""
    for option in (
        click.option("--reader", default="", metavar="NAME", help="Read SOURCE in this format."),
        click.option("--allow-http", is_flag=True, help="Fetch pictures from the web."),
        click.option(
            "--gone",
            "removal",
            type=click.Choice([OUT_OF_STOCK, DELETE]),
            help="What becomes of products that the source no longer has.",
        ),
        click.option(
            "--yes", is_flag=True, help="Remove products that are gone, however many they are."
        ),
        click.option(
            "--rejects",
            type=click.Path(dir_okay=False, path_type=Path),
            default=Path("rejects.jsonl"),
            show_default=True,
            help="File that names every row and picture left out, and why.",
        ),
    ):
        command = option(command)
    return command


@click.command()
@click.argument("source")
@click.option("--follow", is_flag=True, help="Go on, and apply changes as they come.")
@click.option("--full", is_flag=True, help="Compare every row, also where changes could be told.")
@source_options
@report_errors()
def sync(source: str, follow: bool, full: bool, yes: bool, **options: Any) -> None:
    """Bring the index in step with SOURCE, and with --follow keep it so.

    SOURCE is a feed, a feed's web address, the address of a database, or a TOML file that names
    one. Rows that have not changed cost nothing; a changed price or stock touches no picture.
    """
    with open_source(source, Environment.current(), **options) as opened:
        stop = opened.tools.pictures.stop
        if follow:
            watch, every_s = _watch(opened)
            SourceFollower(watch, every_s, stop, _say, partial(_report, opened)).run()
            return
        if full or opened.sync.is_whole_reading_due:
            report = opened.sync.run_whole(confirmed=yes)
        else:
            report = _apply_changes(opened.sync, confirmed=yes)
        opened.finish_whole(report)
    _print_report(report)
    sys.exit(report.exit_code)


@click.command()
@click.argument("source")
@click.option("--mend", is_flag=True, help="Bring what differs back in step.")
@source_options
@report_errors()
def reconcile(source: str, mend: bool, yes: bool, **options: Any) -> None:
    """Compare the index with SOURCE, product by product, and report what differs.

    Exit code 1 says that something differs and was not mended.
    """
    with open_source(source, Environment.current(), **options) as opened:
        pictures = opened.tools.pictures.dependencies
        comparison = Reconciliation(
            opened.feed,
            opened.sync.reading,
            opened.tools.state,
            pictures.catalogue.stored(),
            pictures.fetcher,
        )
        drift = comparison.run()
        for line in drift.lines():
            click.echo(line)
        if drift.is_none:
            return
        if not mend:
            click.echo("to mend it: the same command with --mend", err=True)
            sys.exit(INCOMPLETE)
        report = opened.sync.mend(drift.ids, confirmed=yes)
        opened.finish_whole(report)
    _print_report(report)
    sys.exit(report.exit_code)


@contextmanager
def open_source(
    address: str,
    environment: Environment,
    *,
    reader: str,
    allow_http: bool,
    removal: str | None,
    rejects: Path,
) -> Iterator[OpenSource]:
    """Give a source with everything that keeps the index in step with it; raises Busy."""
    settings = SyncSettings.from_env(environment)
    if removal:
        settings = replace(settings, removal=removal)
    alias = EngineSettings.from_env(environment).index
    absolute = address if "://" in address else str(Path(address).absolute())
    path = state_path(environment.state_dir(), alias, absolute)
    name = locate(address).name if not is_remote(address) else address.partition("?")[0]
    with source_lock(path.with_suffix(".lock"), name), closing(SourceState(path)) as state:
        remote = None
        if is_remote(address):
            remote = RemoteFeed(address, path.with_suffix(".feed"), state)
            remote.refresh()
        feed = open_feed(remote.path if remote else address, environment, reader, whole=False)
        with _open_tools(
            environment, feed, state, settings, alias, name, rejects, allow_http
        ) as tools:
            yield OpenSource(feed, Sync(feed, tools), tools, remote, environment)


@contextmanager
def _open_tools(
    environment: Environment,
    feed: Feed,
    state: SourceState,
    settings: SyncSettings,
    alias: str,
    name: str,
    rejects: Path,
    allow_http: bool,
) -> Iterator[SyncTools]:
    load_settings, fetching = (
        LoadSettings.from_env(environment),
        FetchSettings.from_env(environment),
    )
    if allow_http:
        fetching = replace(fetching, http=True)
    features = registry.load(environment)
    deferred = ",".join(key for key, item in features.items() if isinstance(item, Deferred))
    only_deferred = Environment({**environment.values, "LOOKALIKE_FEATURES": deferred})
    catalogue = open_catalogue(environment, features, registry.load_next(environment, features))
    with (
        Sandbox(load_settings.workers, FEED_LIMITS, timeout_s=DECODE_S) as sandbox,
        RejectionFile(rejects) as rejections,
        closing(open_ledger(environment, catalogue.alias)) as ledger,
        stop_on_signals() as stop,
    ):
        retry = RetryPolicy(load_settings.patience_s, stop, _say)
        fetcher = Fetcher(feed.home, fetching, FEED_LIMITS.max_bytes)
        dependencies = LoadDependencies(
            catalogue=catalogue,
            ledger=ledger,
            features=features,
            build_deferred=partial(registry.load, only_deferred),
            fetcher=fetcher,
            decoder=sandbox,
            thumbnails=Thumbnails(environment.state_dir() / "media"),
            finders=finders.load(environment) if load_settings.regions else RegionFinderChain(),
            memory=SourcePictures(state, catalogue, fetcher, retry),
        )
        writer = SourceWriter(RecordedWriter(catalogue, ledger, retry), ledger, name)
        pictures = PictureTools(
            feed.home, dependencies, load_settings, retry, rejections, SilentProgress(), stop
        )
        yield SyncTools(writer, state, settings, pictures)


def _apply_changes(sync: Sync, *, confirmed: bool) -> SyncReport:
    try:
        return sync.run_changes()
    except PositionLost as error:
        _say(f"{error}: comparing everything")
        return sync.run_whole(confirmed=confirmed)


def _watch(opened: OpenSource) -> tuple[SourceWatch, float]:
    """Return the way to notice changes of a source, and how often to look, in seconds."""
    sync, settings = opened.sync, opened.tools.settings
    if opened.remote is not None:
        return RemoteWatch(sync, opened.remote), settings.feed_every_s
    path = opened.feed.source.path
    if path is not None and path.is_file() and not sync.can_tell_changes:
        return FileWatch(sync, path), settings.every_s
    if sync.can_tell_changes:
        return ChangeWatch(sync, _say), settings.every_s
    return WholeWatch(sync), settings.feed_every_s


def _report(opened: OpenSource, report: SyncReport) -> None:
    opened.finish_whole(report)
    _print_report(report)


def _say(line: str) -> None:
    click.echo(line, err=True)


def _print_report(report: SyncReport) -> None:
    for note in report.notes:
        _say(note)
    if report.rejects is not None:
        _say(f"{report.rejected} rejected, named in {report.rejects}")
    if report.placeholders:
        _say(placeholder_line(report.placeholders))
    if report.interrupted:
        _say("interrupted; the same command again goes on")
    click.echo(str(report))
