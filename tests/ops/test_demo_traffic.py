"""Simulated shoppers: labelled, bounded, repeatable, and on this machine alone."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from app.events.shop_event import read_event
from core.environment import Environment
from features.base import Json
from mappings.events.ubi_documents import is_query
from mappings.events.ubi_mapping import EVENTS, QUERIES
from ops.demo_experiment import DECLARATION, PICTURES, WORDS, declare
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


def test_searches_by_words_are_in_the_experiment_that_has_ended(tmp_path: Path) -> None:
    environment = Environment({"LOOKALIKE_STATE_DIR": str(tmp_path)})
    experiment, is_new = declare(environment, TRAFFIC.until, TRAFFIC.days)
    assert experiment is not None
    assert is_new
    assert declare(environment, TRAFFIC.until + timedelta(days=1), 3) == (experiment, False)
    assert not experiment.is_running(TRAFFIC.until + timedelta(seconds=1))
    searches = [*SEARCHES, replace(SEARCHES[0], is_picture=True, words="")]
    queries = filter(
        is_query, simulate(replace(TRAFFIC, experiment=experiment), searches, companions={})
    )
    variants = Counter(
        (bool(query["user_query"] != "image"), said.get("variant"))
        for query in queries
        if (said := query["query_attributes"]["lookalike"])
    )
    assert set(variants) == {(True, WORDS), (True, PICTURES), (False, None)}
    assert variants[True, PICTURES] == pytest.approx(variants[True, WORDS], rel=0.3)


def test_experiments_of_the_shop_are_left_alone(tmp_path: Path) -> None:
    own = tmp_path / "experiments.toml"
    own.write_text(
        DECLARATION.format(
            name="ours",
            start="2026-01-01T00:00:00Z",
            end="2026-02-01T00:00:00Z",
            words="a",
            pictures="b",
        )
    )
    before = own.read_text()
    environment = Environment({"LOOKALIKE_STATE_DIR": str(tmp_path)})
    assert declare(environment, TRAFFIC.until, 14) == (None, False)
    assert own.read_text() == before


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
    variants = {event["event_attributes"].get("variant") for event in events}
    assert {WORDS, PICTURES} <= variants
    queries = stored(shop.environment, QUERIES, ours, 100)
    assert any(query["user_query"].startswith("image:") for query in queries)
