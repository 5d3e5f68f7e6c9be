"""What the frozen backbone sees in picture files, each worked out once and kept on disk."""

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
"""Called after each file with how many are done."""


class VectorCache:
    """Vectors by the SHA-256 of the file they were read from, for one backbone.

    `see` gives a picture's backbone vectors, (v, d). `key` names the backbone and how it is looked
    at: another key is another file in `folder`. Used by one thread.
    """

    def __init__(self, folder: Path, key: str, decode: Decode, see: Embed) -> None:
        self._path = folder / f"{hashlib.sha256(key.encode()).hexdigest()[:16]}.sqlite"
        self._decode = decode
        self._see = see

    def vectors(
        self, files: Sequence[Path], told: FileCallback = lambda done: None
    ) -> tuple[Array, dict[Path, str]]:
        """Return the (n, v, d) vectors of the files, and why for each that cannot be read.

        An unreadable file's are zeros. Without any readable file the result is (n, 0, 0).
        """
        make_folder(self._path.parent)
        found: dict[Path, Array] = {}
        broken: dict[Path, str] = {}
        with closing(sqlite3.connect(self._path, timeout=60)) as database:
            database.execute(
                "CREATE TABLE IF NOT EXISTS seen "
                "(sha256 TEXT PRIMARY KEY, views INTEGER, rows BLOB)"
            )
            for done, path in enumerate(files, start=1):
                try:
                    found[path] = self._one(database, path.read_bytes())
                except LookalikeError as error:
                    broken[path] = str(error)
                except OSError as error:
                    broken[path] = f"{error.strerror}"
                told(done)
        shape = next(iter(found.values())).shape if found else (0, 0)
        nothing = np.zeros(shape, np.float32)
        rows = [found.get(path, nothing) for path in files]
        return np.asarray(rows, np.float32).reshape(len(files), *shape), broken

    def _one(self, database: sqlite3.Connection, data: bytes) -> Array:
        name = hashlib.sha256(data).hexdigest()
        kept = database.execute("SELECT views, rows FROM seen WHERE sha256 = ?", (name,)).fetchone()
        if kept is not None:
            return np.frombuffer(kept[1], "<f4").reshape(kept[0], -1)
        rows = self._see(self._decode(data)).astype("<f4")
        values = (name, len(rows), rows.tobytes())
        with database:
            database.execute("INSERT OR REPLACE INTO seen VALUES (?, ?, ?)", values)
        return rows
