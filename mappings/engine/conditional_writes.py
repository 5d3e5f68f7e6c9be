"""Writes that take effect only on the state they were made from.

A document that is there is written over the state that was read (`if_seq_no`). A new one, and a
delete, carry an external version: of two such writes the higher one counts, also when the lower
arrives last. Elasticsearch counts on from that version with every other write, and remembers that
of a deleted document for a minute (`index.gc_deletes`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.errors import Busy, EngineUnavailable, IndexBlocked
from features.base import Json
from mappings.engine.bulk import ACCESS_STATUSES
from mappings.engine.stored_document import StoredDocument
from mappings.engine.translation import RETRIABLE_STATUSES, blocked_message

CONFLICT = 409

VERSION_TYPE = "external_gte"
"""A write that is repeated has the version of the first, and must not fail where that arrived."""

CHANGE_FIELDS = (
    "for (name in params.removed) { ctx._source.remove(name) } ctx._source.putAll(params.fields)"
)
"""Painless: the same text in every request, so that it is compiled once."""


@dataclass(frozen=True)
class DocumentStore:
    """A whole document, over the state that was read or, without one, as `version`."""

    id: str
    source: Json
    over: StoredDocument | None
    version: int

    def lines(self) -> list[Json]:
        """Return the lines of a bulk request."""
        if self.over is None:
            head = {"_id": self.id, "version": self.version, "version_type": VERSION_TYPE}
        else:
            head = {"_id": self.id, **_state(self.over)}
        return [{"index": head}, self.source]


@dataclass(frozen=True)
class FieldUpdate:
    """Fields of a document that is there: those to set, and those to remove."""

    id: str
    fields: Mapping[str, Json]
    removed: Sequence[str]
    over: StoredDocument

    def lines(self) -> list[Json]:
        """Return the lines of a bulk request."""
        params = {"fields": self.fields, "removed": list(self.removed)}
        script = {"source": CHANGE_FIELDS, "lang": "painless", "params": params}
        return [{"update": {"_id": self.id, **_state(self.over)}}, {"script": script}]


@dataclass(frozen=True)
class DocumentDelete:
    """A delete as of `version`; no document is needed."""

    id: str
    version: int

    def lines(self) -> list[Json]:
        """Return the line of a bulk request."""
        head = {"_id": self.id, "version": self.version, "version_type": VERSION_TYPE}
        return [{"delete": head}]


ConditionalWrite = DocumentStore | FieldUpdate | DocumentDelete


def read_outcomes(items: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Return id → reason for the writes that were refused, '' where the document has changed.

    Raises Busy, IndexBlocked or EngineUnavailable where a write may succeed later; the others of
    the request have been carried out, and all may be repeated.
    """
    refused = {}
    for item in items:
        ((action, outcome),) = item.items()
        error = outcome.get("error")
        if error is None:
            continue
        reason = f"{error.get('type')}: {error.get('reason')}"
        if error.get("type") == "cluster_block_exception":
            raise IndexBlocked(blocked_message(reason))
        if outcome["status"] in RETRIABLE_STATUSES:
            raise Busy(f"Elasticsearch is overloaded ({reason})")
        if outcome["status"] == CONFLICT or (action == "update" and _is_missing(outcome)):
            refused[outcome["_id"]] = ""
        elif outcome["status"] in ACCESS_STATUSES:
            raise EngineUnavailable(f"Elasticsearch accepts no writes from us now ({reason})")
        else:
            refused[outcome["_id"]] = reason
    return refused


def _is_missing(outcome: Mapping[str, Any]) -> bool:
    return bool(outcome["error"].get("type") == "document_missing_exception")


def _state(over: StoredDocument) -> dict[str, Json]:
    return {"if_seq_no": over.seq_no, "if_primary_term": over.primary_term}
