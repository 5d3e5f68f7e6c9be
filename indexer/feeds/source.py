"""Where a feed comes from, and how it begins: all that a reader needs to recognise it."""

import zlib
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from urllib.parse import urlsplit

from indexer.errors import FeedUnreadable
from indexer.feeds import encodings
from indexer.feeds.byte_stream import GZIP
from indexer.feeds.encodings import UTF_32

HEAD_BYTES = 1 << 16

BINARY_FORMATS = {
    b"PK\x03\x04": "a ZIP archive or a spreadsheet; export it as CSV",
    b"%PDF": "a PDF document; export the table as CSV",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook; export it as CSV",
    b"PAR1": "a Parquet table; export it as CSV or JSON lines",
    b"BZh": "compressed with bzip2; use gzip or unpack it",
    b"\xfd7zXZ": "compressed with xz; use gzip or unpack it",
    b"\x28\xb5\x2f\xfd": "compressed with zstd; use gzip or unpack it",
}
"""How files begin that people take for feeds and that are not text."""


@dataclass(frozen=True)
class Source:
    """A file, a folder, or an address such as postgresql://host/shop.

    `path` is None unless it lies on this machine. `head` is the beginning of a file, at most
    HEAD_BYTES, unpacked where it is compressed with gzip; it is empty for all else. The address may
    hold a password: show `name`.
    """

    address: str = field(repr=False)
    path: Path | None = None
    head: bytes = b""

    @property
    def name(self) -> str:
        """The name to show: of the file or folder, or the address without user and password."""
        if self.path is not None:
            return self.path.name
        parts = urlsplit(self.address)
        return f"{parts.scheme}://{parts.hostname or ''}{parts.path}"

    @property
    def is_folder(self) -> bool:
        """Whether it is a folder on this machine."""
        return self.path is not None and self.path.is_dir()

    @property
    def file(self) -> Path:
        """The path of the file or folder; raises FeedUnreadable for an address elsewhere."""
        if self.path is None:
            raise FeedUnreadable(f"{self.name} is not a file")
        return self.path

    @property
    def home(self) -> Path:
        """The folder where relative picture addresses start."""
        if self.path is None:
            return Path.cwd()
        return self.path if self.is_folder else self.path.parent

    @property
    def scheme(self) -> str:
        """The scheme of an address, such as postgresql; '' for files and folders."""
        return "" if self.path is not None else urlsplit(self.address).scheme

    @property
    def encoding(self) -> str:
        """What people call the encoding of its text, such as Shift_JIS."""
        return encodings.encoding_name(self._codec)

    @cached_property
    def _codec(self) -> str:
        if self.path is not None and self.path.is_file():
            return encodings.of_file(self.path)
        return encodings.of_bytes(self.head)

    @cached_property
    def text(self) -> str:
        """The head as text, undecodable bytes replaced; '' where it is not text."""
        if self.head.startswith((*BINARY_FORMATS, *UTF_32)):
            return ""
        codec = self._codec
        if b"\0" in self.head[:4] and not codec.startswith("utf-16"):
            return ""
        return self.head.decode(codec, "replace").removeprefix("\ufeff")

    @property
    def is_blank(self) -> bool:
        """Whether a file holds nothing but blanks, as far as its head tells."""
        return not self.is_folder and self.path is not None and not self.head.strip()


def locate(address: str | Path) -> Source:
    """Return the source at a path or address.

    Raises FeedUnreadable for a file that is missing or cannot be read.
    """
    text = str(address)
    scheme, separator, _ = text.partition("://")
    if isinstance(address, str) and separator and scheme.replace("+", "").isalnum():
        return Source(text)
    path = Path(address)
    if path.is_dir():
        return Source(text, path)
    if not path.is_file():
        raise FeedUnreadable(f"{path}: there is no such file or folder")
    return Source(text, path, _head(path))


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            head = stream.read(HEAD_BYTES)
    except OSError as error:
        raise FeedUnreadable(f"{path} cannot be read: {error.strerror or error}") from error
    if not head.startswith(GZIP):
        return head
    try:
        # Data that breaks off later is for the reader to name, with the line it broke off at.
        return zlib.decompressobj(wbits=zlib.MAX_WBITS | 16).decompress(head, HEAD_BYTES)
    except zlib.error as error:
        raise FeedUnreadable(
            f"{path.name} is damaged: its gzip data is broken; make the file again"
        ) from error
