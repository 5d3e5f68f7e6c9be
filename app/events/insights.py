"""Events as Algolia's Insights API takes them (`/1/events`), in User Behavior Insights' form.

https://www.algolia.com/doc/rest-api/insights. An event of several objects becomes one for each.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from app.events.shop_event import EventProblem
from features.base import Json
from mappings.events.ubi_documents import zoned

ACTIONS: Mapping[tuple[str, str], str] = {
    ("view", ""): "impression",
    ("click", ""): "click",
    ("conversion", ""): "click_through",
    ("conversion", "addToCart"): "add_to_cart",
    ("conversion", "purchase"): "purchase",
}
"""Type and subtype of Algolia's → action."""


def ubi_events(event: Json) -> Iterator[Json | EventProblem]:
    """Yield the events of one of Algolia's, or why it is none that we know."""
    action = _action(event)
    if action is None:
        detail = "eventType is view, click or conversion; eventSubtype addToCart or purchase"
        yield EventProblem("eventType", "unknown_event", detail)
        return
    shared = {
        "action_name": action,
        "timestamp": _time(event.get("timestamp")),
        "client_id": event.get("userToken"),
        "query_id": event.get("queryID"),
        "message": event.get("eventName"),
        "message_type": "INSIGHTS",
    }
    objects = _list(event, "objectIDs") or [None]
    positions, data = _list(event, "positions"), _list(event, "objectData")
    for number, object_id in enumerate(objects):
        details = data[number] if number < len(data) and _is_object(data[number]) else {}
        values = {
            "price": _number(details.get("price")),
            "quantity": details.get("quantity"),
            "currency": event.get("currency"),
        }
        position = positions[number] if number < len(positions) else 0
        yield {
            **{name: value for name, value in shared.items() if value is not None},
            "event_attributes": {
                "position": {"ordinal": position},
                "object": {"object_id": object_id},
                **{name: value for name, value in values.items() if value is not None},
            },
        }


def _action(event: Json) -> str | None:
    if not isinstance(event, Mapping):
        return None
    return ACTIONS.get((str(event.get("eventType")), str(event.get("eventSubtype") or "")))


def _is_object(value: Json) -> bool:
    return isinstance(value, Mapping)


def _list(event: Mapping[str, Json], name: str) -> list[Json]:
    value = event.get(name)
    return value if isinstance(value, list) else []


def _number(price: Json) -> Json:
    """Return a price, which Algolia also takes as text, as a number where it is one."""
    try:
        return float(price) if isinstance(price, str) else price
    except ValueError:
        return price


def _time(millis: Json) -> Json:
    if millis is None:
        return zoned(datetime.now(UTC))
    try:
        return zoned(datetime.fromtimestamp(int(millis) / 1e3, UTC))
    except (ValueError, TypeError, OverflowError, OSError):
        return str(millis)[:40]
