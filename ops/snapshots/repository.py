"""Elasticsearch's snapshots of the products, the desk's indices and the events."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

from features.base import Json
from ops.errors import StageFailed
from ops.server import Server, ServerResponse

PATIENCE_S = 6 * 3600.0
"""How long a snapshot may take. Elasticsearch copies only what an earlier one lacks."""

EVENTS = "logs-lookalike.*"

COMPLETE = "SUCCESS"


@dataclass(frozen=True)
class Snapshot:
    """A snapshot in the repository. `products` is how many there were, None if that is not known.

    `state` is Elasticsearch's: SUCCESS, PARTIAL, FAILED or IN_PROGRESS. `streams` are data streams,
    whose indices are in `indices` too.
    """

    name: str
    state: str
    began_at: datetime
    indices: tuple[str, ...]
    streams: tuple[str, ...]
    products: int | None

    @property
    def is_complete(self) -> bool:
        """Say whether everything is in it."""
        return self.state == COMPLETE


@dataclass(frozen=True)
class Contents:
    """What a snapshot takes: the products' alias, and what the desk's indices' names begin with."""

    alias: str
    desk: str


class SnapshotRepository:
    """The place on an Elasticsearch server where snapshots are."""

    def __init__(self, server: Server, name: str) -> None:
        self._server = server
        self._name = name

    def prepare(self, folder: Path | None) -> None:
        """Register a repository in a folder of the local node; without one, see that it is there.

        Raises StageFailed, which says what to do.
        """
        if folder is None:
            answer = self._request("GET", "")
            if answer.status == 404:
                raise StageFailed(
                    f"the server has no snapshot repository {self._name!r}: register one, and name "
                    "it with LOOKALIKE_SNAPSHOT_REPOSITORY"
                )
            self._check(answer, "the snapshot repository cannot be used")
            return
        body = {"type": "fs", "settings": {"location": str(folder), "compress": True}}
        answer = self._request("PUT", "", body)
        if "path.repo" in answer.reason:
            raise StageFailed(
                f"the node was started before it could save to {folder}: stop it with `make down` "
                "and run this again"
            )
        self._check(answer, f"the snapshot repository in {folder} cannot be used")

    def create(self, name: str, contents: Contents) -> Snapshot:
        """Save the contents under a name; wait until that is done."""
        products = self._server.request("GET", f"/{contents.alias}/_count")
        count = products.body["count"] if products.status == 200 else None
        body = {
            "indices": f"{contents.alias},{contents.desk}-*,{EVENTS}",
            "ignore_unavailable": True,
            "include_global_state": False,
            "metadata": {"products": count, "alias": contents.alias},
        }
        path = f"/{quote(name)}?wait_for_completion=true"
        answer = self._request("PUT", path, body)
        self._check(answer, f"the snapshot {name} failed")
        saved = read_snapshot(answer.body["snapshot"])
        if not saved.is_complete:
            raise StageFailed(
                f"the snapshot {name} is {saved.state}: an index could not be read as a whole. "
                "Look at `make logs`, and create another"
            )
        return saved

    def all(self) -> list[Snapshot]:
        """Return the snapshots, the oldest first."""
        answer = self._request("GET", "/_all?sort=start_time")
        self._check(answer, "the snapshots could not be listed")
        return [read_snapshot(one) for one in answer.body["snapshots"]]

    def get(self, name: str) -> Snapshot:
        """Return a snapshot; raises StageFailed for one that there is not."""
        for snapshot in self.all():
            if snapshot.name == name:
                return snapshot
        raise StageFailed(f"there is no snapshot {name!r}: `python -m ops snapshot list` shows all")

    def delete(self, name: str) -> None:
        """Delete a snapshot; what another one shares stays."""
        self._check(self._request("DELETE", f"/{quote(name)}"), f"{name} could not be deleted")

    def restore(self, snapshot: Snapshot, alias: str) -> None:
        """Put a snapshot in place of what is there; raises StageFailed.

        What is behind the alias, and every index of a name that the snapshot has, is deleted first:
        until the end nothing can be searched. Events are a record of what happened: data streams
        that are there stay as they are, and those that are gone come back.
        """
        behind = self._server.request("GET", f"/_alias/{alias}")
        current = list(behind.body) if behind.status == 200 else []
        backing = {name for name in snapshot.indices if name.startswith(".ds-")}
        for index in sorted({*current, *snapshot.indices} - backing):
            self._delete(f"/{index}", index)
        gone = [name for name in snapshot.streams if not self._has_stream(name)]
        body = {
            "indices": ",".join([*gone, *sorted(set(snapshot.indices) - backing)]),
            "include_global_state": False,
            "include_aliases": True,
        }
        path = f"/{quote(snapshot.name)}/_restore?wait_for_completion=true"
        answer = self._request("POST", path, body)
        self._check(answer, f"{snapshot.name} could not be restored; the snapshot is unharmed")
        shards = answer.body["snapshot"]["shards"]
        if shards["failed"]:
            raise StageFailed(
                f"{shards['failed']} of {shards['total']} shards of {snapshot.name} could not be "
                "restored: run the same command again"
            )

    def _has_stream(self, name: str) -> bool:
        answer = self._server.request("GET", f"/{name}/_count")
        if answer.status not in (200, 404):
            self._check(answer, f"the events {name} could not be looked at")
        return answer.status == 200

    def _delete(self, path: str, name: str) -> None:
        answer = self._server.request("DELETE", path, timeout_s=120)
        if answer.status != 404:
            self._check(answer, f"{name} could not be replaced")

    def _request(self, method: str, path: str, body: Json = None) -> ServerResponse:
        return self._server.request(
            method, f"/_snapshot/{quote(self._name)}{path}", body, timeout_s=PATIENCE_S
        )

    @staticmethod
    def _check(answer: ServerResponse, failure: str) -> None:
        if answer.status >= 300:
            raise StageFailed(f"{failure}: {answer.reason}")


def read_snapshot(body: Json) -> Snapshot:
    """Return a snapshot from Elasticsearch's description."""
    products = (body.get("metadata") or {}).get("products")
    return Snapshot(
        name=str(body["snapshot"]),
        state=str(body["state"]),
        began_at=datetime.fromtimestamp(body["start_time_in_millis"] / 1000, UTC),
        indices=_names(body.get("indices", ())),
        streams=_names(body.get("data_streams", ())),
        products=None if products is None else int(products),
    )


def _names(names: Sequence[str]) -> tuple[str, ...]:
    return tuple(sorted(str(name) for name in names))
