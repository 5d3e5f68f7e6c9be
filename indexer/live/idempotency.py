"""Remembers the answers to requests by their Idempotency-Key: a repeated one is not carried out.

https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/
"""

import json
import sqlite3
import time
from collections.abc import Mapping
from dataclasses import dataclass

from indexer.ledger.database import Database
from indexer.live.errors import KeyInUse, KeyReused

KEEP_S = 24 * 3600.0

ABANDONED_S = 120.0
"""A request without an answer for this long was cut off: its process has ended."""


@dataclass(frozen=True)
class StoredAnswer:
    """An HTTP answer as it was given."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Answers:
    """The answers of a catalogue's requests. Thread-safe; shared by processes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, key: str, fingerprint: str, now: float | None = None) -> StoredAnswer | None:
        """Reserve a key for a request; return the answer where it was given before.

        Raises KeyReused where the key came with another request, KeyInUse while that request is
        still being worked on.
        """
        now = time.time() if now is None else now
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM answers WHERE created_at < ?", (now - KEEP_S,))
            row = connection.execute(
                "SELECT fingerprint, created_at, status, headers, body FROM answers WHERE key = ?",
                (key,),
            ).fetchone()
            if row is None or (row[2] is None and now - row[1] > ABANDONED_S):
                _reserve(connection, key, fingerprint, now)
                return None
        known, _, status, headers, body = row
        if known != fingerprint:
            raise KeyReused(
                "this Idempotency-Key came with another request: use a new one for each change"
            )
        if status is None:
            raise KeyInUse("this request is still being worked on: repeat it in a second")
        return StoredAnswer(status, json.loads(headers), body)

    def complete(self, key: str, answer: StoredAnswer) -> None:
        """Store the answer to a request."""
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE answers SET status = ?, headers = ?, body = ? WHERE key = ?",
                (answer.status, json.dumps(dict(answer.headers)), answer.body, key),
            )

    def release(self, key: str) -> None:
        """Forget a request that failed: it may be repeated."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM answers WHERE key = ? AND status IS NULL", (key,))


def _reserve(connection: sqlite3.Connection, key: str, fingerprint: str, now: float) -> None:
    connection.execute(
        "INSERT OR REPLACE INTO answers VALUES (?, ?, ?, NULL, NULL, NULL)", (key, fingerprint, now)
    )
