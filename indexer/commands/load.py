"""``python -m indexer load`` and ``demo``: a feed, or the demo shop, into the index."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import click

from core import load_status
from core.command_line import report_errors, stop_on_signals
from core.environment import Environment
from core.errors import InvalidSetting, UnknownName
from core.progress import Work, show_progress
from features import registry
from features.base import Feature
from features.capabilities import Deferred
from features.fetching.settings import FetchSettings
from features.imaging.decode import FEED_LIMITS
from features.imaging.sandbox import Sandbox
from features.imaging.thumbnails import Thumbnails
from features.regions import finders
from features.regions.finders import RegionFinderChain
from features.registry import Registry
from indexer.cluster.settings import ClusterSettings
from indexer.commands.catalogue import open_catalogue, open_in_service
from indexer.feeds.feed import open_feed
from indexer.feeds.rejection_file import RejectionFile
from indexer.fetching.fetcher import Fetcher
from indexer.ledger.ledger import Ledger
from indexer.ledger.settings import open_ledger
from indexer.loading.asked_queries import asked_queries
from indexer.loading.batch_processor import BatchProcessor
from indexer.loading.dependencies import LoadDependencies, RowSource
from indexer.loading.load import Load
from indexer.loading.placeholders import least_products, mark_placeholders, placeholder_line
from indexer.loading.report import LoadReport, Tally
from indexer.loading.status_file import StatusFile
from indexer.measure import measure_if_outgrown
from indexer.settings import LoadSettings
from mappings.engine.connection import EngineSettings

DECODE_S = 20.0
"""A load keeps every core busy, and nobody waits for a single picture."""

LOCAL, RAY = "local", "ray"
"""The engines of a load."""

DEMO_EVERY = 100
"""Pictures of the demo shop between two lines of progress."""


@dataclass(frozen=True)
class LoadOptions:
    """The options of every loading command; None leaves a setting as the environment has it."""

    batch: int | None
    rejects: Path
    without: tuple[str, ...]
    rebuild: bool
    force: bool
    measure: bool
    engine: str


def load_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that every loading command has."""
    for option in (
        click.option(
            "--measure/--no-measure",
            default=True,
            show_default=True,
            help="Measure what searches find, once the index has outgrown the last measurement.",
        ),
        click.option("--rebuild", is_flag=True, help="Fill a new index, then put it in service."),
        click.option(
            "--force",
            is_flag=True,
            help="Let a rebuild take over, however few its products and whatever its answers are.",
        ),
        click.option(
            "--engine",
            type=click.Choice([LOCAL, RAY]),
            default=LOCAL,
            show_default=True,
            help="Where pictures are decoded and features extracted: here, or on a Ray cluster.",
        ),
        click.option("--without", multiple=True, metavar="NAME", help="Leave a feature out."),
        click.option(
            "--rejects",
            type=click.Path(dir_okay=False, path_type=Path),
            default=Path("rejects.jsonl"),
            show_default=True,
            help="File that names every row and picture left out, and why.",
        ),
        click.option(
            "--batch", type=click.IntRange(1, 1024), help="Pictures extracted from together."
        ),
    ):
        command = option(command)
    return command


@click.command()
@click.argument("feed")
@click.option("--reader", default="", metavar="NAME", help="Read FEED in this format.")
@click.option("--allow-http", is_flag=True, help="Fetch pictures from the web.")
@load_options
@report_errors()
def load(feed: str, reader: str, allow_http: bool, **options: Any) -> None:
    """Load FEED: a folder of pictures, or a shop's products in a file, also gzipped.

    Google Merchant's TSV and XML, the CSV of Shopify, WooCommerce and Magento, schema.org's
    JSON-LD, JSON, JSON lines, CSV and TSV are told apart by what is in the file. An installed
    plug-in may read further formats and addresses.
    """
    environment = Environment.current()
    fetching = FetchSettings.from_env(environment)
    if allow_http:
        fetching = replace(fetching, http=True)
    load_feed(open_feed(feed, environment, reader), environment, fetching, LoadOptions(**options))


@click.command()
@load_options
@report_errors()
def demo(**options: Any) -> None:
    """Draw the demo shop and load it."""
    # Drawing needs modules that no other load has a use for.
    from indexer.demo import DemoFeed  # noqa: PLC0415

    environment = Environment.current()
    folder = environment.state_dir() / "demo"
    feed = DemoFeed(folder, progress=_show_drawing, is_flooded=True)
    fetching = FetchSettings.from_env(environment)
    try:
        load_feed(feed, environment, fetching, LoadOptions(**options))
    except OSError as error:
        raise InvalidSetting(f"the demo cannot be written: {error}") from error


def _show_drawing(done: int, total: int) -> None:
    if done % DEMO_EVERY == 0 or done == total:
        click.echo(f"drew {done} of {total} pictures of the demo shop", err=True)


def load_feed(
    feed: RowSource, environment: Environment, fetching: FetchSettings, options: LoadOptions
) -> None:
    """Load a feed, report what happened, measure if need be, and exit with the load's code."""
    settings = LoadSettings.from_env(environment)
    if options.batch:
        settings = replace(settings, batch=options.batch)
    if options.force:
        settings = replace(settings, rebuild_share=0, rebuild_agreement=0)
    features = _features(environment, options.without)
    coming = registry.load_next(environment, features)
    deferred = ",".join(name for name, item in features.items() if isinstance(item, Deferred))
    only_deferred = Environment({**environment.values, "LOOKALIKE_FEATURES": deferred})
    with (
        Sandbox(settings.workers, FEED_LIMITS, timeout_s=DECODE_S) as sandbox,
        RejectionFile(options.rejects) as rejections,
        show_progress(Work("loading", "products", "pictures")) as progress,
        StatusFile(environment.state_dir() / load_status.FOLDER) as status_file,
        closing(_ledger(environment)) as ledger,
        stop_on_signals() as stop,
        _engine(options, feed, environment, fetching, settings) as build_processor,
    ):
        dependencies = LoadDependencies(
            catalogue=open_catalogue(environment, features, coming),
            ledger=ledger,
            features=features,
            build_deferred=partial(registry.load, only_deferred),
            fetcher=Fetcher(feed.home, fetching, FEED_LIMITS.max_bytes),
            decoder=sandbox,
            thumbnails=Thumbnails(environment.state_dir() / "media"),
            finders=finders.load(environment) if settings.regions else RegionFinderChain(),
            build_processor=build_processor,
            read_asked_queries=partial(asked_queries, environment),
        )
        load = Load(feed, dependencies, settings, rejections, progress, stop, status_file.update)
        report = load.run(rebuild=options.rebuild)
        placeholders = mark_placeholders(
            dependencies.catalogue, least_products(environment), stop.is_set
        )
    _print_report(report)
    if placeholders:
        click.echo(placeholder_line(placeholders), err=True)
    if options.rebuild and not report.interrupted:
        click.echo("`python -m indexer undo-rebuild` takes the rebuild back", err=True)
    if options.measure and not report.interrupted:
        measure_if_outgrown(*open_in_service(environment, features))
    sys.exit(report.exit_code)


@contextmanager
def _engine(
    options: LoadOptions,
    feed: RowSource,
    environment: Environment,
    fetching: FetchSettings,
    settings: LoadSettings,
) -> Iterator[Callable[[Tally], BatchProcessor] | None]:
    """Yield what builds the engine that works on batches; None for this process."""
    if options.engine == LOCAL:
        yield None
        return
    if find_spec("ray") is None:
        raise InvalidSetting("--engine ray needs Ray: pip install 'lookalike[ray]'")
    # Ray takes a second to load, and no other load has a use for it.
    from indexer.cluster.processor import ClusterProcessor, open_ray  # noqa: PLC0415
    from indexer.cluster.worker import WorkerPlan, settings_for_actors  # noqa: PLC0415

    cluster = ClusterSettings.from_env(environment)
    plan = WorkerPlan(
        environment=settings_for_actors(environment),
        home=feed.home.absolute(),
        media=environment.state_dir() / "media",
        fetching=fetching,
        settings=settings,
        build_features=partial(_every_version, without=options.without),
    )
    with open_ray(cluster):
        yield partial(ClusterProcessor, plan, cluster)


def _every_version(environment: Environment, without: tuple[str, ...]) -> Sequence[Feature]:
    features = _features(environment, without)
    return (*features.values(), *registry.load_next(environment, features))


def _ledger(environment: Environment) -> Ledger:
    return open_ledger(environment, EngineSettings.from_env(environment).index)


def _features(environment: Environment, without: tuple[str, ...]) -> Registry:
    features = registry.load(environment)
    for name in without:
        if name not in features:
            raise UnknownName("feature", name, features)
    return Registry(feature for name, feature in features.items() if name not in without)


def _print_report(report: LoadReport) -> None:
    click.echo(f"read as {report.reading}", err=True)
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
