"""Events of shoppers over HTTP: checked one by one, recorded once, joined to their queries."""

import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from secrets import token_hex

import pytest
from flask.testing import FlaskClient
from PIL import Image

from features.base import Json
from mappings.events.ubi_documents import exported
from mappings.events.ubi_mapping import EVENTS, QUERIES
from tests.support.event_client import client, of_session, post
from tests.support.shop import Shop
from tests.support.ubi import click, faults_of, now, stored
from tests.support.uploads import form

__all__ = ["client"]

PRODUCT = "saleor-127"


@pytest.fixture(scope="module")
def browser(shop: Shop) -> Iterator[FlaskClient]:
    """A browser that has visited the shop."""
    with shop.app() as app:
        browser = app.test_client()
        browser.get("/", headers={"Accept": "text/html"})
        yield browser


def problem(client: FlaskClient, event: Json) -> tuple[str, str]:
    (item,) = post(client, event)["items"]
    assert item["status"] == "refused"
    assert item["detail"]
    return item["field"], item["rule"]


def test_event_is_joined_to_its_query_and_knows_its_products_category(
    shop: Shop, client: FlaskClient
) -> None:
    session = token_hex(8)
    found = client.get("/api/v1/search?q=plimsolls").json
    assert found is not None
    event = click(found["hits"][0]["id"], session_id=session, query_id=found["query_id"])
    bought = {**event, "action_name": "purchase", "event_id": "p1"}
    assert post(client, [event, bought])["accepted"] == 2
    first, second = stored(shop.environment, EVENTS, of_session(session), 2)
    attributes = first["event_attributes"]
    assert attributes["known"] is True
    assert attributes["joined"] is True
    assert attributes["category"]
    assert attributes["position"] == {"ordinal": 1}
    assert "price" not in attributes
    assert first["user_query"] == "plimsolls"
    assert second["event_attributes"]["price"] > 0
    assert second["event_attributes"]["quantity"] == 1
    assert faults_of("event", exported(first)) == []
    (query,) = stored(
        shop.environment,
        QUERIES,
        {"term": {"query_id": found["query_id"]}},
        1,
    )
    assert query["query_attributes"]["lookalike"]["plan"] == found["plan"]
    assert query["query_response_hit_ids"] == [hit["id"] for hit in found["hits"]]
    assert faults_of("query", exported(query)) == []


def test_unknown_query_and_product_are_accepted_and_marked(shop: Shop, client: FlaskClient) -> None:
    session = token_hex(8)
    post(client, click("no-such-product", session_id=session, query_id="no-such-query"))
    (event,) = stored(shop.environment, EVENTS, of_session(session), 1)
    assert event["event_attributes"]["known"] is False
    assert event["event_attributes"]["joined"] is False
    assert "category" not in event["event_attributes"]


def test_event_that_is_sent_again_counts_once(shop: Shop, client: FlaskClient) -> None:
    session = token_hex(8)
    event = click(PRODUCT, session_id=session, client_id=session, event_id="e1")
    answer = post(client, [event, event])
    assert [item["status"] for item in answer["items"]] == ["accepted", "duplicate"]
    post(client, event)
    # Of another client the same id is another event.
    post(client, {**event, "client_id": f"{session}-b"})
    post(client, click(PRODUCT, session_id=session, event_id="last"))
    hits = stored(
        shop.environment,
        EVENTS,
        of_session(session),
        3,
    )
    assert len(hits) == 3


@pytest.mark.parametrize(
    ("change", "field", "rule"),
    [
        ({"timestamp": "2026-01-01T10:00:00"}, "timestamp", "time_without_zone"),
        (
            {"timestamp": (datetime.now(UTC) + timedelta(hours=1)).isoformat()},
            "timestamp",
            "in_the_future",
        ),
        ({"timestamp": "2001-01-01T00:00:00Z"}, "timestamp", "too_old"),
        ({"timestamp": "yesterday"}, "timestamp", "datetime_from_date_parsing"),
        ({"action_name": "x" * 101}, "action_name", "string_too_long"),
        ({"query_id": 7}, "query_id", "string_type"),
        ({"e_mail": "a@b.example"}, "e_mail", "extra_forbidden"),
        (
            {"event_attributes": {"position": {}}},
            "event_attributes.position",
            "position_form",
        ),
        (
            {"event_attributes": {"position": {"ordinal": -1}}},
            "event_attributes.position.ordinal",
            "greater_than_equal",
        ),
        (
            {"event_attributes": {"price": -1}},
            "event_attributes.price",
            "greater_than_equal",
        ),
        ({"event_attributes": {"free": "x" * 5000}}, "event_attributes", "attributes_too_long"),
        ({"event_attributes": {"": 1}}, "event_attributes", "attributes_form"),
        ({"event_attributes": {"a": [[[[[[1]]]]]]}}, "event_attributes", "attributes_form"),
    ],
)
def test_bad_event_is_refused_by_field_and_rule(
    client: FlaskClient, change: Json, field: str, rule: str
) -> None:
    assert problem(client, click(PRODUCT, **change)) == (field, rule)


def test_one_bad_event_lets_the_others_in(client: FlaskClient) -> None:
    answer = post(client, [click(PRODUCT), "no event", {"action_name": "click"}])
    assert (answer["accepted"], answer["errors"]) == (1, True)
    assert [item["rule"] for item in answer["items"]] == [None, "not_an_object", "missing"]


def test_lines_are_taken_as_an_array_is(client: FlaskClient) -> None:
    lines = "\n".join([json.dumps(click(PRODUCT)), "", json.dumps(click(PRODUCT)), "{broken"])
    answer = client.post("/api/v1/events", data=lines, content_type="application/x-ndjson").json
    assert answer is not None
    assert [item["status"] for item in answer["items"]] == ["accepted", "accepted", "refused"]


@pytest.mark.parametrize("number", [1_001, 100_000])
def test_too_many_events_are_refused_with_the_limit(client: FlaskClient, number: int) -> None:
    answer = client.post("/api/v1/events", data=b"[" + b",".join([b"{}"] * number) + b"]")
    assert answer.status_code == 413
    assert answer.json is not None
    assert answer.json["code"] == "too_many_events"
    assert "1,000 events" in answer.json["detail"]


def test_too_many_bytes_are_refused(client: FlaskClient) -> None:
    answer = client.post("/api/v1/events", data=b'{"message": "' + b"x" * 3_000_000 + b'"}')
    assert answer.status_code == 413


def test_body_that_is_no_json_is_refused(client: FlaskClient) -> None:
    assert client.post("/api/v1/events", data=b"action=click").status_code == 400


def test_page_of_ours_speaks_for_its_own_visitor_alone(shop: Shop, browser: FlaskClient) -> None:
    assert problem(browser, click(PRODUCT, session_id="of-somebody-else")) == (
        "session_id",
        "other_visitor",
    )
    key = token_hex(8)
    post(browser, click(PRODUCT, message=key))
    post(browser, {**click(PRODUCT, message=key), "action_name": "view"})
    hits = stored(shop.environment, EVENTS, {"match": {"message": key}}, 2)
    assert len({(hit["client_id"], hit["session_id"]) for hit in hits}) == 1
    assert len(hits[0]["session_id"]) == 22


def test_search_of_a_visitor_has_the_visitors_pseudonyms(shop: Shop, browser: FlaskClient) -> None:
    key = token_hex(8)
    browser.get(f"/search?q={key}", headers={"Accept": "text/html"})
    post(browser, click(PRODUCT, message=key))
    (query,) = stored(shop.environment, QUERIES, {"term": {"user_query": key}}, 1)
    (event,) = stored(shop.environment, EVENTS, {"match": {"message": key}}, 1)
    assert query["session_id"] == event["session_id"]
    assert query["application"] == "shop-search"


@pytest.mark.parametrize("header", ["DNT", "Sec-GPC"])
def test_browser_that_asks_not_to_be_tracked_is_nobody(shop: Shop, header: str) -> None:
    with shop.app() as app:
        browser = app.test_client()
        page = browser.get("/", headers={"Accept": "text/html", header: "1"})
        assert "lookalike_visitor" not in page.headers.get("Set-Cookie", "")
        answer = browser.post("/api/v1/events", json=click(PRODUCT), headers={header: "1"}).json
    assert answer is not None
    assert answer["accepted"] == 0
    assert answer["items"][0]["status"] == "untracked"


def test_events_are_refused_where_they_are_not_recorded(shop: Shop) -> None:
    with shop.app(shop_events=False) as app:
        browser = app.test_client()
        page = browser.get("/", headers={"Accept": "text/html"})
        assert "lookalike_visitor" not in page.headers.get("Set-Cookie", "")
        answer = browser.post("/api/v1/events", json=click(PRODUCT))
    assert answer.status_code == 403


def test_copies_of_one_photo_are_one_query(shop: Shop, client: FlaskClient) -> None:
    asked = {
        name: client.post("/api/v1/search", **form(shop.picture(name))).json
        for name in ("saleor-beanie-1.png", "saleor-white-plimsolls-1.png")
    }
    recoded = client.post("/api/v1/search", **form(jpeg(shop.picture("saleor-beanie-1.png")))).json
    ids = [answer["query_id"] for answer in (*asked.values(), recoded) if answer]
    hits = stored(shop.environment, QUERIES, {"terms": {"query_id": ids}}, 3)
    said = {hit["query_id"]: hit["user_query"] for hit in hits}
    beanie, plimsolls, again = (said[key] for key in ids)
    assert beanie.startswith("image:")
    assert beanie == again
    assert plimsolls != beanie


def jpeg(data: bytes) -> bytes:
    """Return the picture as a smaller JPEG, on white."""
    with Image.open(io.BytesIO(data)) as image:
        page = Image.new("RGBA", image.size, "white")
        page.alpha_composite(image.convert("RGBA"))
    small = page.convert("RGB")
    small.thumbnail((400, 400))
    file = io.BytesIO()
    small.save(file, "JPEG", quality=60)
    return file.getvalue()


def test_every_stored_event_is_one_of_ubi(shop: Shop, client: FlaskClient) -> None:
    session = token_hex(8)
    events = [
        click(PRODUCT, session_id=session, event_attributes={"colour": "red", "known": False}),
        {"action_name": "login", "timestamp": now(), "session_id": session, "user_id": "u1"},
        click("7", session_id=session, event_attributes={"position": {"xy": {"x": 1, "y": 2.5}}}),
    ]
    assert post(client, events)["accepted"] == 3
    hits = stored(shop.environment, EVENTS, of_session(session), 3)
    assert [faults_of("event", exported(hit)) for hit in hits] == [[], [], []]
    assert "u1" not in str(hits)
    (coloured,) = [hit for hit in hits if "attributes" in hit["event_attributes"]]
    assert coloured["event_attributes"]["attributes"] == {"colour": "red"}
    assert coloured["event_attributes"]["known"] is True
