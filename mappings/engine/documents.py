"""Single documents of one index: read in real time, written only over the state that was read.

`Gateway.documents` returns them. Every write names the state it is based on (`if_seq_no`,
`if_primary_term`), so of two writers that read the same state, the second must read again.
https://www.elastic.co/docs/reference/elasticsearch/rest-apis/optimistic-concurrency-control
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from elasticsearch import ConflictError, Elasticsearch, NotFoundError

from core.errors import Busy, EngineRefused, IndexMissing, LookalikeError
from features.base import Json
from mappings.engine.conditional_writes import ConditionalWrite, read_outcomes
from mappings.engine.paging import search_pages
from mappings.engine.stored_document import StoredDocument
from mappings.engine.translation import (
    RETRIABLE_STATUSES,
    missing_index_message,
    translated_errors,
)

BATCH_SIZE = 1000
"""Documents per multi-get or bulk request; those written in bulk here are small."""

PAGE_SIZE = 200

WRITES_TOGETHER = 200
"""Conditional writes in one request; a product with vectors has 10 kB a picture."""


@dataclass(frozen=True)
class VersionedWrite:
    """A document to store as of `version`, or to delete where `source` is None.

    Of two writes the one with the higher version wins, whichever arrives last. Elasticsearch
    remembers a deleted document's version for a minute (`index.gc_deletes`).
    """

    id: str
    source: Json | None
    version: int


class Documents:
    """The documents of one index. Thread-safe, as the client is."""

    def __init__(self, client: Elasticsearch, index: str) -> None:
        self._client = client
        self._index = index

    def get(self, key: str) -> StoredDocument | None:
        """Return a document in real time, searchable yet or not; None when there is none."""
        return self.get_many([key]).get(key)

    def get_with_vectors(self, key: str) -> StoredDocument | None:
        """Return a document with its vectors, which `get` leaves out."""
        with translated_errors():
            try:
                doc = self._client.get(index=self._index, id=key, source_exclude_vectors=False)
            except NotFoundError as error:
                # A missing index is an error, a missing document is not.
                if "error" in error.body:
                    raise
                return None
        return _stored(doc.body)

    def get_many(
        self, keys: Sequence[str], fields: Sequence[str] = ()
    ) -> dict[str, StoredDocument]:
        """Return documents by id in real time; unknown ids are left out.

        With `fields`, only these fields are read.
        """
        stored = {}
        for start in range(0, len(keys), BATCH_SIZE):
            with translated_errors():
                docs = self._client.mget(
                    index=self._index,
                    ids=list(keys[start : start + BATCH_SIZE]),
                    source_includes=list(fields) or None,
                )["docs"]
            for doc in docs:
                if "error" in doc:
                    raise _unreadable(doc["error"])
                if doc["found"]:
                    stored[doc["_id"]] = _stored(doc)
        return stored

    def get_many_with_vectors(self, keys: Sequence[str]) -> dict[str, StoredDocument]:
        """Return documents by id with their vectors, in real time; unknown ids are left out.

        A multi-get cannot read vectors: of those that are there, each is read by itself.
        """
        documents = {key: self.get_with_vectors(key) for key in self.get_many(keys, fields=["id"])}
        return {key: stored for key, stored in documents.items() if stored is not None}

    def create(self, key: str, source: Json) -> StoredDocument | None:
        """Store a new document; return None when one exists already."""
        with translated_errors():
            try:
                return self._write(key, source, {"op_type": "create"})
            except ConflictError:
                return None

    def replace(self, source: Json, over: StoredDocument) -> StoredDocument | None:
        """Store a document over the state that was read; return None when it has changed since."""
        versions = {"if_seq_no": over.seq_no, "if_primary_term": over.primary_term}
        with translated_errors():
            try:
                return self._write(over.id, source, versions)
            except ConflictError:
                # The client repeats a request whose connection broke: the first may have arrived.
                written, now = json.loads(json.dumps(source)), self.get(over.id)
                return now if now is not None and now.source == written else None

    def _write(self, key: str, source: Json, condition: Mapping[str, Any]) -> StoredDocument:
        answer = self._client.index(index=self._index, id=key, document=source, **condition).body
        return StoredDocument(key, source, answer["_seq_no"], answer["_primary_term"])

    def write_many(self, writes: Sequence[VersionedWrite]) -> None:
        """Carry out the writes; a write older than the stored version changes nothing."""
        for start in range(0, len(writes), BATCH_SIZE):
            lines: list[Json] = []
            for write in writes[start : start + BATCH_SIZE]:
                head = {"_id": write.id, "version": write.version, "version_type": "external_gte"}
                if write.source is None:
                    lines.append({"delete": head})
                else:
                    lines += [{"index": head}, write.source]
            with translated_errors():
                items = self._client.bulk(index=self._index, operations=lines)["items"]
            for item in items:
                (outcome,) = item.values()
                if "error" in outcome and outcome["status"] != 409:
                    raise EngineRefused(f"a write was refused: {outcome['error']['reason']}")

    def replace_many(self, changes: Sequence[tuple[Json, StoredDocument]]) -> dict[str, str]:
        """Store documents, each over the state that was read; return id → reason for those refused.

        The reason is '' where the document has changed since or is gone. Raises Busy.
        """
        lines: list[Json] = []
        for source, over in changes:
            state = {"if_seq_no": over.seq_no, "if_primary_term": over.primary_term}
            lines += [{"index": {"_id": over.id, **state}}, source]
        with translated_errors():
            items = self._client.bulk(index=self._index, operations=lines)["items"]
        refused = {}
        for item in items:
            outcome = item["index"]
            if outcome["status"] in RETRIABLE_STATUSES:
                raise Busy(f"Elasticsearch is overloaded ({outcome['error']['type']})")
            if "error" in outcome:
                changed = outcome["status"] == 409
                refused[outcome["_id"]] = "" if changed else str(outcome["error"]["reason"])
        return refused

    def write_conditionally(
        self,
        writes: Sequence[ConditionalWrite],
        *,
        wait: bool = False,
        require_alias: bool = False,
    ) -> dict[str, str]:
        """Carry out the writes; return id → reason for those refused, '' for a conflict.

        With `wait`, they can be searched for on return. Every id occurs once. Raises Busy,
        IndexBlocked or EngineUnavailable; then all may be repeated.
        """
        refused: dict[str, str] = {}
        for start in range(0, len(writes), WRITES_TOGETHER):
            lines = [x for write in writes[start : start + WRITES_TOGETHER] for x in write.lines()]
            with translated_errors():
                items = self._client.bulk(
                    index=self._index,
                    operations=lines,
                    refresh="wait_for" if wait else None,
                    require_alias=require_alias,
                )["items"]
            refused |= read_outcomes(items)
        return refused

    def refresh(self) -> None:
        """Make everything written so far searchable."""
        with translated_errors():
            self._client.indices.refresh(index=self._index)

    def search(self, body: Json) -> Json:
        """Run one search; each hit has its version. A failed shard is an error."""
        with translated_errors():
            return self._client.search(
                index=self._index,
                body={"seq_no_primary_term": True, **body},
                allow_partial_search_results=False,
            ).body

    def find(self, body: Json) -> list[StoredDocument]:
        """Return the documents a search finds, in its order."""
        return [_stored(hit) for hit in self.search(body)["hits"]["hits"]]

    def scan(self, body: Json) -> Iterator[StoredDocument]:
        """Yield everything a search finds; its `sort` must end in a unique field."""
        for page in self.scan_pages(body, PAGE_SIZE):
            yield from page

    def scan_pages(self, body: Json, size: int) -> Iterator[list[StoredDocument]]:
        """Yield everything a search finds, `size` documents at a time, as `scan` does."""
        for hits in search_pages(self.search, body, size):
            yield [_stored(hit) for hit in hits]


def _unreadable(error: Json) -> LookalikeError:
    if error["type"] == "index_not_found_exception":
        return IndexMissing(missing_index_message(str(error.get("index", ""))))
    return EngineRefused(f"a document could not be read: {error['reason']}")


def _stored(hit: Json) -> StoredDocument:
    return StoredDocument(hit["_id"], hit.get("_source", {}), hit["_seq_no"], hit["_primary_term"])
