"""Reads a text file of any size line by line: encodings, gzip, and lines without an end."""

import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO, TypeAlias

from indexer.errors import FeedUnreadable
from indexer.feeds.source import GZIP, UTF_16, UTF_32

LINE_CHARACTERS = 1_000_000
"""A longer line is rejected unread, so that memory stays flat."""

CHUNK_BYTES = 1 << 20


@dataclass(frozen=True)
class Line:
    """One line without its end. `text` is None where it could not be read: see `rule`."""

    number: int
    text: str | None
    rule: str = ""
    detail: str = ""


def count(path: Path) -> int:
    """Return how many lines a text file has, as far as it can be read."""
    ends = 0
    last = b"\n"
    with open_stream(path) as stream, suppress(OSError, EOFError, zlib.error):
        # Damaged gzip is for the reader to name; until there, this is the count.
        while chunk := stream.read(CHUNK_BYTES):
            ends += chunk.count(b"\n")
            last = chunk[-1:]
    return ends + (last != b"\n")


def read(path: Path) -> Iterator[Line]:
    """Yield the lines of a text file, numbered from 1; UTF-8 or UTF-16 with a byte order mark.

    Raises FeedUnreadable where the file cannot be opened, is not text, or ends in the middle of
    its compressed data (after yielding the lines before).
    """
    number = 0
    try:
        with open_stream(path) as stream:
            text = decode(stream)
            while chunk := text.readline(LINE_CHARACTERS):
                number += 1
                yield _line(number, chunk, text)
    except UnicodeDecodeError:
        # Only UTF-16 gets here: half a character at the end of the file.
        yield Line(number + 1, None, "encoding", "the file ends in the middle of a character")
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise FeedUnreadable(
            f"{path.name} is damaged after line {number}: its gzip data is cut off or broken; "
            "make the file again"
        ) from error
    except OSError as error:
        raise FeedUnreadable(f"{path} cannot be read: {error.strerror or error}") from error


def _line(number: int, chunk: str, text: TextIO) -> Line:
    if len(chunk) >= LINE_CHARACTERS and not chunk.endswith("\n"):
        while (more := text.readline(LINE_CHARACTERS)) and not more.endswith("\n"):
            pass
        return Line(
            number, None, "line_too_long", f"a line has at most {LINE_CHARACTERS} characters"
        )
    if any("\ud800" <= character <= "\udfff" for character in chunk):
        detail = "not UTF-8; save the feed as UTF-8, or as UTF-16 with a byte order mark"
        return Line(number, None, "encoding", detail)
    return Line(number, chunk.removesuffix("\n"))


Stream: TypeAlias = "io.BufferedReader | gzip.GzipFile"


def open_stream(path: Path) -> Stream:
    """Open a file for reading bytes, unpacking gzip."""
    stream = path.open("rb")
    if stream.peek(2).startswith(GZIP):
        stream.close()
        return gzip.GzipFile(path, "rb")
    return stream


def decode(stream: Stream) -> TextIO:
    """Return the text of a stream; undecodable bytes come through as lone surrogates."""
    head = stream.peek(4)[:4]
    if head in UTF_32:
        raise FeedUnreadable("the feed is UTF-32; save it as UTF-8")
    if head.startswith(UTF_16):
        return io.TextIOWrapper(stream, "utf-16", errors="surrogatepass")
    if b"\0" in head:
        raise FeedUnreadable(
            "the feed is not UTF-8 text; UTF-16 needs a byte order mark, or save it as UTF-8"
        )
    return io.TextIOWrapper(stream, "utf-8-sig", errors="surrogateescape")
