"""Reads a list of labelled photos, as CSV or JSON lines.

path or image              the photo's path, relative to the list's folder
product_id or label        what it shows: a product id of the catalogue if it has the product
split or source_split      optional: "train", or another word for evaluation photos
source, taken_at           optional: who or what took the photo; when, in ISO 8601
"""

import csv
import io
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from features.base import Json
from features.embedding.training.splits import PhotoOrigin
from indexer.errors import FeedUnreadable

ALIASES: Mapping[str, tuple[str, ...]] = {
    "path": ("path", "image", "picture"),
    "label": ("product_id", "label", "class"),
    "split": ("split", "source_split"),
    "source": ("source",),
    "taken_at": ("taken_at",),
}


UNKNOWN_ORIGIN = PhotoOrigin()


@dataclass(frozen=True)
class LabelledPhoto:
    """A photo's file, what it shows, and where it comes from."""

    path: Path
    label: str
    origin: PhotoOrigin = UNKNOWN_ORIGIN


def read_photos(path: Path) -> list[LabelledPhoto]:
    """Read the photos of a list. Raises FeedUnreadable, naming the wrong line."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        rows = list(_objects(text) if text.lstrip().startswith("{") else _records(text))
    except OSError as error:
        raise FeedUnreadable(f"{path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise FeedUnreadable(f"{path} is not UTF-8") from error
    except (ValueError, csv.Error) as error:
        raise FeedUnreadable(f"{path}: {error}") from error
    if not rows:
        raise FeedUnreadable(f"{path} lists no photos")
    return [_photo(path, number, row) for number, row in enumerate(rows, start=1)]


def _photo(list_path: Path, number: int, row: Mapping[str, Json]) -> LabelledPhoto:
    values = {
        name: next((str(row[alias]) for alias in aliases if row.get(alias)), "")
        for name, aliases in ALIASES.items()
    }
    for name in ("path", "label"):
        if not values[name]:
            columns = " or ".join(ALIASES[name])
            raise FeedUnreadable(f"{list_path}: photo {number} lacks a value in column {columns}")
    origin = PhotoOrigin(values["split"], values["source"], values["taken_at"])
    return LabelledPhoto(list_path.parent / values["path"], values["label"], origin)


def _objects(text: str) -> Iterable[Mapping[str, Json]]:
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip():
            row = json.loads(line)
            if not isinstance(row, dict):
                raise ValueError(f"line {number} is not a JSON object")
            yield row


def _records(text: str) -> Iterable[Mapping[str, Json]]:
    return csv.DictReader(io.StringIO(text, newline=""))
