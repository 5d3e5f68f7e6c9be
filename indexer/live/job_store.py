"""Requests that are being worked on, on disk: what is begun is finished, whoever dies.

A request is stored before it is worked on, with the number of its arrival and the pictures that
came with it. Whoever works on it holds its lock, which the kernel lets go of when the process ends;
another process then goes on where the results end.
"""

import json
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from typing import Any

from core.errors import NotFound
from indexer.ledger.database import Database
from indexer.ledger.product_locks import ProductLocks
from indexer.live.change_request import ChangeRequest, ItemResult
from indexer.live.uploaded_pictures import PictureUploads

LONGEST_WORK_S = 3600.0

KEEP_S = 24 * 3600.0
"""How long the results of a job can be read."""


Execute = Callable[[str, tuple[object, ...]], object]


@dataclass(frozen=True)
class Job:
    """A request: its changes, and what became of those worked on so far, in order.

    Among the changes are the results of lines that say none. `is_waited` means that the changes are
    to be searchable once it is finished. `failure` says why the others were given up, '' where they
    were not.
    """

    id: str
    arrival: int
    requests: tuple[ChangeRequest | ItemResult, ...]
    is_waited: bool
    results: tuple[ItemResult, ...]
    is_finished: bool
    failure: str


class JobStore:
    """The jobs of one catalogue. Thread-safe; shared by processes."""

    def __init__(self, database: Database) -> None:
        self._database = database
        path = database.path.with_suffix(".locks")
        self._locks = ProductLocks(path, LONGEST_WORK_S)
        self._free_locks = ProductLocks(path, patience_s=0)

    def lock(self, key: str, *, waits: bool) -> AbstractContextManager[None]:
        """Hold a job's lock while it is worked on.

        Where others have it, this `waits` for them, or raises Busy at once.
        """
        return (self._locks if waits else self._free_locks).hold([key])

    def create(
        self,
        requests: Sequence[ChangeRequest | ItemResult],
        uploads: PictureUploads,
        arrival: int,
        *,
        is_waited: bool,
    ) -> str:
        """Store a request; return the job's id."""
        key = secrets.token_urlsafe(16)
        text = json.dumps([_request_to_json(request) for request in requests])
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT INTO jobs VALUES (?, ?, ?, ?, ?, NULL, NULL)",
                (key, arrival, int(is_waited), text, time.time()),
            )
            connection.executemany(
                "INSERT INTO uploads VALUES (?, ?)", [(key, data) for data in uploads]
            )
        return key

    def read(self, key: str) -> Job:
        """Return a job; raises NotFound."""
        rows = self._database.read("SELECT * FROM jobs WHERE id = ?", (key,))
        if not rows:
            raise NotFound("there is no such job; results can be read for a day")
        name, arrival, is_waited, requests, _, finished_at, failure = rows[0]
        results = self._database.read(
            "SELECT result FROM results WHERE job = ? ORDER BY number", (key,)
        )
        return Job(
            name,
            arrival,
            tuple(_request_from_json(values) for values in json.loads(requests)),
            bool(is_waited),
            tuple(ItemResult.from_json(json.loads(text)) for (text,) in results),
            finished_at is not None,
            failure or "",
        )

    def uploads(self, key: str) -> PictureUploads:
        """Return the pictures that came with a job's request."""
        uploads = PictureUploads()
        for (data,) in self._database.read("SELECT data FROM uploads WHERE job = ?", (key,)):
            uploads.add(data)
        return uploads

    def add_results(self, key: str, start: int, results: Sequence[ItemResult]) -> None:
        """Store what became of some changes, from number `start` on."""
        rows = [
            (key, start + number, json.dumps(result.to_json()))
            for number, result in enumerate(results)
        ]
        with self._database.transaction() as connection:
            connection.executemany("INSERT OR REPLACE INTO results VALUES (?, ?, ?)", rows)

    def finish(self, key: str, failure: str = "") -> None:
        """Mark a job as ended; what came with it is deleted."""
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE jobs SET finished_at = ?, failure = ? WHERE id = ?",
                (time.time(), failure, key),
            )
            connection.execute("DELETE FROM uploads WHERE job = ?", (key,))

    def delete(self, key: str) -> None:
        """Forget a job whose results have been given out."""
        with self._database.transaction() as connection:
            _delete(connection.execute, "= ?", (key,))

    def unfinished(self) -> list[str]:
        """Return the ids of jobs that have not ended, the oldest first."""
        query = "SELECT id FROM jobs WHERE finished_at IS NULL ORDER BY arrival"
        return [row[0] for row in self._database.read(query)]

    def expire(self, now: float | None = None) -> None:
        """Forget jobs that ended more than KEEP_S ago."""
        before = (time.time() if now is None else now) - KEEP_S
        with self._database.transaction() as connection:
            chosen = "IN (SELECT id FROM jobs WHERE finished_at < ?)"
            _delete(connection.execute, chosen, (before,))


def _delete(execute: Execute, chosen: str, values: tuple[object, ...]) -> None:
    """Delete the chosen jobs and what belongs to them."""
    for table, column in (("uploads", "job"), ("results", "job"), ("jobs", "id")):
        execute(f"DELETE FROM {table} WHERE {column} {chosen}", values)  # noqa: S608


def _request_to_json(request: ChangeRequest | ItemResult) -> dict[str, Any]:
    if isinstance(request, ItemResult):
        return {"result": request.to_json()}
    return {"request": asdict(request)}


def _request_from_json(values: Mapping[str, Any]) -> ChangeRequest | ItemResult:
    if "result" in values:
        return ItemResult.from_json(values["result"])
    return ChangeRequest(**values["request"])
