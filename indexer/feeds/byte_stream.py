"""Opens a file for reading bytes, unpacked where it is compressed."""

import gzip
import io
from pathlib import Path
from typing import TypeAlias

GZIP = b"\x1f\x8b"

Stream: TypeAlias = "io.BufferedReader | gzip.GzipFile"


def open_stream(path: Path) -> Stream:
    """Open a file for reading bytes, unpacking gzip."""
    stream = path.open("rb")
    if stream.peek(2).startswith(GZIP):
        stream.close()
        return gzip.GzipFile(path, "rb")
    return stream
