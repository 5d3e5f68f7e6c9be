"""``python -m indexer train-head`` and ``train-autoencoder``."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from core.command_line import report_errors
from core.environment import Environment
from core.errors import InvalidSetting
from features.embedding.feature import create
from features.embedding.model_choice import ModelChoice
from features.embedding.training.splits import SPLIT_KINDS
from features.imaging.decode import FEED_LIMITS
from features.imaging.sandbox import Sandbox
from features.imaging.thumbnails import Thumbnails
from features.registry import Registry
from indexer.feeds.feed import open_feed
from indexer.training import photo_list, picture_sources, whole_models
from indexer.training.learning import TrainingOutcome, build_training_set, learn, open_vector_cache
from indexer.training.photo_list import LabelledPhoto
from indexer.training.picture_sources import CataloguePicture
from mappings.catalogue.catalogue import Catalogue
from mappings.engine.connection import EngineSettings, connect

FILE = click.Path(dir_okay=False, path_type=Path)
FEED_PATH = click.Path(path_type=Path)
LOSSES = ("contrastive", "siamese", "triplet")

catalogue_option = click.option(
    "--catalogue", "feed", type=FEED_PATH, help="A feed; without it, the index in service."
)


@click.command("train-head")
@click.option("--photos", "listed", type=FILE, help="CSV or JSON lines: path, product_id or label.")
@click.option("--categories", is_flag=True, help="Learn the catalogue's own categories instead.")
@catalogue_option
@click.option("--split", "kind", type=click.Choice(SPLIT_KINDS), help="How photos are held back.")
@click.option("--loss", type=click.Choice(LOSSES), default="contrastive", show_default=True)
@click.option("--dims", type=click.IntRange(8, 1024), default=256, show_default=True)
@click.option("--epochs", type=click.IntRange(1, 10_000), help="150, or 10 with --fine-tune.")
@click.option(
    "--pull", type=click.FloatRange(0), help="How strongly what no label speaks of stays."
)
@click.option("--fine-tune", is_flag=True, help="Train the whole model instead; wants a GPU.")
@click.option("--cpu", is_flag=True, help="Fine-tune though there is no GPU.")
@click.option("--out", type=FILE, help="Where to write; without it, in the state folder.")
@report_errors()
def train_head(
    listed: Path | None,
    categories: bool,
    feed: Path | None,
    kind: str | None,
    loss: str,
    dims: int,
    epochs: int | None,
    pull: float | None,
    fine_tune: bool,
    cpu: bool,
    out: Path | None,
) -> None:
    """Learn from labelled photos what tells products apart.

    Without --photos, from the confirmed shoppers' photos in the index. A head takes seconds;
    photos held back say what it is worth.
    """
    if listed and categories:
        raise click.UsageError("--photos and --categories are two things to learn from")
    environment = Environment({**Environment.current().values, "LOOKALIKE_EMBEDDING_HEAD": ""})
    photos, shown = _read_pictures(environment, listed, categories, feed)
    if fine_tune:
        path = out or environment.state_dir() / "models" / "fine-tuned.keras"
        choice = ModelChoice.from_env(environment)
        with _decoder() as sandbox:
            whole_models.fine_tune(
                choice, [*photos, *shown], sandbox.decode, path,
                loss=loss, epochs=epochs or 10, on_cpu=cpu,
            )  # fmt: skip
        _print_next_step(f"LOOKALIKE_EMBEDDING_MODEL={path}")
        return
    path = out or environment.state_dir() / "models" / "head.npz"
    embedding = create(environment)
    with _decoder() as sandbox:
        vectors = open_vector_cache(embedding, environment.cache_dir() / "vectors", sandbox.decode)
        seen = build_training_set(photos, shown, vectors)
    for file, why in list(seen.unreadable.items())[:10]:
        click.echo(f"left out: {file}: {why}", err=True)
    given = {"loss": loss, "dims": dims, "epochs": epochs, "pull": pull}
    recipe = {name: value for name, value in given.items() if value is not None}
    outcome = learn(seen, recipe, embedding.backbone_identity(), kind)
    outcome.head.save(path)
    _print_outcome(outcome)
    _print_next_step(f"LOOKALIKE_EMBEDDING_HEAD={path}")


@click.command("train-autoencoder")
@catalogue_option
@click.option("--side", type=click.Choice(["32", "64", "128"]), default="64", show_default=True)
@click.option("--dims", type=click.IntRange(8, 1024), default=128, show_default=True)
@click.option("--epochs", type=click.IntRange(1, 10_000), default=60, show_default=True)
@click.option("--out", type=FILE, help="Where to write; without it, in the state folder.")
@report_errors()
def train_autoencoder(
    feed: Path | None, side: str, dims: int, epochs: int, out: Path | None
) -> None:
    """Learn an embedding from the catalogue's pictures alone, without labels or ImageNet."""
    environment = Environment.current()
    shown, _ = _read_catalogue(environment, feed)
    path = out or environment.state_dir() / "models" / "autoencoder.keras"
    with _decoder() as sandbox:
        error = whole_models.autoencoder(
            shown, sandbox.decode, path, side=int(side), dims=dims, epochs=epochs
        )
    click.echo(f"mean squared error {error:.4f} of pixels in 0 … 1 on {len(shown)} pictures")
    _print_next_step(f"LOOKALIKE_EMBEDDING_MODEL={path}")


def _read_pictures(
    environment: Environment, listed: Path | None, categories: bool, feed: Path | None
) -> tuple[list[LabelledPhoto], list[CataloguePicture]]:
    """Return the photos to learn from and the catalogue's pictures beside them."""
    shown, confirmed = _read_catalogue(environment, feed)
    if listed:
        return photo_list.read_photos(listed), shown
    if categories:
        # The pictures are the photos: there is no other side to search in.
        return picture_sources.label_by_category(shown), []
    if feed:
        raise InvalidSetting("a feed alone says nothing to learn: add --photos or --categories")
    return confirmed, shown


def _read_catalogue(
    environment: Environment, feed: Path | None
) -> tuple[list[CataloguePicture], list[LabelledPhoto]]:
    """Return the catalogue's pictures, and the confirmed photos where the index holds some."""
    if feed:
        return picture_sources.feed_pictures(open_feed(feed)), []
    settings = EngineSettings.from_env(environment)
    index = Catalogue(connect(settings), Registry([]), settings.index)
    state = environment.state_dir()
    return picture_sources.index_pictures(
        index, Thumbnails(state / "media"), Thumbnails(state / "shoppers")
    )


def _print_outcome(outcome: TrainingOutcome) -> None:
    held = outcome.hold_out
    click.echo(f"{int(held.held_out.sum())} photos held back by {held.kind}, of which", nl=False)
    click.echo(f" {held.leaks} have a near-identical photo among those learned from")
    click.echo(f"{'':10}{'one view':>14}{'five views':>16}")
    click.echo(f"{'':10}{'top-1':>7}{'top-5':>7}{'top-1':>9}{'top-5':>7}")
    for name, (glance, closer) in outcome.found.items():
        click.echo(
            f"{name:10}{glance.top1:7.3f}{glance.top5:7.3f}{closer.top1:9.3f}{closer.top5:7.3f}"
        )
    others = [several[0].top1 for name, several in outcome.found.items() if name != "head"]
    if outcome.found["head"][0].top1 <= max(others):
        click.echo("the head finds no more than what there was: better keep that", err=True)


def _print_next_step(setting: str) -> None:
    click.echo(
        f"to use it, set {setting}, for the indexer and the application, and load the feed again "
        "with --rebuild"
    )


@contextmanager
def _decoder() -> Iterator[Sandbox]:
    with Sandbox(1, FEED_LIMITS, timeout_s=20.0) as sandbox:
        yield sandbox
