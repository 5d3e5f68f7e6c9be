"""Reads a folder of pictures: one product a picture, named after its file."""

import os
from collections.abc import Iterator
from pathlib import Path

from indexer.feeds.rows import Rejection, Row

EXTENSIONS = (
    ".avif .bmp .dib .gif .heic .heif .jfif .jp2 .jpe .jpeg .jpg .png .svg .tif .tiff .webp"
)

PICTURES = frozenset(EXTENSIONS.split())
"""What calls itself a picture. Formats we cannot read are rejected by name, not passed over."""


def picture_files(folder: Path) -> Iterator[Path]:
    """Yield the pictures below a folder, sorted within each; hidden ones are left out."""
    for path in sorted(folder.iterdir()):
        if path.name.startswith("."):
            continue
        if path.is_dir() and not path.is_symlink():
            yield from picture_files(path)
        elif path.suffix.lower() in PICTURES:
            yield path


def read(folder: Path) -> Iterator[Row | Rejection]:
    """Yield one row per picture: id from its path, title from its name, category from folders."""
    for number, path in enumerate(picture_files(folder), start=1):
        inside = path.relative_to(folder)
        try:
            os.fspath(inside).encode("utf-8")
        except UnicodeEncodeError:
            yield Rejection(number, "id", "encoding", "the file's name is not UTF-8; rename it")
            continue
        cells = {
            "id": inside.as_posix(),
            "title": " ".join(path.stem.replace("_", " ").replace("-", " ").split()) or path.name,
            "category": list(inside.parts[:-1]),
            "image": inside.as_posix(),
        }
        yield Row(number, cells)
