"""One SQLite file, shared by threads and processes, in write-ahead mode.

Every commit is forced to the disk: 0.2 ms here. A process may be killed at any moment; what it had
not committed was never there.
"""

import os
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from core import atomic_file
from core.errors import Busy
from core.locks import file_lock
from indexer.ledger.errors import LedgerUnavailable

BUSY_S = 30.0
"""How long to wait for another process's transaction; they take milliseconds."""

VARIABLES = 500
"""Values in one statement; SQLite allows 32,766."""


class Database:
    """A file with tables of its own. Thread-safe; usable after a fork.

    `schema` creates what is missing, `layout` is its number: raises LedgerUnavailable for a file
    with another layout.
    """

    def __init__(self, path: Path, schema: str, layout: int) -> None:
        self.path = path
        self._schema = schema
        self._layout = layout
        self._lock = threading.RLock()
        self._connection: sqlite3.Connection | None = None
        self._process = 0

    def close(self) -> None:
        """Close the file; the next call opens it again."""
        with self._lock:
            if self._connection is not None and self._process == os.getpid():
                self._connection.close()
            self._connection = None

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Give a connection; what the block writes is stored at its end, or not at all.

        Raises Busy where other processes write all the time, LedgerUnavailable where the file
        cannot be used.
        """
        with self._lock, _translated(self.path):
            connection = self._open()
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    def read(self, query: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        with self._lock, _translated(self.path):
            return self._open().execute(query, values).fetchall()

    def read_by_key(self, query: str, keys: Iterable[str]) -> Iterator[tuple[Any, ...]]:
        """Yield the rows of a query that ends in ``IN``, for these keys, in parts."""
        keys = list(keys)
        for start in range(0, len(keys), VARIABLES):
            part = keys[start : start + VARIABLES]
            yield from self.read(f"{query} ({', '.join('?' * len(part))})", part)

    def _open(self) -> sqlite3.Connection:
        if self._connection is not None and self._process == os.getpid():
            return self._connection
        # A connection must not cross a fork; the parent closes its own.
        atomic_file.make_folder(self.path.parent)
        # Two processes that make the file at once would refuse each other.
        with file_lock(self.path.with_suffix(".opening")):
            self._connection, self._process = self._connect(), os.getpid()
        return self._connection

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self.path, timeout=BUSY_S, isolation_level=None, check_same_thread=False
        )
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            (found,) = connection.execute("PRAGMA user_version").fetchone()
            if found not in (0, self._layout):
                raise LedgerUnavailable(
                    f"{self.path} has layout {found}, this version needs {self._layout}: move the "
                    "file away, and load the feed again"
                )
            if not found:
                connection.executescript(
                    f"BEGIN IMMEDIATE; {self._schema} PRAGMA user_version = {self._layout}; COMMIT;"
                )
        except BaseException:
            connection.close()
            raise
        return connection


@contextmanager
def _translated(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise Busy(f"{path.name} is being written by others: try again in a second") from error
        raise LedgerUnavailable(
            f"{path} cannot be used ({error}); free some space, and check its owner"
        ) from error
    except sqlite3.DatabaseError as error:
        raise LedgerUnavailable(
            f"{path} is damaged ({error}): move the file away, and load the feed again"
        ) from error
