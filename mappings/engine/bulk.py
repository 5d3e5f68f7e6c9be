"""Bulk requests: their lines, and what is still to do after an answer."""

import json
from collections.abc import Iterator, Sequence

from core.errors import Busy, EngineUnavailable, IndexBlocked, LookalikeError
from features.base import Json
from mappings.engine.translation import RETRIABLE_STATUSES, blocked_message

BULK_BYTES = 8_000_000
"""Size of one bulk request; Elasticsearch advises 5 to 15 MB."""

ACCESS_STATUSES = frozenset({401, 403, 404})
"""Refusals that the right key or template would lift: the document is not at fault."""


def split_bulk(action: str, documents: Sequence[tuple[str, Json]]) -> Iterator[dict[str, bytes]]:
    """Yield id → the two lines of a bulk request, at most BULK_BYTES together."""
    chunk: dict[str, bytes] = {}
    size = 0
    for key, document in documents:
        head = json.dumps({action: {"_id": key}})
        lines = f"{head}\n{json.dumps(document, ensure_ascii=False)}".encode()
        if chunk and size + len(lines) > BULK_BYTES:
            yield chunk
            chunk, size = {}, 0
        chunk[key] = lines
        size += len(lines)
    if chunk:
        yield chunk


def remove_completed(
    items: Sequence[Json], waiting: dict[str, bytes], refused: dict[str, str]
) -> LookalikeError | None:
    """Remove every completed document from `waiting`; return why the others must wait."""
    why: LookalikeError | None = None
    for item in items:
        (action, outcome), *_ = item.items()
        error = outcome.get("error") or {}
        reason = f"{error.get('type')}: {error.get('reason')}"
        if error.get("type") == "cluster_block_exception":
            why = IndexBlocked(blocked_message(reason))
        elif outcome["status"] in RETRIABLE_STATUSES:
            why = Busy(f"Elasticsearch is overloaded ({reason})")
        elif outcome["status"] in ACCESS_STATUSES:
            why = EngineUnavailable(f"Elasticsearch accepts no writes from us now ({reason})")
        else:
            del waiting[outcome["_id"]]
            if error and not (action == "create" and outcome["status"] == 409):
                refused[outcome["_id"]] = reason
    return why
