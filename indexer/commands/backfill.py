"""``python -m indexer backfill``: what the pictures of a live index lack, a feature or parts."""

import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, nullcontext, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Protocol

import click

from core import plug_ins
from core.command_line import report_errors, stop_on_signals
from core.environment import Environment
from core.errors import InvalidSetting, UnknownName
from core.locks import process_lock
from core.progress import Work, show_progress
from core.retries import RetryPolicy
from features import registry
from features.base import Feature
from features.capabilities import Deferred
from features.fetching.settings import FetchSettings
from features.imaging.decode import FEED_LIMITS
from features.imaging.sandbox import Sandbox
from features.imaging.thumbnails import Thumbnails
from features.registry import Registry
from indexer.backfill.feature_backfill import FeatureBackfill
from indexer.backfill.feature_values import SlowExtraction, extract_quick
from indexer.backfill.page_filler import (
    BackfillControl,
    BackfillResult,
    Extract,
    lower_priority,
)
from indexer.backfill.part_backfill import PARTS, PartBackfill
from indexer.backfill.position import PositionFile
from indexer.backfill.report import BackfillReport
from indexer.backfill.stored_pictures import StoredPictureReader, stored_picture_reader
from indexer.commands.catalogue import open_catalogue
from indexer.errors import NothingToDo
from indexer.ledger.settings import open_ledger
from indexer.settings import LoadSettings
from mappings.catalogue.feature_filling import FeatureFilling
from mappings.engine.connection import EngineSettings, connect


class Runnable(Protocol):
    """The backfill of one index."""

    def run(self) -> BackfillResult:
        """Fill in what is missing."""
        ...


@click.command()
@click.argument("feature")
@click.option("--feed", type=click.Path(path_type=Path), help="The feed of the indexed pictures.")
@click.option("--allow-http", is_flag=True, help="Fetch pictures from the web.")
@click.option("--thumbnails", is_flag=True, help="Use thumbnails only: quicker, less exact.")
@click.option(
    "--per-second",
    type=click.FloatRange(0),
    default=0.0,
    help="Process at most this many pictures a second; 0 for no limit.",
)
@report_errors()
def backfill(
    feature: str, feed: Path | None, allow_http: bool, thumbnails: bool, per_second: float
) -> None:
    """Fill FEATURE in for pictures that are stored without it, while the index is in use.

    For a feature that is new, newly switched on, or of a newer version. Switch it on here and for
    the web servers, and restart those while this runs: they search by it from its end on. "parts"
    stores the panels, tiles and goods of pictures that are stored without. If interrupted, run the
    command again to continue.
    """
    lower_priority()
    environment = Environment.current()
    loaded = registry.load(environment)
    name = PARTS if feature == PARTS else choose_feature(loaded, feature).name
    settings = LoadSettings.from_env(environment)
    engine = EngineSettings.from_env(environment)
    positions = PositionFile(environment.state_dir(), engine.index, name)
    with (
        process_lock(positions.lock_path, f"the backfill of {name}"),
        Sandbox(settings.workers, FEED_LIMITS, timeout_s=20.0) as sandbox,
        closing(open_ledger(environment, engine.index)) as ledger,
        stop_on_signals() as stop,
        show_progress(Work("filling in", "products")) as progress,
        ExitStack() as extractions,
    ):
        fetching = FetchSettings.from_env(environment)
        reader = stored_picture_reader(
            environment,
            settings,
            sandbox,
            None if thumbnails else replace(fetching, http=fetching.http or allow_http),
            feed,
        )
        control = BackfillControl(
            RetryPolicy(settings.patience_s, stop, progress.say), progress, stop, per_second
        )
        coming = registry.load_next(environment, loaded) if name == PARTS else ()
        catalogue = open_catalogue(environment, loaded, coming)
        index = FeatureFilling(connect(engine), engine.index, catalogue.derived)
        backfills: list[Runnable]
        if name == PARTS:
            backfills = [
                PartBackfill(
                    index,
                    catalogue.refresh_write_features,
                    Thumbnails(environment.state_dir() / "media"),
                    reader.read,
                    control,
                    positions,
                    ledger,
                )
            ]
        else:
            chosen = loaded[name]
            extract = extractions.enter_context(_extraction(environment, chosen, settings))
            backfills = [
                *_banks(environment, chosen, reader, extract, control),
                FeatureBackfill(index, chosen, reader.read, extract, control, positions, ledger),
            ]
        sys.exit(_run(backfills, reader, control))


def choose_feature(loaded: Registry, name: str) -> Feature:
    """Return one of the features that are switched on.

    Raises UnknownName for one that is not installed, InvalidSetting for one that is not switched
    on.
    """
    if name in loaded:
        return loaded[name]
    installed, _ = plug_ins.installed(registry.GROUP)
    if name not in installed:
        raise UnknownName("feature", name, installed)
    raise InvalidSetting(
        f"{name} is not switched on: name it in LOOKALIKE_FEATURES, or leave that empty; a feature "
        f"that must be set up has settings that begin with LOOKALIKE_{name.upper()}_"
    )


@contextmanager
def _extraction(
    environment: Environment, feature: Feature, settings: LoadSettings
) -> Iterator[Extract]:
    if not isinstance(feature, Deferred):
        yield partial(extract_quick, feature)
        return
    alone = Environment({**environment.values, "LOOKALIKE_FEATURES": feature.name})
    build = partial(registry.load, alone)
    with closing(
        SlowExtraction(feature, build, settings.slow_workers, settings.backlog)
    ) as extraction:
        yield extraction.extract


def _banks(
    environment: Environment,
    feature: Feature,
    reader: StoredPictureReader,
    extract: Extract,
    control: BackfillControl,
) -> list[FeatureBackfill]:
    """Return the backfill of the trust desk's banks, where there are any: they come first."""
    desk = environment.text("LOOKALIKE_DESK_INDEX", "lookalike")
    key = environment.secret("LOOKALIKE_DESK_API_KEY")
    gateway = connect(EngineSettings.from_env(environment), api_key=key)
    index = FeatureFilling(gateway, f"{desk}-banks")
    if not index.exists or index.is_complete(feature):
        return []
    positions = PositionFile(environment.state_dir(), index.name, feature.name)
    return [FeatureBackfill(index, feature, reader.read, extract, control, positions)]


def _run(backfills: list[Runnable], reader: StoredPictureReader, control: BackfillControl) -> int:
    """Run the backfills in order and return the exit code; the last decides what is in service."""
    report = BackfillReport()
    *others, products = backfills
    for bank in others:
        report.add(bank.run())
    # Where the banks had something to do, it was not all done already.
    with suppress(NothingToDo) if others else nullcontext():
        report.add(products.run())
    return report.close(reader, control)
