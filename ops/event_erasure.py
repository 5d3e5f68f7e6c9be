"""Erases what a shopper asked and did, or what is too old, from every data stream that holds it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from app.events.spool import REFUSED
from core.atomic_file import PRIVATE_MODE, write
from core.errors import EngineRefused
from features.base import Json
from mappings.events.erasure import query_ids_body, read_query_ids, searches_query
from mappings.events.event_documents import PATTERN as SEARCHES
from mappings.events.ubi_mapping import EVENTS, QUERIES
from ops.server import Server

TIMEOUT_S = 600


@dataclass(frozen=True)
class Erased:
    """How many documents were erased."""

    events: int
    queries: int
    searches: int


def erase(server: Server, query: Json) -> Erased:
    """Erase the events and queries that a query finds, and their entries in the search log.

    Needs the right to delete, which no key of the application has. Raises EngineRefused and
    EngineUnavailable; then it may be repeated.
    """
    for stream in (QUERIES, EVENTS):
        _request(server, f"/{stream}/_refresh?ignore_unavailable=true")
    queries = 0
    searches = 0
    while query_ids := _query_ids(server, query):
        searches += _delete(server, SEARCHES, searches_query(query_ids))
        deleted = _delete(server, QUERIES, {"terms": {"query_id": query_ids}})
        if not deleted:
            raise EngineRefused("Elasticsearch finds queries and deletes none: try again")
        queries += deleted
    return Erased(_delete(server, EVENTS, query), queries, searches)


def erase_refused(folder: Path, pseudonyms: Sequence[str]) -> None:
    """Erase the lines of these pseudonyms that Elasticsearch refused, and a spool set aside."""
    for path in folder.glob(f"{REFUSED}*"):
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        others = [line for line in lines if not any(name in line for name in pseudonyms)]
        write(path, "".join(others).encode(), PRIVATE_MODE)


def _query_ids(server: Server, query: Json) -> list[str]:
    path = f"/{QUERIES}/_search?ignore_unavailable=true"
    return read_query_ids(_request(server, path, query_ids_body(query)))


def _delete(server: Server, stream: str, query: Json) -> int:
    # A document that changes meanwhile is no conflict here: these are only ever added.
    path = f"/{stream}/_delete_by_query?refresh=true&conflicts=proceed&ignore_unavailable=true"
    return int(_request(server, path, {"query": query}).get("deleted", 0))


def _request(server: Server, path: str, body: Json = None) -> Json:
    answer = server.request("POST", path, body, timeout_s=TIMEOUT_S)
    if answer.status != 200:
        raise EngineRefused(f"Elasticsearch did not erase: {answer.reason}")
    return answer.body
