"""An event as clients send it: User Behavior Insights 1.3.0, with an id that makes it repeatable.

https://github.com/o19s/ubi, schema/1.3.0/event.schema.json (Apache-2.0). Limits of length are
UBI's; those of time and numbers are ours.
"""

import json
import math
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from features.base import Json
from mappings.events.event_documents import RETENTION_DAYS
from mappings.events.ubi_documents import OBJECT_ID_FIELD, zoned

ACTIONS = ("impression", "click", "view", "watch", "add_to_cart", "purchase", "click_through")
"""UBI's own actions; others are accepted too."""

LATE = timedelta(days=RETENTION_DAYS)
AHEAD = timedelta(minutes=5)
"""How far a browser's clock may run ahead."""

ATTRIBUTES_BYTES, ATTRIBUTES_DEPTH = 4_000, 5
"""Limits on an event's free attributes: as JSON, and in levels of objects and lists."""

Name = Annotated[str, Field(min_length=1, max_length=100)]
Identifier = Annotated[str, Field(min_length=1, max_length=256)]


def _check_time(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise PydanticCustomError("time_without_zone", "end it with Z or an offset such as +02:00")
    now = datetime.now(UTC)
    if at > now + AHEAD:
        raise PydanticCustomError("in_the_future", "it lies in the future: check the clock")
    if at < now - LATE:
        raise PydanticCustomError(
            "too_old", "it is older than the {days} days that events are kept", {"days": LATE.days}
        )
    return at


class XY(BaseModel):
    """A place on the screen."""

    x: float = Field(allow_inf_nan=False)
    y: float = Field(allow_inf_nan=False)


class Position(BaseModel):
    """Where an object was: its place in a list, from 1, or a place on the screen.

    `ordinal` 0 stands for no list.
    """

    model_config = ConfigDict(extra="forbid")

    ordinal: int | None = Field(None, ge=0, le=1_000_000)
    xy: XY | None = None

    @model_validator(mode="after")
    def check_form(self) -> "Position":
        """Refuse a position that has neither form or both."""
        if (self.ordinal is None) == (self.xy is None):
            raise PydanticCustomError("position_form", "send either ordinal or xy")
        return self


class EventObject(BaseModel):
    """What an event is about: a product, by its id."""

    model_config = ConfigDict(extra="forbid", coerce_numbers_to_str=True)

    object_id: Identifier
    object_id_type: Name | None = None
    object_id_field: Name = OBJECT_ID_FIELD
    internal_id: Identifier | None = None


class EventAttributes(BaseModel):
    """The attributes of an event; those of other names are kept as free ones."""

    model_config = ConfigDict(extra="allow")

    object: EventObject | None = None
    position: Position = Field(default_factory=lambda: Position(ordinal=0))
    price: float | None = Field(None, ge=0, le=1e9, allow_inf_nan=False)
    currency: str | None = Field(None, pattern="^[A-Z]{3}$")
    quantity: int | None = Field(None, ge=1, le=100_000)


def _no_attributes() -> EventAttributes:
    return EventAttributes.model_validate({})


class ShopEvent(BaseModel):
    """One event."""

    model_config = ConfigDict(extra="forbid")

    action_name: Name
    timestamp: Annotated[datetime, AfterValidator(_check_time)]
    event_id: Name | None = Field(None, description="sent again, the event counts once")
    application: Name | None = None
    query_id: Name | None = Field(None, description="the `query_id` of the search it follows")
    session_id: Name | None = None
    client_id: Name | None = None
    user_id: Name | None = Field(None, description="not kept")
    user_query: str | None = Field(None, max_length=1024)
    message: str | None = Field(None, max_length=1024)
    message_type: Name | None = None
    event_attributes: EventAttributes = Field(default_factory=_no_attributes)

    def document(self) -> dict[str, Json]:
        """Return the event in UBI's form, without what is empty and without `user_id`."""
        plain: dict[str, Json] = self.model_dump(
            mode="json",
            exclude={"event_id", "user_id", "timestamp", "event_attributes"},
            exclude_none=True,
        )
        return {
            **plain,
            "timestamp": zoned(self.timestamp),
            "event_attributes": _attributes(self.event_attributes),
        }


class EventProblem(ValueError):
    """Why an event is refused: the field, the rule that it breaks, and what to do."""

    def __init__(self, field: str, rule: str, detail: str) -> None:
        super().__init__(detail)
        self.field = field
        self.rule = rule
        self.detail = detail


SET_BY_SHOP = frozenset({"known", "joined", "category", "experiment", "variant"})
"""Attributes that the shop knows itself: what clients say of them is dropped."""


def read_event(value: Json) -> ShopEvent:
    """Return an event; raises EventProblem naming the field and the rule."""
    if not isinstance(value, Mapping):
        raise EventProblem("", "not_an_object", "an event is a JSON object")
    try:
        event = ShopEvent.model_validate(value)
    except ValidationError as error:
        problem = error.errors(include_url=False, include_input=False)[0]
        raise EventProblem(
            ".".join(map(str, problem["loc"])), problem["type"], problem["msg"]
        ) from error
    _check_free(event.event_attributes.model_extra or {})
    return event


def _check_free(attributes: Json) -> None:
    """Raise EventProblem for free attributes that could not be stored."""
    if not _is_storable(attributes, ATTRIBUTES_DEPTH):
        raise EventProblem(
            "event_attributes",
            "attributes_form",
            f"free attributes have names of 1 to 100 printable characters, finite numbers, and at "
            f"most {ATTRIBUTES_DEPTH} levels",
        )
    if len(json.dumps(attributes)) > ATTRIBUTES_BYTES:
        raise EventProblem(
            "event_attributes",
            "attributes_too_long",
            f"free attributes may have {ATTRIBUTES_BYTES:,} bytes as JSON",
        )


def _is_storable(value: Json, levels: int) -> bool:
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, Mapping):
        return levels > 0 and all(
            0 < len(name) <= 100 and name.isprintable() and _is_storable(inner, levels - 1)
            for name, inner in value.items()
        )
    if isinstance(value, list):
        return levels > 0 and all(_is_storable(inner, levels - 1) for inner in value)
    return True


def _attributes(attributes: EventAttributes) -> dict[str, Json]:
    plain: dict[str, Any] = attributes.model_dump(mode="json", exclude_none=True)
    extra = {name: plain.pop(name) for name in attributes.model_extra or {} if name in plain}
    free = extra.pop("attributes", {})
    free = {**(free if isinstance(free, Mapping) else {"attributes": free}), **extra}
    free = {name: value for name, value in free.items() if name not in SET_BY_SHOP}
    return {**plain, **({"attributes": free} if free else {})}
