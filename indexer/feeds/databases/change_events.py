"""Reads MongoDB's change streams: https://www.mongodb.com/docs/manual/reference/change-events/.

An `insert`, `update` or `replace` event carries the whole document (`fullDocument: updateLookup`),
a `delete` only its `_id`. Where products have an id of another field, a deletion cannot be told by
an event, nor can a collection that was dropped or renamed: both mean reading everything again.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from indexer.errors import PositionLost
from indexer.feeds.changes import ChangePage, Removal
from indexer.feeds.databases.cell_values import cell
from indexer.feeds.rows import Row

if TYPE_CHECKING:
    from pymongo.change_stream import ChangeStream
    from pymongo.collection import Collection

WRITES = frozenset({"insert", "update", "replace"})

ENDINGS = frozenset({"drop", "rename", "dropDatabase", "invalidate"})
"""Events behind which a stream of this collection has no more to tell."""

PAGE = 500

ToChange = Callable[[int, Mapping[str, Any]], Row | Removal]
"""Reads a document, numbered from 1, as what it says of its product."""

LOST_CODES = frozenset({136, 280, 286})
"""CappedPositionLost, ChangeStreamFatalError and ChangeStreamHistoryLost."""


def written(position: Mapping[str, Any]) -> str:
    """Return a position as text that `parsed` reads."""
    from bson import json_util  # noqa: PLC0415

    return str(json_util.dumps(position))


def parsed(position: str) -> dict[str, Any]:
    """Return a position: `token` of a change stream, or `mark`, a watermark."""
    from bson import json_util  # noqa: PLC0415

    return dict(json_util.loads(position, json_options=json_util.JSONOptions(tz_aware=True)))


def current_token(collection: "Collection[Any]") -> Any:
    """Return where a change stream would begin now; None where the server has none."""
    from pymongo.errors import OperationFailure  # noqa: PLC0415

    try:
        with collection.watch(max_await_time_ms=1) as stream:
            stream.try_next()
            return stream.resume_token
    # A single server refuses the stage, and a server that only speaks the protocol the command.
    except OperationFailure:
        return None


@contextmanager
def opened(
    collection: "Collection[Any]", token: Any, await_ms: int
) -> Iterator["ChangeStream[Any]"]:
    """Give the stream behind a token; raises PositionLost where its history is gone."""
    from pymongo.errors import OperationFailure  # noqa: PLC0415

    try:
        with collection.watch(
            full_document="updateLookup", resume_after=token, max_await_time_ms=await_ms
        ) as stream:
            yield stream
    except OperationFailure as error:
        if error.code in LOST_CODES:
            raise PositionLost("the change stream no longer reaches back that far") from None
        raise


def pages(
    stream: Any,
    to_change: ToChange,
    *,
    has_own_id: bool,
) -> Iterator[ChangePage]:
    """Yield the events that wait, and end when none does.

    With `has_own_id`, a product's id is not its document's `_id`. Raises PositionLost for what an
    event cannot tell.
    """
    changes: list[Row | Removal] = []
    number = 0
    while (event := stream.try_next()) is not None:
        number += 1
        change = _change(number, event, to_change, has_own_id=has_own_id)
        if change is not None:
            changes.append(change)
        if len(changes) >= PAGE:
            yield ChangePage(changes, written({"token": stream.resume_token}))
            changes = []
    # The token moves on without events, too, so that it stays within the server's history.
    yield ChangePage(changes, written({"token": stream.resume_token}))


def _change(
    number: int,
    event: Mapping[str, Any],
    to_change: ToChange,
    *,
    has_own_id: bool,
) -> Row | Removal | None:
    kind = event["operationType"]
    if kind in ENDINGS:
        raise PositionLost(f"the collection has been changed as a whole ({kind})")
    if kind in WRITES:
        document = event.get("fullDocument")
        # Null where the document was deleted since: that event is still to come.
        return None if document is None else to_change(number, document)
    if kind == "delete":
        if has_own_id:
            raise PositionLost("a deletion names only _id, which is not the products' id")
        return Removal(str(cell(event["documentKey"]["_id"])))
    return None
