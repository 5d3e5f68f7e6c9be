"""Reads a folder of pictures: one product a picture, named after its file."""

import os
from collections.abc import Iterator
from pathlib import Path

from core.environment import Environment
from indexer.feeds.reader import Reader, ReadReport, Recognition
from indexer.feeds.rows import Rejection, Row
from indexer.feeds.source import Source

EXTENSIONS = frozenset(
    {".avif", ".bmp", ".dib", ".gif", ".heic", ".heif", ".jfif", ".jp2", ".jpe", ".jpeg", ".jpg",
     ".png", ".svg", ".tif", ".tiff", ".webp"}
)  # fmt: skip
"""Names of picture files. Formats we cannot decode are rejected by name, not passed over."""


def picture_files(folder: Path) -> Iterator[Path]:
    """Yield the pictures below a folder, sorted within each; hidden ones are left out."""
    for path in sorted(folder.iterdir()):
        if path.name.startswith("."):
            continue
        if path.is_dir() and not path.is_symlink():
            yield from picture_files(path)
        elif path.suffix.lower() in EXTENSIONS:
            yield path


class FolderReader:
    """Reads a product from every picture file: id from its path, category from its folders."""

    name = "folder"

    def recognise(self, source: Source) -> Recognition:
        """Recognise a folder with a picture in it."""
        if not source.is_folder or next(picture_files(source.file), None) is None:
            return Recognition.NO
        return Recognition.FORMAT

    def columns(self, source: Source) -> tuple[str, ...]:
        """Return the columns that every folder gives."""
        return "id", "title", "category", "image"

    def count(self, source: Source) -> int:
        """Return the number of picture files."""
        return sum(1 for _ in picture_files(source.file))

    def read(self, source: Source, report: ReadReport) -> Iterator[Row | Rejection]:
        """Yield a row per picture, numbered from 1; rejects names that are not UTF-8."""
        folder = source.file
        for number, path in enumerate(picture_files(folder), start=1):
            inside = path.relative_to(folder)
            try:
                os.fspath(inside).encode("utf-8")
            except UnicodeEncodeError:
                yield Rejection(number, "id", "encoding", "the file's name is not UTF-8; rename it")
                continue
            title = " ".join(path.stem.replace("_", " ").replace("-", " ").split())
            cells = {
                "id": inside.as_posix(),
                "title": title or path.name,
                "category": list(inside.parts[:-1]),
                "image": inside.as_posix(),
            }
            yield Row(number, cells)


def create(environment: Environment) -> Reader:
    """Build the reader."""
    return FolderReader()
