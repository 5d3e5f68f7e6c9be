"""Only what many asked, and what found something, is suggested to others."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from features.base import Json
from mappings.engine.gateway import Gateway
from mappings.events import event_documents as events
from mappings.events.popular_queries import is_public, popular_body, read_popular


@pytest.fixture
def index(gateway: Gateway) -> Iterator[str]:
    name = f"lookalike-events-{uuid4().hex}"
    mappings = events.index_template()["template"]["mappings"]
    gateway.create_index(name, mappings, {"index.number_of_replicas": 0})
    yield name
    gateway.delete_index(name)


def event(
    words: str,
    address: str,
    *,
    total: int = 3,
    days: float = 0,
    pictures: int = 0,
    page: int = 1,
    filters: Json = None,
) -> Json:
    request = events.RecordedRequest(
        uuid4().hex, datetime.now(UTC) - timedelta(days=days), 5.0, client_address=address
    )
    query = events.RecordedQuery(uuid4().hex, words, filters or {}, pictures=pictures, page=page)
    return events.search_event(
        events.SearchRecord(request, query, None, events.RecordedResults(total))
    )


def networks(count: int) -> list[str]:
    return [f"203.0.{number}.7" for number in range(count)]


def popular(gateway: Gateway, index: str, *recorded: Json) -> list[str]:
    gateway.bulk_create(index, [(e["event"]["id"], e) for e in recorded], stream=False)
    gateway.refresh(index)
    return read_popular(gateway.search(index, popular_body(3)), 3)


def test_queries_of_several_networks_are_popular_the_most_asked_first(
    gateway: Gateway, index: str
) -> None:
    recorded = [event("Rain boots", address) for address in networks(4)]
    recorded += [event("silk scarf", address) for address in networks(6)]
    assert popular(gateway, index, *recorded) == ["silk scarf", "rain boots"]


@pytest.mark.parametrize(
    "recorded",
    [
        [event("my secret", "203.0.113.7") for _ in range(50)],
        [event("my secret", f"203.0.113.{host}") for host in range(50)],
        [event("nothing there", address, total=0) for address in networks(5)],
        [event("long ago", address, days=40) for address in networks(5)],
        [event("with a photo", address, pictures=1) for address in networks(5)],
        [event("second page", address, page=2) for address in networks(5)],
        [event("narrowed", address, filters={"brand": ["X"]}) for address in networks(5)],
        [event("ann@example.org", address) for address in networks(5)],
        [event("", address) for address in networks(5)],
    ],
    ids=[
        "one person", "one network", "no results", "old", "photo", "page 2", "filter", "e-mail",
        "no words",
    ],
)  # fmt: skip
def test_everything_else_stays_private(gateway: Gateway, index: str, recorded: list[Json]) -> None:
    assert popular(gateway, index, *recorded) == []


@pytest.mark.parametrize(
    "query",
    [
        "ann@example.org", "ann＠example.org", "+44 20 7946 0958", "090-1234-5678",
        "(020) 7946 0958", "https://example.org/x", "www.example.org", "4111 1111 1111 1111",
        "x" * 80,
    ],
)  # fmt: skip
def test_addresses_and_numbers_of_people_are_private(query: str) -> None:
    assert not is_public(events.normalise_words(query))


@pytest.mark.parametrize("query", ["size 42 boots", "500 ml", "under 1000", "赤い靴", "iphone 15"])
def test_questions_with_numbers_are_public(query: str) -> None:
    assert is_public(query)
