"""Pictures whose slow features are still to come, on disk: a process that ends loses none.

Each is stored by the process that will work on it, its owner. An owner holds a lock of its own,
which the kernel lets go of when the process ends; another process then takes its pictures over.
"""

import json
import secrets
import threading
import time
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from core.errors import Busy
from core.locks import process_lock
from indexer.ledger.database import Database

LAYOUT = 1

SCHEMA = """
CREATE TABLE pictures (
    product TEXT NOT NULL, image TEXT NOT NULL, address TEXT NOT NULL, features TEXT NOT NULL,
    data BLOB, owner TEXT NOT NULL, stored_at REAL NOT NULL, PRIMARY KEY (product, image)
);
CREATE INDEX pictures_by_owner ON pictures (owner, stored_at);
"""


@dataclass(frozen=True)
class WaitingPicture:
    """A product's picture that lacks some features.

    `data` are its bytes where they came with the request; None where its `address` has them.
    """

    product_id: str
    image_id: str
    address: str
    features: Sequence[str]
    data: bytes | None = None

    @property
    def key(self) -> tuple[str, str]:
        """What no other waiting picture has."""
        return self.product_id, self.image_id


class WaitingPictures:
    """The waiting pictures of one catalogue, as one process sees them. Thread-safe."""

    def __init__(self, folder: Path, alias: str) -> None:
        self._database = Database(folder / f"{alias}.slow.sqlite3", SCHEMA, LAYOUT)
        self._locks = folder / f"{alias}.slow"
        self._owner = secrets.token_hex(8)
        self._held = ExitStack()
        self._lock = threading.Lock()
        self._is_owner = False

    def close(self) -> None:
        """Leave what is left to others."""
        with self._lock:
            self._held.close()
            if self._is_owner:
                self._lock_of(self._owner).unlink(missing_ok=True)
            self._is_owner = False
        self._database.close()

    def add(self, pictures: Iterable[WaitingPicture]) -> None:
        """Store pictures; they are this process's. Raises Busy and LedgerUnavailable."""
        self._become_owner()
        now = time.time()
        rows = [
            (one.product_id, one.image_id, one.address, json.dumps([*one.features]), one.data,
             self._owner, now)
            for one in pictures
        ]  # fmt: skip
        with self._database.transaction() as connection:
            connection.executemany("INSERT OR REPLACE INTO pictures VALUES (?,?,?,?,?,?,?)", rows)

    def remove(self, picture: WaitingPicture) -> None:
        """Forget a picture that has its features, or never gets them."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM pictures WHERE product = ? AND image = ?", picture.key)

    def keys(self, most: int) -> list[tuple[str, str]]:
        """Return the keys of at most so many of this process's pictures, the oldest first."""
        query = "SELECT product, image FROM pictures WHERE owner = ? ORDER BY stored_at LIMIT ?"
        return [(row[0], row[1]) for row in self._database.read(query, (self._owner, most))]

    def read(self, key: tuple[str, str]) -> WaitingPicture | None:
        """Return a picture; None where it is no longer there."""
        query = (
            "SELECT product, image, address, features, data FROM pictures "
            "WHERE product = ? AND image = ?"
        )
        rows = self._database.read(query, key)
        if not rows:
            return None
        product_id, image_id, address, features, data = rows[0]
        return WaitingPicture(product_id, image_id, address, json.loads(features), data)

    def take_over(self) -> int:
        """Make the pictures of processes that have ended this one's; return how many."""
        query = "SELECT DISTINCT owner FROM pictures WHERE owner != ?"
        return sum(self._take_from(row[0]) for row in self._database.read(query, (self._owner,)))

    def _take_from(self, owner: str) -> int:
        path = self._lock_of(owner)
        try:
            with process_lock(path, "the work on slow features"):
                self._become_owner()
                with self._database.transaction() as connection:
                    taken = connection.execute(
                        "UPDATE pictures SET owner = ? WHERE owner = ?", (self._owner, owner)
                    ).rowcount
                path.unlink(missing_ok=True)
                return taken
        except Busy:
            return 0

    def _become_owner(self) -> None:
        """Hold this process's lock, from the first picture on: after a fork, not before."""
        with self._lock:
            if not self._is_owner:
                self._held.enter_context(process_lock(self._lock_of(self._owner), "this process"))
                self._is_owner = True

    def _lock_of(self, owner: str) -> Path:
        return self._locks / f"{owner}.lock"
