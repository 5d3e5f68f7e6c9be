"""``python -m indexer centre``: learns a head that centres shop pictures and shoppers' photos."""

import csv
import hashlib
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import click
import numpy as np

from core.command_line import report_errors, skip_line
from core.environment import Environment
from core.errors import InvalidSetting
from core.progress import Say, Work, show_progress
from features.base import Picture
from features.embedding import feature as embeddings
from features.embedding.centring import MIN_PICTURES, learn_centring
from features.embedding.errors import TooFewPhotos
from features.embedding.feature import Embedding
from features.embedding.head import Array, Head
from features.imaging.decode import FEED_LIMITS
from features.imaging.errors import ImageTooLarge, UnreadableImage, UnsupportedImage
from features.imaging.sandbox import Sandbox
from features.registry import Registry
from indexer.errors import FeedUnreadable
from indexer.feeds import folder
from mappings.catalogue.catalogue import Catalogue
from mappings.engine.connection import EngineSettings, connect
from mappings.planning import sample

PRODUCTS = 5_000
"""Products sampled for the catalogue's mean, whose error is then negligible."""

DECODE_S = 20.0
BATCH = 32
PATHS = click.Path(exists=True, path_type=Path)
DECODE_ERRORS = (ImageTooLarge, UnreadableImage, UnsupportedImage)


@click.command()
@click.option("--photos", type=PATHS, required=True, help="Shoppers' photos: a folder or a list.")
@click.option(
    "--pictures", type=PATHS, help="Shop pictures: a folder or a list. Default: those in the index."
)
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File to write. Default: heads/centred.npz in the state folder.",
)
@report_errors()
def centre(photos: Path, pictures: Path | None, out: Path | None) -> None:
    """Learn a head that centres shop pictures and shoppers' photos, each on their own mean.

    A list is a CSV with a column `image`, or a text file with one path a line. Paths are relative
    to the list's folder.
    """
    environment = Environment.current()
    without_head = Environment({**environment.values, "LOOKALIKE_EMBEDDING_HEAD": ""})
    embedding = embeddings.create(without_head)
    target = out or environment.state_dir() / "heads" / "centred.npz"
    with closing(Sandbox(1, FEED_LIMITS, timeout_s=DECODE_S)) as sandbox:
        photo_vectors = embed_pictures(list_pictures(photos), embedding, sandbox, "photos")
        if pictures is not None:
            catalogue_vectors = embed_pictures(
                list_pictures(pictures), embedding, sandbox, "pictures"
            )
        else:
            catalogue_vectors = stored_vectors(without_head, embedding)
    head = learn_centring(catalogue_vectors, photo_vectors, embedding.backbone_identity())
    save_head(head, target)


def save_head(head: Head, target: Path) -> None:
    """Write the head and print what was learned and what to do next."""
    try:
        head.save(target)
    except OSError as error:
        raise InvalidSetting(f"the head cannot be written to {target}: {error}") from error
    click.echo(
        f"{target}: centred on {head.facts['catalogue_pictures']} catalogue pictures and "
        f"{head.facts['photos']} photos; distance of their means {head.facts['apart']:.2f}; "
        f"hubness is corrected by {head.facts['levelled_by']} reference photos"
    )
    click.echo(
        f"next: set LOOKALIKE_EMBEDDING_HEAD={target}, load the feed again with --rebuild and "
        "restart the application; or set LOOKALIKE_NEXT_EMBEDDING_HEAD and run `python -m indexer "
        "swap-model begin` while searches go on. Then run `python -m indexer calibrate`, because "
        "the head changes scores"
    )


def list_pictures(source: Path) -> list[Path]:
    """Return the pictures of a folder, a CSV with a column `image`, or a list of paths.

    Raises FeedUnreadable.
    """
    if source.is_dir():
        return list(folder.picture_files(source))
    try:
        lines = source.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise FeedUnreadable(
            f"{source} is not a folder, a CSV or a list of paths: {error}"
        ) from error
    if source.suffix.lower() == ".csv":
        rows = list(csv.DictReader(lines))
        if not rows or "image" not in rows[0]:
            raise FeedUnreadable(f"{source} needs the column image and at least one row")
        lines = [row["image"] or "" for row in rows]
    return [source.parent / line.strip() for line in lines if line.strip()]


def embed_pictures(
    paths: Sequence[Path], embedding: Embedding, sandbox: Sandbox, label: str
) -> Array:
    """Return the backbone's vectors of the pictures, with as many views as stored pictures.

    Identical files count once. Unreadable files are named and skipped. Raises TooFewPhotos at once
    if there are fewer than MIN_PICTURES paths.
    """
    if len(paths) < MIN_PICTURES:
        raise TooFewPhotos(f"centring needs at least {MIN_PICTURES} {label} and got {len(paths)}")
    vectors: list[Array] = [np.zeros((0, embedding.backbone_dims), np.float32)]
    with show_progress(Work("embedding", label), len(paths)) as progress:
        batch: list[Picture] = []
        for picture in _decode(paths, sandbox, progress.say):
            progress.advance(1)
            batch += [picture] if picture else []
            if len(batch) == BATCH:
                vectors.append(embedding.backbone_vectors(batch, embedding.views))
                batch = []
        vectors.append(embedding.backbone_vectors(batch, embedding.views))
    return np.concatenate(vectors)


def _decode(paths: Sequence[Path], sandbox: Sandbox, say: Say) -> Iterator[Picture | None]:
    digests = set()
    for path in paths:
        try:
            data = path.read_bytes()
            digest = hashlib.sha256(data).digest()
            yield sandbox.decode(data) if digest not in digests else None
            digests.add(digest)
        except (OSError, *DECODE_ERRORS) as error:
            say(skip_line(path, error.strerror if isinstance(error, OSError) else error))
            yield None


def stored_vectors(environment: Environment, embedding: Embedding) -> Array:
    """Return the vectors stored in the index, identical pictures once.

    Raises ModelMismatch if the index was built with a head or another model; then the pictures
    must be given by --pictures.
    """
    settings = EngineSettings.from_env(environment)
    gateway = connect(settings)
    with closing(gateway):
        catalogue = Catalogue(gateway, Registry([embedding]), settings.index)
        catalogue.check_features()
        vectors = {
            picture["image_id"]: picture[embedding.name]
            for picture in sample.draw_pictures(catalogue, PRODUCTS)
            if picture.get("source") == "catalogue" and embedding.name in picture
        }
    return np.asarray(list(vectors.values()), np.float32).reshape(-1, embedding.backbone_dims)
