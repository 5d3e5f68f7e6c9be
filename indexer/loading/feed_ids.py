"""Remembers which ids a feed has had, in memory that does not grow with the feed."""

import sqlite3


class FeedIds:
    """A set of ids on disk: a nameless SQLite database, gone when it is closed.

    Used by one thread.
    """

    def __init__(self) -> None:
        self._database = sqlite3.connect("", isolation_level=None)
        self._database.execute("PRAGMA journal_mode = OFF")
        self._database.execute("PRAGMA synchronous = OFF")
        self._database.execute(
            "CREATE TABLE seen (id TEXT PRIMARY KEY, line INTEGER) WITHOUT ROWID"
        )

    def first_line(self, key: str, line: int) -> int:
        """Remember an id; return the line it was first seen on, which is `line` when new."""
        added = self._database.execute(
            "INSERT INTO seen VALUES (?, ?) ON CONFLICT DO NOTHING", (key, line)
        )
        if added.rowcount == 1:
            return line
        found = self._database.execute("SELECT line FROM seen WHERE id = ?", (key,)).fetchone()
        return int(found[0])

    def close(self) -> None:
        """Forget everything."""
        self._database.close()
