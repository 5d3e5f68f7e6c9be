"""The durable record of which change of every product counts: see `indexer.ledger`."""

import json
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from sqlite3 import Connection

from features.base import Json
from indexer.ledger.content_hash import ContentHash
from indexer.ledger.database import Database
from indexer.ledger.entry import COLUMNS, LedgerEntry, from_row, to_row
from indexer.ledger.ordering import ChangeOrder, History
from indexer.ledger.product_locks import ProductLocks

ReadProducts = Callable[[Sequence[str]], Mapping[str, Mapping[str, Json]]]
"""Returns the fields of stored products, by id."""

DAY_S = 86_400
PAGE_SIZE = 1000
LAYOUT = 1

SCHEMA = """
CREATE TABLE clock (only INTEGER PRIMARY KEY CHECK (only = 1), last INTEGER NOT NULL);
INSERT INTO clock VALUES (1, 0);
CREATE TABLE products (
    id TEXT PRIMARY KEY, sequence INTEGER NOT NULL, is_deleted INTEGER NOT NULL,
    is_pending INTEGER NOT NULL, arrival INTEGER NOT NULL, version INTEGER, source TEXT NOT NULL,
    later TEXT, versions TEXT, fields BLOB, pictures BLOB,
    recorded_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX products_by_sequence ON products (sequence);
CREATE INDEX pending_products ON products (id) WHERE is_pending = 1;
CREATE INDEX tombstones ON products (recorded_at) WHERE is_deleted = 1;
CREATE TABLE documents (id TEXT PRIMARY KEY, document BLOB NOT NULL);
"""

ALL = ", ".join(COLUMNS)
INSERT = f"INSERT OR REPLACE INTO products ({ALL}) VALUES ({', '.join('?' * len(COLUMNS))})"  # noqa: S608


class Ledger:
    """The ledger of one catalogue. Thread-safe; shared by all processes that open its file."""

    def __init__(self, path: Path, tombstone_days: int = 7) -> None:
        self._database = Database(path, SCHEMA, LAYOUT)
        self._locks = ProductLocks(path.with_suffix(".locks"))
        self._free_locks = ProductLocks(path.with_suffix(".locks"), patience_s=0)
        self._tombstone_s = tombstone_days * DAY_S

    def close(self) -> None:
        """Close the file; the next call opens it again."""
        self._database.close()

    def lock(self, ids: Iterable[str], *, waits: bool = True) -> AbstractContextManager[None]:
        """Hold some products' locks while the block lasts.

        Where others have them, this `waits` for half a minute before it raises Busy, or raises it
        at once. Whoever calls `record`, writes to the index and calls `complete` holds them
        meanwhile.
        """
        return (self._locks if waits else self._free_locks).hold(ids)

    def lock_all(self) -> AbstractContextManager[None]:
        """Hold all products' locks while the block lasts: nobody changes any; raises Busy."""
        return self._locks.hold_all()

    def next_arrival(self, count: int = 1) -> int:
        """Return the number of a change that arrives now: larger than all before.

        With a `count`, that many changes arrive, with this number and those that follow. Numbers
        are about the microseconds since 1970, so that a new ledger goes on where a lost one was.
        """
        with self._database.transaction() as connection:
            return _next_number(connection, count)

    def entry(self, key: str) -> LedgerEntry | None:
        """Return what is known of a product; None for one that was never recorded."""
        return self.entries([key]).get(key)

    def entries(self, ids: Iterable[str]) -> dict[str, LedgerEntry]:
        """Return what is known of some products, by id; unknown ones are left out."""
        query = f"SELECT {ALL} FROM products WHERE id IN"  # noqa: S608
        return {row[0]: from_row(row) for row in self._database.read_by_key(query, ids)}

    def scan(
        self, *, after: str = "", is_deleted: bool = False, size: int = PAGE_SIZE
    ) -> Iterator[list[LedgerEntry]]:
        """Yield the products that are there, or the deleted ones, by id, page by page."""
        query = f"SELECT {ALL} FROM products WHERE id > ? AND is_deleted = ? ORDER BY id LIMIT ?"  # noqa: S608
        while rows := self._database.read(query, (after, int(is_deleted), size)):
            yield [from_row(row) for row in rows]
            after = rows[-1][0]

    def changed_since(self, sequence: int) -> list[str]:
        """Return the ids of products that were changed or deleted after a sequence number."""
        query = "SELECT id FROM products WHERE sequence > ? ORDER BY sequence"
        return [row[0] for row in self._database.read(query, (sequence,))]

    def settled_sequence(self) -> int:
        """Return the highest number up to which all changes are in the index, 0 for a new ledger.

        Whoever reads the index afterwards, and later what was changed since, misses nothing.
        """
        first_pending = "SELECT MIN(sequence) - 1 FROM products WHERE is_pending = 1"
        query = f"SELECT COALESCE(({first_pending}), last) FROM clock"  # noqa: S608
        return int(self._database.read(query)[0][0])

    def record(
        self,
        entries: Sequence[LedgerEntry],
        documents: Mapping[str, Json] | None = None,
    ) -> list[LedgerEntry]:
        """Store decisions as pending, before they are sent; return them with their sequence.

        `documents` are the products to write, by id: whoever finds the entry after a crash can
        repeat the write. The caller holds the products' locks.
        """
        now = int(time.time())
        with self._database.transaction() as connection:
            first = _next_number(connection, len(entries))
            recorded = [
                replace(entry, is_pending=True, sequence=first + number, recorded_at=now)
                for number, entry in enumerate(entries)
            ]
            connection.executemany(INSERT, [to_row(entry) for entry in recorded])
            packed = [(key, _pack(document)) for key, document in (documents or {}).items()]
            connection.executemany("INSERT OR REPLACE INTO documents VALUES (?, ?)", packed)
        return recorded

    def complete(self, entries: Sequence[LedgerEntry]) -> None:
        """Mark recorded changes as written, with the content that the index now holds.

        The caller still holds the products' locks.
        """
        self._store([replace(entry, is_pending=False) for entry in entries])

    def restore(self, ids: Iterable[str], before: Mapping[str, LedgerEntry]) -> None:
        """Put back what was known of some products, where Elasticsearch refused the change.

        The caller still holds the products' locks.
        """
        ids = list(ids)
        self._store([before[key] for key in ids if key in before])
        with self._database.transaction() as connection:
            unknown = [(key,) for key in ids if key not in before]
            connection.executemany("DELETE FROM products WHERE id = ?", unknown)
            connection.executemany("DELETE FROM documents WHERE id = ?", unknown)

    def _store(self, entries: Sequence[LedgerEntry]) -> None:
        with self._database.transaction() as connection:
            connection.executemany(INSERT, [to_row(entry) for entry in entries])
            ids = [(entry.id,) for entry in entries]
            connection.executemany("DELETE FROM documents WHERE id = ?", ids)

    def pending(self) -> list[str]:
        """Return the ids of products with a change that is not known to be in the index.

        A change that is being written now is among them: take the product's lock, and look again.
        """
        query = "SELECT id FROM products WHERE is_pending = 1 ORDER BY id"
        return [row[0] for row in self._database.read(query)]

    def documents(self, ids: Iterable[str]) -> dict[str, Json]:
        """Return the documents that were recorded with pending changes, by product id."""
        query = "SELECT id, document FROM documents WHERE id IN"
        return {key: _unpack(data) for key, data in self._database.read_by_key(query, ids)}

    def take_as_baseline(
        self,
        products: Iterable[tuple[str, ContentHash]],
        arrival: int,
        source: str = "",
        read: ReadProducts | None = None,
    ) -> int:
        """Record products that the index holds already, as of an arrival; return how many.

        Products that were changed or deleted later, and those being changed now, stay as they are.
        Patches that the products still say stay in force, so that an older put that comes late
        does not undo them: `read` returns the products by id.
        """
        now, recorded = int(time.time()), 0
        for page in _pages(products, PAGE_SIZE):
            content = dict(page)
            with self.lock(content):
                known = self.entries(content)
                patched = [key for key, entry in known.items() if entry.history.later]
                said = read(patched) if read is not None and patched else {}
                fresh = [
                    LedgerEntry(
                        key,
                        _baseline(
                            ChangeOrder(arrival, None, source), known.get(key), said.get(key, {})
                        ),
                        content=has,
                        sequence=arrival,
                        recorded_at=now,
                    )
                    for key, has in content.items()
                    if key not in known or _is_older(known[key], arrival)
                ]
                self._store(fresh)
                recorded += len(fresh)
        return recorded

    def delete_older(self, arrival: int) -> int:
        """Record as deleted what was there and has not changed since an arrival; return how many.

        For a new index that has taken over: its products were recorded as of that arrival.
        """
        query = (
            "UPDATE products SET is_deleted = 1, sequence = ?, arrival = ?, version = NULL, "
            "source = '', later = NULL, fields = NULL, pictures = NULL, recorded_at = ? "
            "WHERE sequence < ? AND is_deleted = 0 AND is_pending = 0"
        )
        now = int(time.time())
        with self._database.transaction() as connection:
            return connection.execute(query, (arrival, arrival, now, arrival)).rowcount

    def forget_present(self) -> None:
        """Forget all but products that were deleted one by one: another index is in service.

        Until they are recorded again, any change of the others counts.
        """
        query = (
            "DELETE FROM products WHERE is_pending = 0 AND (is_deleted = 0 OR sequence = arrival)"
        )
        with self._database.transaction() as connection:
            connection.execute(query)

    def forget(self, ids: Iterable[str]) -> None:
        """Remove products from the ledger, as if they had never been recorded."""
        with self._database.transaction() as connection:
            keys = [(key,) for key in ids]
            connection.executemany("DELETE FROM products WHERE id = ?", keys)
            connection.executemany("DELETE FROM documents WHERE id = ?", keys)

    def expire_tombstones(self, now: float | None = None) -> int:
        """Forget products that were deleted longer ago than tombstones are kept; return how many.

        A change older than such a delete could bring the product back from then on.
        """
        before = int((time.time() if now is None else now) - self._tombstone_s)
        query = "DELETE FROM products WHERE is_deleted = 1 AND is_pending = 0 AND recorded_at < ?"
        with self._database.transaction() as connection:
            return connection.execute(query, (before,)).rowcount


def _next_number(connection: Connection, count: int) -> int:
    """Return the first of `count` numbers, all larger than those given before."""
    (last,) = connection.execute("SELECT last FROM clock").fetchone()
    first = max(int(last) + 1, time.time_ns() // 1000)
    connection.execute("UPDATE clock SET last = ?", (first + count - 1,))
    return first


def _baseline(
    order: ChangeOrder, entry: LedgerEntry | None, product: Mapping[str, Json]
) -> History:
    """Return the history of a product as it is found: what sources have reached, and said of it."""
    if entry is None:
        return History(order)
    later = {
        name: change
        for name, change in entry.history.later.items()
        if product and product.get(name) == change.value
    }
    return History(order, later, entry.history.versions)


def _is_older(entry: LedgerEntry, arrival: int) -> bool:
    return not entry.is_pending and entry.sequence < arrival


def _pages(
    products: Iterable[tuple[str, ContentHash]], size: int
) -> Iterator[list[tuple[str, ContentHash]]]:
    page = []
    for product in products:
        page.append(product)
        if len(page) == size:
            yield page
            page = []
    if page:
        yield page


def _pack(document: Json) -> bytes:
    return zlib.compress(json.dumps(document, ensure_ascii=False).encode(), 1)


def _unpack(data: bytes) -> Json:
    return json.loads(zlib.decompress(data))
