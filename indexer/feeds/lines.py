"""Reads a text file of any size line by line: encodings, gzip, and lines without an end."""

import codecs
import gzip
import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO, TypeAlias

from indexer.errors import FeedUnreadable

LINE_CHARACTERS = 1_000_000
"""A longer line is rejected unread: it is what keeps memory flat."""

GZIP = b"\x1f\x8b"

REFUSED_FORMATS = {
    b"PK\x03\x04": "a ZIP archive or a spreadsheet; export it as CSV",
    b"%PDF": "a PDF document; export the table as CSV",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook; export it as CSV",
    b"PAR1": "a Parquet table; export it as CSV or JSON lines",
    b"BZh": "compressed with bzip2; use gzip or unpack it",
    b"\xfd7zXZ": "compressed with xz; use gzip or unpack it",
    b"\x28\xb5\x2f\xfd": "compressed with zstd; use gzip or unpack it",
}


@dataclass(frozen=True)
class Line:
    """One line without its end. `text` is None where it could not be read: see `rule`."""

    number: int
    text: str | None
    rule: str = ""
    detail: str = ""


def read(path: Path) -> Iterator[Line]:
    """Yield the lines of a feed, numbered from 1; UTF-8 or UTF-16 with a byte order mark.

    Raises FeedUnreadable where the file cannot be opened, is none that we know, or ends in the
    middle of its compressed data (after yielding what came before).
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
        while (rest := text.readline(LINE_CHARACTERS)) and not rest.endswith("\n"):
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
    """Open a feed for reading bytes, unpacking gzip; refuse what is clearly no text."""
    stream = path.open("rb")
    head = stream.peek(8)
    for magic, meaning in REFUSED_FORMATS.items():
        if head.startswith(magic):
            stream.close()
            raise FeedUnreadable(f"{path.name} is {meaning}")
    if head.startswith(GZIP):
        stream.close()
        return gzip.GzipFile(path, "rb")
    return stream


def decode(stream: Stream) -> TextIO:
    """Return the text of a stream; bytes that are no text come through as lone surrogates."""
    head = stream.peek(4)[:4]
    if head in (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE):
        raise FeedUnreadable("the feed is UTF-32; save it as UTF-8")
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return io.TextIOWrapper(stream, "utf-16", errors="surrogatepass")
    if b"\0" in head:
        raise FeedUnreadable(
            "the feed is no UTF-8 text; UTF-16 needs a byte order mark, or save it as UTF-8"
        )
    return io.TextIOWrapper(stream, "utf-8-sig", errors="surrogateescape")
