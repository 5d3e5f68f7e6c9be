"""``python -m indexer centre``: learns where shop pictures and shoppers' photos lie."""

import csv
import hashlib
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import click
import numpy as np

from core.command_line import report_errors
from core.environment import Environment
from core.errors import InvalidSetting
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
"""Products drawn for the catalogue's mean: its error is far below one photo's by then."""

DECODE_S = 20.0
BATCH = 32
PATHS = click.Path(exists=True, path_type=Path)
DECODE_ERRORS = (ImageTooLarge, UnreadableImage, UnsupportedImage)


@click.command()
@click.option("--photos", type=PATHS, required=True, help="Folder of shoppers' photos, or a list.")
@click.option("--pictures", type=PATHS, help="Shop pictures, the same way; else the index's own.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Where to write it.")
@report_errors()
def centre(photos: Path, pictures: Path | None, out: Path | None) -> None:
    """Learn a head that centres shop pictures and shoppers' photos, each on their own mean.

    A list is a CSV with a column `image`, or a text file of paths; paths start at its folder.
    """
    environment = Environment.current()
    bare = Environment({**environment.values, "LOOKALIKE_EMBEDDING_HEAD": ""})
    embedding = embeddings.create(bare)
    target = out or environment.state_dir() / "heads" / "centred.npz"
    with closing(Sandbox(1, FEED_LIMITS, timeout_s=DECODE_S)) as sandbox:
        asked = embed_pictures(list_pictures(photos), embedding, sandbox, "photos")
        if pictures is not None:
            kept = embed_pictures(list_pictures(pictures), embedding, sandbox, "pictures")
        else:
            kept = stored_vectors(bare, embedding)
    head = learn_centring(kept, asked, embedding.backbone_identity())
    save_head(head, target)


def save_head(head: Head, target: Path) -> None:
    """Write the head, and say what was learned and what to do next."""
    try:
        head.save(target)
    except OSError as error:
        raise InvalidSetting(f"the head cannot be written to {target}: {error}") from error
    click.echo(
        f"{target}: centred on {head.facts['catalogue_pictures']} catalogue pictures and "
        f"{head.facts['photos']} photos; their means lie {head.facts['apart']:.2f} apart; "
        f"pictures are levelled by {head.facts['levelled_by']} photos"
    )
    click.echo(
        f"next: set LOOKALIKE_EMBEDDING_HEAD={target}, load the feed again with --rebuild, and "
        "start the application anew; or, while it goes on, set LOOKALIKE_NEXT_EMBEDDING_HEAD and "
        "run `python -m indexer swap-model begin`. Then `python -m indexer calibrate`: scores mean "
        "something else with it"
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
        raise FeedUnreadable(f"{source} is no folder, CSV or list of paths: {error}") from error
    if source.suffix.lower() == ".csv":
        rows = list(csv.DictReader(lines))
        if not rows or "image" not in rows[0]:
            raise FeedUnreadable(f"{source} needs the column image, and a row")
        lines = [row["image"] or "" for row in rows]
    return [source.parent / line.strip() for line in lines if line.strip()]


def embed_pictures(
    paths: Sequence[Path], embedding: Embedding, sandbox: Sandbox, label: str
) -> Array:
    """Return the backbone's vectors of the pictures, looked at as closely as stored ones.

    Copies count once. What cannot be read is named and left out. Raises TooFewPhotos before
    anything is looked at when there are too few to begin with.
    """
    if len(paths) < MIN_PICTURES:
        raise TooFewPhotos(f"centring needs at least {MIN_PICTURES} {label} and got {len(paths)}")
    found: list[Array] = [np.zeros((0, embedding.backbone_dims), np.float32)]
    with click.progressbar(length=len(paths), label=f"looking at {label}") as bar:
        batch: list[Picture] = []
        for picture in _decode(paths, sandbox):
            bar.update(1)
            batch += [picture] if picture else []
            if len(batch) == BATCH:
                found.append(embedding.backbone_vectors(batch, embedding.views))
                batch = []
        found.append(embedding.backbone_vectors(batch, embedding.views))
    return np.concatenate(found)


def _decode(paths: Sequence[Path], sandbox: Sandbox) -> Iterator[Picture | None]:
    had = set()
    for path in paths:
        try:
            data = path.read_bytes()
            digest = hashlib.sha256(data).digest()
            yield sandbox.decode(data) if digest not in had else None
            had.add(digest)
        except OSError as error:
            click.echo(f"{path}: {error.strerror}", err=True)
            yield None
        except DECODE_ERRORS as error:
            click.echo(f"{path}: {error}", err=True)
            yield None


def stored_vectors(environment: Environment, embedding: Embedding) -> Array:
    """Return the vectors of the index in service, copies once.

    Raises ModelMismatch where the index was made with a head or another model: then its pictures
    must be given.
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
