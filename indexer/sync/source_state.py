"""What is remembered of one source between runs: its rows, its position, its pictures' addresses.

It only saves work. Whether a change counts is decided by the catalogue's ledger; without this file
every row is compared with the ledger again.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from features.fetching.web import Validators
from indexer.ledger.database import Database
from indexer.loading.picture_memory import KnownPicture

FOLDER = "sync"
"""Name of the folder within LOOKALIKE_STATE_DIR."""

POSITION, READ_AT = "position", "read_at"
"""Facts: where changes go on, and when the whole source was read, in seconds since 1970."""

LAYOUT = 1

SCHEMA = """
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE rows (
    id TEXT PRIMARY KEY, hash TEXT NOT NULL, run INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX rows_by_run ON rows (run, id);
CREATE INDEX rows_by_hash ON rows (hash);
CREATE TABLE pictures (
    address TEXT PRIMARY KEY, image_id TEXT NOT NULL, etag TEXT NOT NULL, modified TEXT NOT NULL
) WITHOUT ROWID;
"""

PAGE = 1000


def state_path(state_dir: Path, alias: str, source: str) -> Path:
    """Return the file of a source, whose address it does not tell."""
    digest = hashlib.blake2b(source.encode(), digest_size=10).hexdigest()
    return state_dir / FOLDER / alias / f"{digest}.sqlite3"


class SourceState:
    """The memory of one source for one catalogue. Thread-safe."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._database = Database(path, SCHEMA, LAYOUT)

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def fact(self, name: str) -> str:
        """Return a remembered value; '' where there is none."""
        rows = self._database.read("SELECT value FROM facts WHERE name = ?", (name,))
        return str(rows[0][0]) if rows else ""

    def store_fact(self, name: str, value: str) -> None:
        """Remember a value."""
        with self._database.transaction() as connection:
            connection.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (name, value))

    def begin_run(self) -> int:
        """Return the number of a new run."""
        run = int(self.fact("run") or 0) + 1
        self.store_fact("run", str(run))
        return run

    def ids_by_hash(self, hashes: Iterable[bytes]) -> dict[bytes, str]:
        """Return the products whose rows had these hashes when they were last applied."""
        by_hex = {digest.hex(): digest for digest in hashes}
        query = "SELECT hash, id FROM rows WHERE hash IN"
        return {by_hex[text]: key for text, key in self._database.read_by_key(query, by_hex)}

    def runs(self, ids: Iterable[str]) -> dict[str, int]:
        """Return the run that last met each of these products; unknown ones are left out."""
        return dict(self._database.read_by_key("SELECT id, run FROM rows WHERE id IN", ids))

    def store_rows(self, hashes: Mapping[str, bytes], run: int) -> None:
        """Remember the rows, by id, that a run has applied."""
        with self._database.transaction() as connection:
            connection.executemany(
                "INSERT OR REPLACE INTO rows VALUES (?, ?, ?)",
                [(key, row_hash.hex(), run) for key, row_hash in hashes.items()],
            )

    def mark_met(self, ids: Iterable[str], run: int) -> None:
        """Remember that a run has met these products, whatever becomes of their rows."""
        with self._database.transaction() as connection:
            connection.executemany(
                "INSERT INTO rows VALUES (?, '', ?) ON CONFLICT (id) DO UPDATE SET run = ?",
                [(key, run, run) for key in ids],
            )

    def count(self) -> int:
        """Return how many products the source is known to have."""
        return int(self._database.read("SELECT count(*) FROM rows")[0][0])

    def missing(self, run: int) -> int:
        """Return how many products the run has not met."""
        return int(self._database.read("SELECT count(*) FROM rows WHERE run < ?", (run,))[0][0])

    def scan_missing(self, run: int) -> Iterator[list[str]]:
        """Yield the ids of products that the run has not met, page by page."""
        after = ""
        query = "SELECT id FROM rows WHERE run < ? AND id > ? ORDER BY id LIMIT ?"
        while page := [row[0] for row in self._database.read(query, (run, after, PAGE))]:
            yield page
            after = page[-1]

    def scan(self) -> Iterator[list[str]]:
        """Yield the ids of all products that the source is known to have, page by page."""
        yield from self.scan_missing(2**62)

    def forget(self, ids: Iterable[str]) -> None:
        """Forget rows, so that they count as new."""
        with self._database.transaction() as connection:
            connection.executemany("DELETE FROM rows WHERE id = ?", [(key,) for key in ids])

    def forget_all(self) -> None:
        """Forget every row, and how far the source was read; what addresses gave stays."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM rows")
            connection.execute("DELETE FROM facts WHERE name IN (?, ?)", (POSITION, READ_AT))

    def picture(self, address: str) -> KnownPicture | None:
        """Return what an address gave when it was last fetched."""
        query = "SELECT image_id, etag, modified FROM pictures WHERE address = ?"
        rows = self._database.read(query, (address,))
        return KnownPicture(rows[0][0], Validators(*rows[0][1:])) if rows else None

    def store_picture(self, address: str, picture: KnownPicture) -> None:
        """Remember what an address gave."""
        known = picture.validators
        values = (address, picture.image_id, known.etag, known.modified)
        with self._database.transaction() as connection:
            connection.execute("INSERT OR REPLACE INTO pictures VALUES (?, ?, ?, ?)", values)
