"""The command line: ``python -m indexer load``, ``status``, ``demo``, ``measure``, ``swap-model``,
``centre``, ``train-head``, ``train-autoencoder``, ``expire``.

Exit codes: 0 all in, 1 some rejected, 2 failed, 130 interrupted.
"""

import sys
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from pathlib import Path

import click

from core.command_line import report_errors, stop_on_signals
from core.environment import Environment
from core.errors import InvalidSetting, UnknownName
from core.progress import Work, show_progress
from features import registry
from features.base import Feature
from features.capabilities import Deferred
from features.imaging.decode import FEED_LIMITS
from features.imaging.sandbox import Sandbox
from features.imaging.thumbnails import Thumbnails
from features.regions import finders
from features.regions.finders import RegionFinderChain
from features.registry import Registry
from indexer.calibration.command import calibrate
from indexer.expiry import expire
from indexer.feeds.feed import open_feed
from indexer.feeds.rejection_file import RejectionFile
from indexer.fetching.fetcher import Fetcher
from indexer.loading.dependencies import LoadDependencies
from indexer.loading.load import Load
from indexer.loading.report import LoadReport
from indexer.measure import format_table, measure_if_outgrown
from indexer.measure import measure as measured
from indexer.settings import FetchSettings, LoadSettings
from indexer.swap import command as swap_model
from indexer.training.centre import centre
from indexer.training.commands import train_autoencoder, train_head
from mappings.catalogue import versions
from mappings.catalogue.calibration import SCORE_KINDS, Calibration
from mappings.catalogue.catalogue import Catalogue
from mappings.engine.connection import EngineSettings, connect
from mappings.planning.measurement import QUERIES

DECODE_S = 20.0
"""A load keeps every core busy, and nobody is waiting for one answer."""


@click.group()
def main() -> None:
    """Fill the products index from a feed and look after it."""


main.add_command(calibrate)
main.add_command(centre)
main.add_command(train_head)
main.add_command(train_autoencoder)
main.add_command(expire)


def load_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that every loading command has."""
    for option in (
        click.option("--batch", type=click.IntRange(1, 1024), help="Pictures worked on together."),
        click.option(
            "--rejects",
            type=click.Path(dir_okay=False, path_type=Path),
            default=Path("rejects.jsonl"),
            show_default=True,
            help="Where to name what did not go in.",
        ),
        click.option("--without", multiple=True, metavar="NAME", help="Leave a feature out."),
        click.option("--rebuild", is_flag=True, help="Fill a new index, then put it in service."),
        click.option(
            "--measure/--no-measure",
            default=True,
            show_default=True,
            help="Measure what the index finds, once it has outgrown the last measurement.",
        ),
    ):
        command = option(command)
    return command


@main.command()
@click.argument("feed", type=click.Path(path_type=Path))
@click.option("--allow-http", is_flag=True, help="Fetch pictures from the web.")
@load_options
@report_errors()
def load(
    feed: Path,
    allow_http: bool,
    batch: int | None,
    rejects: Path,
    without: tuple[str, ...],
    rebuild: bool,
    measure: bool,
) -> None:
    """Load FEED: a folder of pictures, JSON lines, CSV or TSV, also gzipped."""
    _load(feed, allow_http, batch, rejects, without, rebuild, measure)


@main.command()
@load_options
@report_errors()
def demo(
    batch: int | None, rejects: Path, without: tuple[str, ...], rebuild: bool, measure: bool
) -> None:
    """Draw the demo catalogue and load it."""
    # Drawing loads much that a load of one's own feed has no use for.
    from indexer import demo as drawn  # noqa: PLC0415

    try:
        feed = drawn.write(Environment.current().state_dir() / "demo", progress=_drawing)
    except OSError as error:
        raise InvalidSetting(f"the demo cannot be written: {error}") from error
    _load(feed, False, batch, rejects, without, rebuild, measure)


def _drawing(drawn: int, wanted: int) -> None:
    if drawn % 100 == 0 or drawn == wanted:
        click.echo(f"drew {drawn} of {wanted} pictures of the demo shop", err=True)


@main.command()
@report_errors()
def status() -> None:
    """Say what the index holds."""
    environment = Environment.current()
    settings = EngineSettings.from_env(environment)
    catalogue = _catalogue(settings, Registry([]))
    summary, calibration = catalogue.summary(), catalogue.calibration()
    click.echo(f"index     {summary['index']} (alias {settings.index}) at {settings.url}")
    click.echo(f"products  {summary['products']:,}")
    click.echo(f"pictures  {summary['pictures']:,}")
    click.echo(f"size      {summary['bytes'] / 1e6:,.1f} MB")
    for name, kept in sorted(summary["features"].items()):
        model = (kept.get("identity") or {}).get("model", "")
        click.echo(f"feature   {name} v{kept['version']} {model}".rstrip())
    click.echo(f"scores    {_worth(calibration)}")


def _worth(calibration: Calibration | None) -> str:
    """Return what the index's scores are worth, in words."""
    if calibration is None:
        return "an order; `python -m indexer calibrate` makes them probabilities"
    return (
        f"{SCORE_KINDS[calibration.source]}, by {calibration.queries:,} queries over "
        f"{calibration.products:,} products at {calibration.at}"
    )


@main.command()
@click.option("--queries", type=click.IntRange(1), default=QUERIES, show_default=True)
@click.option(
    "--seconds", type=click.FloatRange(1), default=1800, show_default=True, help="At most so long."
)
@click.option("--merge", is_flag=True, help="First merge the segments that changes have left.")
@report_errors()
def measure(queries: int, seconds: float, merge: bool) -> None:
    """Measure what the index finds and how fast, for the planner to keep its promise by.

    Takes a few minutes at a million pictures; searches go on, slower. Worth repeating after many
    changes.
    """
    environment = Environment.current()
    catalogue, features = _in_service(environment, registry.load(environment))
    catalogue.check_features()
    if merge:
        click.echo("merging", err=True)
        catalogue.merge()
    click.echo(format_table(measured(catalogue, features, queries=queries, seconds=seconds)))


def _catalogue(
    settings: EngineSettings, features: Registry, coming: Iterable[Feature] = ()
) -> Catalogue:
    return Catalogue(connect(settings), features, settings.index, settings.shards, coming)


def _in_service(environment: Environment, features: Registry) -> tuple[Catalogue, Registry]:
    """Return the catalogue and its features as searches are answered: each where it lies now."""
    settings = EngineSettings.from_env(environment)
    meta = _catalogue(settings, features).meta()
    coming = registry.load_next(environment, features)
    placed = versions.features_in_service(features, coming, meta)
    return _catalogue(settings, placed), placed


def _load(
    path: Path,
    allow_http: bool,
    batch: int | None,
    rejects: Path,
    without: tuple[str, ...],
    rebuild: bool,
    measure: bool,
) -> None:
    environment = Environment.current()
    settings = LoadSettings.from_env(environment)
    fetching = FetchSettings.from_env(environment)
    if batch:
        settings = replace(settings, batch=batch)
    if allow_http:
        fetching = replace(fetching, http=True)
    feed = open_feed(path)
    features = _features(environment, without)
    coming = registry.load_next(environment, features)
    slow = ",".join(name for name, one in features.items() if isinstance(one, Deferred))
    only_slow = Environment({**environment.values, "LOOKALIKE_FEATURES": slow})
    with (
        Sandbox(settings.workers, FEED_LIMITS, timeout_s=DECODE_S) as sandbox,
        RejectionFile(rejects) as rejected,
        show_progress(Work("loading", "products", "pictures")) as progress,
        stop_on_signals() as stop,
    ):
        tools = LoadDependencies(
            catalogue=_catalogue(EngineSettings.from_env(environment), features, coming),
            features=features,
            build_deferred=partial(registry.load, only_slow),
            fetcher=Fetcher(feed.home, fetching, FEED_LIMITS.max_bytes),
            decoder=sandbox,
            thumbnails=Thumbnails(environment.state_dir() / "media"),
            finders=finders.load(environment) if settings.regions else RegionFinderChain(),
        )
        report = Load(feed, tools, settings, rejected, progress, stop).run(rebuild=rebuild)
    _tell(report)
    if measure and not report.interrupted:
        measure_if_outgrown(*_in_service(environment, features))
    sys.exit(report.exit_code)


def _features(environment: Environment, without: tuple[str, ...]) -> Registry:
    every = registry.load(environment)
    for name in without:
        if name not in every:
            raise UnknownName("feature", name, every)
    return Registry(feature for name, feature in every.items() if name not in without)


def _tell(report: LoadReport) -> None:
    if report.unused_columns:
        click.echo(f"columns not used: {', '.join(report.unused_columns)}", err=True)
    if report.rejects is not None:
        click.echo(f"{report.rejected} rejected, named in {report.rejects}", err=True)
    if report.interrupted:
        click.echo("interrupted; the same command again loads the rest", err=True)
    click.echo(
        f"{report.products} products, {report.pictures} pictures ({report.reused} reused), "
        f"{report.rejected} rejected, {report.pictures_per_second:.1f} pictures/s, "
        f"{report.seconds:.1f} s"
    )


main.add_command(swap_model.group)


if __name__ == "__main__":
    main()
