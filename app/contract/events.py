"""The answer to shoppers' events, and how it is made."""

from collections.abc import Sequence
from typing import Literal

from pydantic import BaseModel, Field

from app.events.intake import EventResult


class EventItemOut(BaseModel):
    """What became of an event."""

    event_id: str | None = Field(description="its id, one of ours where it had none")
    status: Literal["accepted", "duplicate", "refused", "untracked"] = Field(
        description="`duplicate`: its id came before in this request; `untracked`: the browser "
        "asks not to be tracked, so nothing is recorded"
    )
    field: str | None = Field(description="of a refused one: the field at fault")
    rule: str | None = Field(description="of a refused one: the rule it breaks, a stable word")
    detail: str | None = Field(description="of a refused one: what to do")


class EventsOut(BaseModel):
    """What became of the events of a request."""

    accepted: int
    errors: bool = Field(description="whether any was refused")
    items: list[EventItemOut] = Field(description="in the order of the events")


def events_out(results: Sequence[EventResult]) -> EventsOut:
    """Return what became of events for callers."""
    return EventsOut(
        accepted=sum(result.status == "accepted" for result in results),
        errors=any(result.status == "refused" for result in results),
        items=[_item(result) for result in results],
    )


def _item(result: EventResult) -> EventItemOut:
    problem = result.problem
    return EventItemOut(
        event_id=result.event_id or None,
        status=result.status,
        field=problem.field if problem else None,
        rule=problem.rule if problem else None,
        detail=problem.detail if problem else None,
    )
