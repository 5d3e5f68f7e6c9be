"""Events as Google Analytics 4's Measurement Protocol sends them, in User Behavior Insights' form.

https://developers.google.com/analytics/devguides/collection/protocol/ga4. Names and parameters of
e-commerce are Google's; an event of several items becomes one event for each.
"""

from collections.abc import Iterator, Mapping

from app.events.foreign_values import since_1970, without_none
from app.events.shop_event import EventProblem
from features.base import Json

ACTIONS: Mapping[str, str] = {
    "view_item_list": "impression",
    "select_item": "click",
    "view_item": "view",
    "add_to_cart": "add_to_cart",
    "add_to_wishlist": "watch",
    "purchase": "purchase",
}


def ubi_events(body: Mapping[str, Json], event: Json) -> Iterator[Json | EventProblem]:
    """Yield the events of one of GA4's, or why it is none that we know.

    `query_id` and `event_id` may be among its `params`; the items share an id by their number.
    """
    if not isinstance(event, Mapping) or str(event.get("name")) not in ACTIONS:
        yield EventProblem("name", "unknown_event", f"it is none of {', '.join(ACTIONS)}")
        return
    given = event.get("params")
    params: Mapping[str, Json] = given if isinstance(given, Mapping) else {}
    listed = params.get("items")
    items: list[Json] = listed if isinstance(listed, list) else []
    session = params.get("session_id", params.get("ga_session_id"))
    shared = {
        "action_name": ACTIONS[event["name"]],
        "timestamp": since_1970(
            event.get("timestamp_micros", body.get("timestamp_micros")), per_second=1_000_000
        ),
        "client_id": body.get("client_id"),
        "session_id": None if session is None else str(session),
        "query_id": params.get("query_id"),
        "message_type": "GA4",
    }
    for number, item in enumerate(items or [{}]):
        yield {
            **without_none(shared),
            **_event_id(event["name"], params, number),
            "event_attributes": _attributes(params, item if isinstance(item, Mapping) else {}),
        }


def _attributes(params: Mapping[str, Json], item: Mapping[str, Json]) -> Json:
    index = item.get("index")
    key = item.get("item_id", item.get("item_name"))
    values = {
        "price": item.get("price"),
        "quantity": item.get("quantity"),
        "currency": params.get("currency"),
        "transaction_id": params.get("transaction_id"),
        "item_list_id": item.get("item_list_id", params.get("item_list_id")),
    }
    return {
        # GA4 counts places in a list as each shop likes, most from 0; UBI's first is 1.
        "position": {"ordinal": index + 1 if isinstance(index, int) else 0},
        "object": {"object_id": key},
        **without_none(values),
    }


def _event_id(name: str, params: Mapping[str, Json], number: int) -> dict[str, str]:
    """Return the id of an item's event: a purchase that is reported again counts once."""
    key = params.get("event_id", params.get("transaction_id"))
    return {} if key is None else {"event_id": f"{name}:{str(key)[:70]}:{number}"}
