"""Reads a text file of any size by lines or in pieces: encodings, gzip, lines without an end."""

import gzip
import io
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from indexer.errors import FeedUnreadable
from indexer.feeds import encodings
from indexer.feeds.byte_stream import Stream, open_stream
from indexer.feeds.encodings import UTF_32

LINE_CHARACTERS = 1_000_000
"""A longer line is rejected unread, so that memory stays flat."""

CHUNK_BYTES = 1 << 20
CHUNK_CHARACTERS = 1 << 16


@dataclass(frozen=True)
class Line:
    """One line without its end. `text` is None where it could not be read: see `rule`."""

    number: int
    text: str | None
    rule: str = ""
    detail: str = ""


def count(path: Path, mark: bytes = b"\n") -> int:
    """Return how many lines a text file has, as far as it can be read.

    With another `mark`, it is how often that stands in the file; at the borders of pieces a few of
    several bytes may be missed.
    """
    ends = 0
    last = mark
    with open_stream(path) as stream, suppress(OSError, EOFError, zlib.error):
        # Damaged gzip is for the reader to name; until there, this is the count.
        while chunk := stream.read(CHUNK_BYTES):
            ends += chunk.count(mark)
            last = chunk[-1:]
    return ends + (mark == b"\n" and last != b"\n")


def read(path: Path) -> Iterator[Line]:
    """Yield the lines of a text file, numbered from 1, in the encoding that it shows.

    Raises FeedUnreadable where the file cannot be opened, is not text, or ends in the middle of
    its compressed data (after yielding the lines before).
    """
    number = 0
    with _failures_named(path, lambda: number), open_stream(path) as stream:
        text = decode(stream, encodings.of_file(path))
        try:
            while chunk := text.readline(LINE_CHARACTERS):
                number += 1
                yield _line(number, chunk, text)
        except UnicodeDecodeError:
            # Only UTF-16 gets here: half a character at the end of the file.
            detail = "the file ends in the middle of a character"
            yield Line(number + 1, None, "encoding", detail)


def read_pieces(path: Path) -> Iterator[str]:
    """Yield the text of a file in pieces of at most CHUNK_CHARACTERS, as `read` decodes it.

    Undecodable bytes come through as lone surrogates. Raises FeedUnreadable like `read`.
    """
    number = 1
    with _failures_named(path, lambda: number), open_stream(path) as stream:
        text = decode(stream, encodings.of_file(path))
        with suppress(UnicodeDecodeError):
            while piece := text.read(CHUNK_CHARACTERS):
                number += piece.count("\n")
                yield piece


@contextmanager
def _failures_named(path: Path, line: Callable[[], int]) -> Iterator[None]:
    """Turn what goes wrong with a file into FeedUnreadable, with the line it broke off at."""
    try:
        yield
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise FeedUnreadable(
            f"{path.name} is damaged after line {line()}: its gzip data is cut off or broken; "
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
    if has_undecodable(chunk):
        return Line(number, None, "encoding", encoding_detail(text.encoding))
    return Line(number, chunk.removesuffix("\n").removeprefix("\ufeff"))


def has_undecodable(text: str) -> bool:
    """Say whether bytes of a text could not be decoded, or are half a character."""
    # Encoding is many times faster than looking at each character.
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


def encoding_detail(codec: str) -> str:
    """Return what to do about a text that is not in the encoding of its file."""
    return f"not {encodings.encoding_name(codec)}, as the rest is; save the feed as UTF-8"


def decode(stream: Stream, codec: str) -> TextIO:
    """Return the text of a stream; undecodable bytes come through as lone surrogates."""
    head = stream.peek(4)[:4]
    if head in UTF_32:
        raise FeedUnreadable("the feed is UTF-32; save it as UTF-8")
    if codec.startswith("utf-16"):
        return io.TextIOWrapper(stream, codec, errors="surrogatepass")
    if b"\0" in head:
        raise FeedUnreadable("the feed is not text: it begins with a zero byte")
    codec = "utf-8" if codec == "ascii" else codec
    return io.TextIOWrapper(stream, codec, errors="surrogateescape")
