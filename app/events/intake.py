"""Takes shoppers' events in: checks each, and writes those that are right to the disk."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from app.events.event_log import EventLog
from app.events.shop_event import EventProblem, ShopEvent, read_event
from app.http.visitor import Visitor
from features.base import Json
from mappings.events.ubi_documents import event_document, event_key

Status = Literal["accepted", "duplicate", "refused", "untracked"]

OTHER_APPLICATION = "api"
"""The application of an event that names none."""


@dataclass(frozen=True)
class EventResult:
    """What became of an event: of a refused one `field` and `rule` say why.

    `duplicate` is one whose id came before in the same request, `untracked` one of a browser that
    asks not to be tracked, of which nothing is recorded.
    """

    status: Status
    event_id: str = ""
    problem: EventProblem | None = None


class EventIntake:
    """Records events of shoppers. Thread-safe."""

    def __init__(self, log: EventLog) -> None:
        self._log = log

    def take(
        self,
        events: Iterable[Json | EventProblem],
        visitor: Visitor | None,
        *,
        is_untracked: bool = False,
        has_other_names: bool = False,
    ) -> list[EventResult]:
        """Record events; return what became of each, in order.

        `visitor` is who sent them, where a page of ours did. An event may then name no other
        session or client; with `has_other_names`, as in interfaces of other systems, those that it
        names are replaced. Raises Busy when nothing can be recorded now; then none was.
        """
        results: list[EventResult] = []
        documents: dict[str, Json] = {}
        now = datetime.now(UTC)
        for value in events:
            if is_untracked:
                results.append(EventResult("untracked"))
                continue
            try:
                event = self._checked(value, visitor, has_other_names)
            except EventProblem as problem:
                results.append(EventResult("refused", problem=problem))
                continue
            event_id = event.event_id or secrets.token_urlsafe(16)
            key = event_key(event.client_id or event.application or "", event_id)
            is_double = key in documents
            results.append(EventResult("duplicate" if is_double else "accepted", event_id))
            documents.setdefault(key, event_document(event.document(), key, now))
        if documents:
            self._log.write(list(documents.values()))
        return results

    def _checked(
        self, value: Json | EventProblem, visitor: Visitor | None, has_other_names: bool
    ) -> ShopEvent:
        if isinstance(value, EventProblem):
            raise value
        event = read_event(value)
        application = event.application or OTHER_APPLICATION
        if visitor is None:
            return event.model_copy(update={"application": application})
        own = {"client_id": visitor.client_id, "session_id": visitor.session_id}
        for name, value_of_visitor in own.items():
            named = getattr(event, name)
            if named not in (None, value_of_visitor) and not has_other_names:
                raise EventProblem(
                    name, "other_visitor", "it is not the visitor's own: leave it out"
                )
        return event.model_copy(update={**own, "application": application})
