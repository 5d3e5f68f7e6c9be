"""Simulated shoppers: labelled, bounded, repeatable, and on this machine alone."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner

from app.events.shop_event import read_event
from features.base import Json
from mappings.events.ubi_documents import is_query
from mappings.events.ubi_mapping import EVENTS, QUERIES
from ops.demo_shoppers import APPLICATION, DemoSearch, Traffic, simulate
from ops.demo_traffic import main, require_loopback
from ops.errors import StageFailed
from tests.support.shop import Shop
from tests.support.ubi import stored

SEARCHES = [
    DemoSearch(f"words {n}", tuple(f"p{n}-{place}" for place in range(24))) for n in range(5)
]
TRAFFIC = Traffic(visits=300, days=14, until=datetime.now(UTC))


def documents(traffic: Traffic = TRAFFIC) -> list[Json]:
    return list(simulate(traffic, SEARCHES, {"p0-0": "p4-0"}))


def test_everything_is_labelled_and_within_the_fortnight() -> None:
    first = TRAFFIC.until - timedelta(days=15)
    for document in documents():
        assert document["application"] == APPLICATION
        assert document["session_id"].startswith("demo-")
        assert first < datetime.fromisoformat(document["timestamp"]) <= TRAFFIC.until


def test_events_are_ones_that_the_shop_takes_and_follow_their_queries() -> None:
    queries = set()
    for document in documents():
        if is_query(document):
            queries.add(document["query_id"])
        else:
            read_event(document)
            assert document["query_id"] in queries


def test_first_places_are_seen_and_clicked_more_than_later_ones() -> None:
    events = [document for document in documents() if not is_query(document)]
    places = Counter(
        (event["action_name"], event["event_attributes"]["position"]["ordinal"]) for event in events
    )
    assert places["impression", 1] > 2 * places["impression", 10] > 0
    actions = Counter(event["action_name"] for event in events)
    assert actions["impression"] > actions["click"] > actions["add_to_cart"] > 0
    assert actions["purchase"] > 0


def test_same_seed_makes_the_same_visits() -> None:
    assert documents() == documents()
    fewer = documents(Traffic(visits=100, days=14, until=TRAFFIC.until))
    ids = {document.get("event_id") for document in documents()}
    assert {document.get("event_id") for document in fewer} <= ids


@pytest.mark.parametrize(
    "url", ["https://search.example:9200", "http://127.0.0.1:9200,http://b:9200"]
)
def test_other_machines_get_none(url: str) -> None:
    with pytest.raises(StageFailed, match="nothing was written"):
        require_loopback(url)


def test_fortnight_is_written_once_and_relates_products(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in shop.environment.values.items():
        monkeypatch.setenv(name, value)
    arguments = ["--visits", "150", "--seed", "99"]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 0, result.output
    ours: Json = {"prefix": {"session_id": "demo-99-"}}
    events = stored(shop.environment, EVENTS, ours, 300)
    assert CliRunner().invoke(main, arguments).exit_code == 0
    again = stored(shop.environment, EVENTS, ours, 300)
    assert {event["event"]["id"] for event in again} == {event["event"]["id"] for event in events}
    assert all(event["event_attributes"]["joined"] for event in events)
    assert all(event["event_attributes"]["known"] for event in events)
    queries = stored(shop.environment, QUERIES, ours, 100)
    assert any(query["user_query"].startswith("image:") for query in queries)
