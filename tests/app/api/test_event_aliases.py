"""Events in the forms of other systems."""

from datetime import UTC, datetime
from secrets import token_hex

from flask.testing import FlaskClient

from mappings.events.ubi_mapping import EVENTS
from tests.support.event_client import client, of_session, post
from tests.support.shop import Shop
from tests.support.ubi import stored

__all__ = ["client"]

PRODUCT = "saleor-127"


def test_google_analytics_events_become_ours(shop: Shop, client: FlaskClient) -> None:
    session = token_hex(8)
    items = [
        {"item_id": PRODUCT, "index": 0, "price": 9.5, "quantity": 2},
        {"item_id": "b", "index": 1},
    ]
    params = {"session_id": session, "items": items, "currency": "EUR", "transaction_id": session}
    names = ("view_item_list", "select_item", "view_item", "add_to_cart", "purchase", "sign_up")
    events = [{"name": name, "params": params} for name in names]
    answer = post(client, {"client_id": "1.2", "events": events}, "/api/v1/events/ga4")
    assert (answer["accepted"], answer["items"][-1]["rule"]) == (10, "unknown_event")
    hits = stored(shop.environment, EVENTS, of_session(session), 10)
    assert {hit["action_name"] for hit in hits} == {
        "impression", "click", "view", "add_to_cart", "purchase",
    }  # fmt: skip
    first = next(hit for hit in hits if hit["action_name"] == "purchase")["event_attributes"]
    assert (first["price"], first["quantity"], first["currency"]) == (9.5, 2, "EUR")
    assert first["attributes"]["transaction_id"] == session


def test_algolias_events_become_ours(shop: Shop, client: FlaskClient) -> None:
    user = token_hex(8)
    shared = {"eventName": "Products", "userToken": user, "objectIDs": [PRODUCT, "b"]}
    events = [
        {**shared, "eventType": "click", "positions": [3, 4], "queryID": "q"},
        {**shared, "eventType": "conversion", "eventSubtype": "purchase",
         "objectData": [{"price": "9.5", "quantity": 2}]},
        {**shared, "eventType": "view", "timestamp": round(datetime.now(UTC).timestamp() * 1000)},
        {"eventType": "dream"},
    ]  # fmt: skip
    answer = post(client, {"events": events}, "/1/events")
    assert (answer["accepted"], answer["items"][-1]["rule"]) == (6, "unknown_event")
    hits = stored(shop.environment, EVENTS, {"term": {"client_id": user}}, 6)
    places = [
        hit["event_attributes"]["position"]["ordinal"]
        for hit in hits
        if hit["action_name"] == "click"
    ]
    assert sorted(places) == [3, 4]
    bought = [hit["event_attributes"] for hit in hits if hit["action_name"] == "purchase"]
    assert {attributes.get("price") for attributes in bought} >= {9.5}
