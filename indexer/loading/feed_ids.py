"""Remembers on which line a feed first had each id, in memory that does not grow with the feed."""

import sqlite3


class FeedIds:
    """Ids on disk: a nameless SQLite database that is deleted when closed.

    Used by one thread at a time.
    """

    def __init__(self) -> None:
        self._database = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self._count = 0
        self._database.execute("PRAGMA journal_mode = OFF")
        self._database.execute("PRAGMA synchronous = OFF")
        self._database.execute("CREATE TABLE ids (id TEXT PRIMARY KEY, line INTEGER) WITHOUT ROWID")

    def first_line(self, key: str, line: int) -> int:
        """Add an id; return the line that first had it, which is `line` for a new one."""
        added = self._database.execute(
            "INSERT INTO ids VALUES (?, ?) ON CONFLICT DO NOTHING", (key, line)
        )
        if added.rowcount == 1:
            self._count += 1
            return line
        first = self.line_of(key)
        assert first is not None, "the insert has met the id"
        return first

    def line_of(self, key: str) -> int | None:
        """Return the line that first had an id, or None when none had."""
        row = self._database.execute("SELECT line FROM ids WHERE id = ?", (key,)).fetchone()
        return None if row is None else int(row[0])

    def __len__(self) -> int:
        return self._count

    def close(self) -> None:
        """Delete everything."""
        self._database.close()
