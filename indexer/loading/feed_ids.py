"""Remembers on which line a feed first had each id, in memory that does not grow with the feed."""

import sqlite3


class FeedIds:
    """Ids on disk: a nameless SQLite database that is deleted when closed.

    Used by one thread.
    """

    def __init__(self) -> None:
        self._database = sqlite3.connect("", isolation_level=None)
        self._database.execute("PRAGMA journal_mode = OFF")
        self._database.execute("PRAGMA synchronous = OFF")
        self._database.execute("CREATE TABLE ids (id TEXT PRIMARY KEY, line INTEGER) WITHOUT ROWID")

    def first_line(self, key: str, line: int) -> int:
        """Add an id; return the line that first had it, which is `line` for a new one."""
        added = self._database.execute(
            "INSERT INTO ids VALUES (?, ?) ON CONFLICT DO NOTHING", (key, line)
        )
        if added.rowcount == 1:
            return line
        row = self._database.execute("SELECT line FROM ids WHERE id = ?", (key,)).fetchone()
        return int(row[0])

    def close(self) -> None:
        """Delete everything."""
        self._database.close()
