"""One product in the ledger, and how it is stored in a row."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from features.base import Json
from indexer.ledger.content_hash import ContentHash
from indexer.ledger.ordering import ChangeOrder, FieldChange, History

COLUMNS = (
    "id", "sequence", "is_deleted", "is_pending", "arrival", "version", "source", "later",
    "versions", "fields", "pictures", "recorded_at",
)  # fmt: skip


@dataclass(frozen=True)
class LedgerEntry:
    """What the ledger knows of a product.

    `sequence` is the number of its latest recorded change: it increases over the whole ledger and
    is the version that Elasticsearch stores a new document under. `is_pending` means that the
    change was recorded and is not known to be in the index. `content` is that of the product as it
    is now; None where it is not known. `recorded_at` is in seconds since 1970.
    """

    id: str
    history: History
    content: ContentHash | None = None
    is_deleted: bool = False
    is_pending: bool = False
    sequence: int = 0
    recorded_at: int = 0

    def has_content(self, content: ContentHash) -> bool:
        """Say whether the index holds this content: then there is nothing to write."""
        return not self.is_pending and not self.is_deleted and self.content == content


def to_row(entry: LedgerEntry) -> tuple[Any, ...]:
    """Return an entry's values, in the order of COLUMNS."""
    base = entry.history.base
    later = {name: [*_order(one.order), one.value] for name, one in entry.history.later.items()}
    return (
        entry.id,
        entry.sequence,
        int(entry.is_deleted),
        int(entry.is_pending),
        *_order(base),
        _text(later),
        _text(entry.history.versions),
        *_hashes(entry.content),
        entry.recorded_at,
    )


def from_row(row: tuple[Any, ...]) -> LedgerEntry:
    """Return the entry that `to_row` made these values from."""
    values = dict(zip(COLUMNS, row, strict=True))
    later = {
        name: FieldChange(ChangeOrder(arrival, version, source), value)
        for name, (arrival, version, source, value) in json.loads(values["later"] or "{}").items()
    }
    base = ChangeOrder(values["arrival"], values["version"], values["source"])
    versions = {
        source: {name: (version, said) for name, (version, said) in marks.items()}
        for source, marks in json.loads(values["versions"] or "{}").items()
    }
    history = History(base, later, versions)
    return LedgerEntry(
        id=values["id"],
        history=history,
        content=_content(values["fields"], values["pictures"]),
        is_deleted=bool(values["is_deleted"]),
        is_pending=bool(values["is_pending"]),
        sequence=values["sequence"],
        recorded_at=values["recorded_at"],
    )


def _order(order: ChangeOrder) -> tuple[int, int | None, str]:
    return order.arrival, order.version, order.source


def _text(value: Mapping[str, Json]) -> str | None:
    return json.dumps(value, ensure_ascii=False) if value else None


def _hashes(content: ContentHash | None) -> tuple[bytes | None, bytes | None]:
    return (None, None) if content is None else (content.fields, content.pictures)


def _content(fields: bytes | None, pictures: bytes | None) -> ContentHash | None:
    return None if fields is None or pictures is None else ContentHash(fields, pictures)
