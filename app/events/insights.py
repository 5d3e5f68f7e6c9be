"""Events as Algolia's Insights API takes them (`/1/events`), in User Behavior Insights' form.

https://www.algolia.com/doc/rest-api/insights. An event of several objects becomes one for each.
"""

from collections.abc import Iterator, Mapping

from app.events.foreign_values import since_1970, without_none
from app.events.shop_event import EventProblem
from features.base import Json

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
        "timestamp": since_1970(event.get("timestamp"), per_second=1_000),
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
            **without_none(shared),
            "event_attributes": {
                "position": {"ordinal": position},
                "object": {"object_id": object_id},
                **without_none(values),
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
