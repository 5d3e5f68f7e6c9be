"""``python -m indexer train-head`` and ``train-autoencoder``."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from core.command_line import report_errors, skip_line
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
    "--catalogue", "feed", type=FEED_PATH, help="A feed. Default: the index in service."
)


@click.command("train-head")
@click.option(
    "--photos", "listed", type=FILE, help="CSV or JSON lines with path, and product_id or label."
)
@click.option("--categories", is_flag=True, help="Learn the catalogue's categories instead.")
@catalogue_option
@click.option(
    "--split",
    "kind",
    type=click.Choice(SPLIT_KINDS),
    help="How photos are held out for evaluation.",
)
@click.option("--loss", type=click.Choice(LOSSES), default="contrastive", show_default=True)
@click.option("--dims", type=click.IntRange(8, 1024), default=256, show_default=True)
@click.option(
    "--epochs", type=click.IntRange(1, 10_000), help="Default: 60, or 10 with --fine-tune."
)
@click.option(
    "--pull",
    type=click.FloatRange(0),
    help="How strongly to preserve what the labels do not concern.",
)
@click.option(
    "--fine-tune", is_flag=True, help="Train the whole model instead of a head; needs a GPU."
)
@click.option("--cpu", is_flag=True, help="Fine-tune without a GPU, however long it takes.")
@click.option("--out", type=FILE, help="File to write. Default: in models/ in the state folder.")
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
    """Learn a head that distinguishes products, from labelled photos.

    Without --photos, it learns from the confirmed shoppers' photos in the index. Training takes
    seconds. Held-out photos measure the head's accuracy.
    """
    if listed and categories:
        raise click.UsageError("choose either --photos or --categories")
    environment = Environment({**Environment.current().values, "LOOKALIKE_EMBEDDING_HEAD": ""})
    photos, catalogue = _read_pictures(environment, listed, categories, feed)
    if fine_tune:
        path = out or environment.state_dir() / "models" / "fine-tuned.keras"
        choice = ModelChoice.from_env(environment)
        with _decoder() as sandbox:
            whole_models.fine_tune(
                choice, [*photos, *catalogue], sandbox.decode, path,
                loss=loss, epochs=epochs or 10, on_cpu=cpu,
            )  # fmt: skip
        _print_next_step(f"LOOKALIKE_EMBEDDING_MODEL={path}")
        return
    path = out or environment.state_dir() / "models" / "head.npz"
    embedding = create(environment)
    with _decoder() as sandbox:
        vectors = open_vector_cache(embedding, environment.cache_dir() / "vectors", sandbox.decode)
        training_set = build_training_set(photos, catalogue, vectors)
    for file, why in list(training_set.unreadable.items())[:10]:
        click.echo(skip_line(file, why), err=True)
    options = {"loss": loss, "dims": dims, "epochs": epochs, "pull": pull}
    recipe = {name: value for name, value in options.items() if value is not None}
    outcome = learn(training_set, recipe, embedding.backbone_identity(), kind)
    outcome.head.save(path)
    _print_outcome(outcome)
    _print_next_step(f"LOOKALIKE_EMBEDDING_HEAD={path}")


@click.command("train-autoencoder")
@catalogue_option
@click.option("--side", type=click.Choice(["32", "64", "128"]), default="64", show_default=True)
@click.option("--dims", type=click.IntRange(8, 1024), default=128, show_default=True)
@click.option("--epochs", type=click.IntRange(1, 10_000), default=60, show_default=True)
@click.option("--out", type=FILE, help="File to write. Default: in models/ in the state folder.")
@report_errors()
def train_autoencoder(
    feed: Path | None, side: str, dims: int, epochs: int, out: Path | None
) -> None:
    """Learn an embedding from the catalogue's pictures alone, without labels or ImageNet."""
    environment = Environment.current()
    catalogue, _ = _read_catalogue(environment, feed)
    path = out or environment.state_dir() / "models" / "autoencoder.keras"
    with _decoder() as sandbox:
        error = whole_models.autoencoder(
            catalogue, sandbox.decode, path, side=int(side), dims=dims, epochs=epochs
        )
    click.echo(f"mean squared error {error:.4f} (pixels in 0 … 1) on {len(catalogue)} pictures")
    _print_next_step(f"LOOKALIKE_EMBEDDING_MODEL={path}")


def _read_pictures(
    environment: Environment, listed: Path | None, categories: bool, feed: Path | None
) -> tuple[list[LabelledPhoto], list[CataloguePicture]]:
    """Return the photos to learn from and the catalogue's pictures."""
    catalogue, confirmed = _read_catalogue(environment, feed)
    if listed:
        return photo_list.read_photos(listed), catalogue
    if categories:
        # The catalogue pictures serve as photos, so there is no catalogue to search.
        return picture_sources.label_by_category(catalogue), []
    if feed:
        raise InvalidSetting("a feed alone has no labels: add --photos or --categories")
    return confirmed, catalogue


def _read_catalogue(
    environment: Environment, feed: Path | None
) -> tuple[list[CataloguePicture], list[LabelledPhoto]]:
    """Return the catalogue's pictures and the confirmed photos, which only an index has."""
    if feed:
        return picture_sources.feed_pictures(open_feed(feed)), []
    settings = EngineSettings.from_env(environment)
    index = Catalogue(connect(settings), Registry([]), settings.index)
    state = environment.state_dir()
    return picture_sources.index_pictures(
        index, Thumbnails(state / "media"), Thumbnails(state / "shoppers")
    )


def _print_outcome(outcome: TrainingOutcome) -> None:
    hold_out = outcome.hold_out
    click.echo(
        f"{int(hold_out.held_out.sum())} photos held out by {hold_out.kind}; "
        f"{hold_out.leaks} of them have a near-identical training photo"
    )
    click.echo(f"{'':10}{'one view':>14}{'five views':>16}")
    click.echo(f"{'':10}{'top-1':>7}{'top-5':>7}{'top-1':>9}{'top-5':>7}")
    for name, (single, averaged) in outcome.accuracy.items():
        click.echo(
            f"{name:10}{single.top1:7.3f}{single.top5:7.3f}{averaged.top1:9.3f}{averaged.top5:7.3f}"
        )
    others = [views[0].top1 for name, views in outcome.accuracy.items() if name != "head"]
    if outcome.accuracy["head"][0].top1 <= max(others):
        click.echo("the head finds no more than the model without it: do not use it", err=True)


def _print_next_step(setting: str) -> None:
    click.echo(
        f"to use it, set {setting} for the indexer and the application, and load the feed again "
        "with --rebuild"
    )


@contextmanager
def _decoder() -> Iterator[Sandbox]:
    with Sandbox(1, FEED_LIMITS, timeout_s=20.0) as sandbox:
        yield sandbox
