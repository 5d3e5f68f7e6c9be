"""Caches backbone vectors of picture files on disk."""

import hashlib
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

import numpy as np

from core.atomic_file import make_folder
from core.errors import LookalikeError
from features.base import Picture
from features.embedding.head import Array

Decode = Callable[[bytes], Picture]
Embed = Callable[[Picture], Array]
FileCallback = Callable[[int], None]
"""Called after each file with the number of files done."""


class VectorCache:
    """Vectors of one backbone by the SHA-256 of the picture file. Not thread-safe.

    `embed` returns a picture's vectors, (v, d). `key` identifies the backbone and its views; each
    key has its own file in `folder`.
    """

    def __init__(self, folder: Path, key: str, decode: Decode, embed: Embed) -> None:
        self._path = folder / f"{hashlib.sha256(key.encode()).hexdigest()[:16]}.sqlite"
        self._decode = decode
        self._embed = embed

    def vectors(
        self, files: Sequence[Path], on_file: FileCallback = lambda done: None
    ) -> tuple[Array, dict[Path, str]]:
        """Return the vectors of the files, (n, v, d), and the reason for each unreadable file.

        Vectors of unreadable files are zeros. If no file can be read the shape is (n, 0, 0).
        """
        make_folder(self._path.parent)
        vectors: dict[Path, Array] = {}
        unreadable: dict[Path, str] = {}
        with closing(sqlite3.connect(self._path, timeout=60)) as database:
            database.execute(
                "CREATE TABLE IF NOT EXISTS seen "
                "(sha256 TEXT PRIMARY KEY, views INTEGER, rows BLOB)"
            )
            for done, path in enumerate(files, start=1):
                try:
                    vectors[path] = self._read(database, path.read_bytes())
                except LookalikeError as error:
                    unreadable[path] = str(error)
                except OSError as error:
                    unreadable[path] = f"{error.strerror}"
                on_file(done)
        shape = next(iter(vectors.values())).shape if vectors else (0, 0)
        zeros = np.zeros(shape, np.float32)
        rows = [vectors.get(path, zeros) for path in files]
        return np.asarray(rows, np.float32).reshape(len(files), *shape), unreadable

    def _read(self, database: sqlite3.Connection, data: bytes) -> Array:
        name = hashlib.sha256(data).hexdigest()
        row = database.execute("SELECT views, rows FROM seen WHERE sha256 = ?", (name,)).fetchone()
        if row is not None:
            return np.frombuffer(row[1], "<f4").reshape(row[0], -1)
        rows = self._embed(self._decode(data)).astype("<f4")
        values = (name, len(rows), rows.tobytes())
        with database:
            database.execute("INSERT OR REPLACE INTO seen VALUES (?, ?, ?)", values)
        return rows
