"""Opens a feed: a folder of pictures, JSON lines, CSV or TSV, each of the last three also gzipped.

What a file is shows in its content, not in its name.
"""

import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from indexer.errors import FeedUnreadable
from indexer.feeds import columns, delimited, folder, jsonlines, lines
from indexer.feeds.rows import Rejection, Row

CHUNK_BYTES = 1 << 20


@dataclass(frozen=True)
class Feed:
    """A feed that can be read as often as needed; nothing of it is kept in memory."""

    path: Path
    kind: Literal["folder", "jsonlines", "delimited"]
    columns: tuple[str, ...]

    @property
    def home(self) -> Path:
        """Where relative picture addresses start."""
        return self.path if self.kind == "folder" else self.path.parent

    def rows(self) -> Iterator[Row | Rejection]:
        """Yield rows and rejections in order; raises FeedUnreadable, also in the middle."""
        if self.kind == "folder":
            return folder.read(self.path)
        return jsonlines.read(self.path) if self.kind == "jsonlines" else delimited.read(self.path)

    def count(self) -> int:
        """Return about how many products there are: files, or lines without the header."""
        if self.kind == "folder":
            return sum(1 for _ in folder.picture_files(self.path))
        ends = 0
        last = b"\n"
        with lines.open_stream(self.path) as stream, suppress(OSError, EOFError, zlib.error):
            # Damaged gzip is for the reader to name; until there, this is the count.
            while chunk := stream.read(CHUNK_BYTES):
                ends += chunk.count(b"\n")
                last = chunk[-1:]
        counted = ends + (last != b"\n")
        return counted - 1 if self.kind == "delimited" else counted


def open_feed(path: Path) -> Feed:
    """Return the feed at `path`.

    Raises FeedUnreadable where there is none, in no format we read, or without columns that
    name products and their pictures.
    """
    if path.is_dir():
        if next(folder.picture_files(path), None) is None:
            raise FeedUnreadable(f"{path} holds no pictures ({' '.join(sorted(folder.PICTURES))})")
        return Feed(path, "folder", ("id", "title", "category", "image"))
    if not path.is_file():
        raise FeedUnreadable(f"{path}: there is no such file or folder")
    kind: Literal["jsonlines", "delimited"] = "jsonlines" if _is_json(path) else "delimited"
    names = jsonlines.names(path) if kind == "jsonlines" else delimited.names(path)
    if names:
        columns.require_columns(names)
    return Feed(path, kind, names)


def _is_json(path: Path) -> bool:
    """Say whether the feed is JSON lines; raises FeedUnreadable for the formats we refuse."""
    for line in lines.read(path):
        start = (line.text or "x").strip()[:1]
        if start == "<":
            raise FeedUnreadable(f"{path.name} is XML or HTML; export it as CSV, TSV or JSON lines")
        if start == "[":
            raise FeedUnreadable(f"{path.name} is one JSON array; write one object a line instead")
        if start:
            return start == "{"
    raise FeedUnreadable(f"{path.name} is empty")
