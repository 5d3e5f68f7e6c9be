"""What the shop adds to an event by itself, and what it asks Elasticsearch for."""

from collections.abc import Mapping
from datetime import UTC, datetime

from app.events.product_facts import ProductFacts, ProductFactsReader
from app.events.query_origins import QueryOrigin, QueryOrigins
from app.events.ubi_delivery import completed_event
from core.errors import IndexMissing
from features.base import Json
from mappings.events.ubi_documents import Exposure, ShopQuery, query_document

FACTS = ProductFacts("Apparel > Shoes", 80.0, "USD")


def event(action: str, **attributes: Json) -> Json:
    return {
        "action_name": action,
        "query_id": "q1",
        "event_attributes": {
            "object": {"object_id": "p1"},
            "position": {"ordinal": 1},
            **attributes,
        },
    }


class Streams:
    """Answers searches of queries; those of `late` are there from the second search on."""

    def __init__(self, queries: Mapping[str, str], late: Mapping[str, str] | None = None) -> None:
        self.queries = dict(queries)
        self.late = dict(late or {})
        self.searches = 0

    def __call__(self, stream: str, body: Json) -> Json:
        (wanted,) = [clause["terms"]["query_id"] for clause in body["query"]["bool"]["filter"]]
        found = {key: text for key, text in self.queries.items() if key in wanted}
        self.searches += 1
        self.queries |= self.late
        hits = [{"_source": {"query_id": k, "user_query": text}} for k, text in found.items()]
        return {"hits": {"hits": hits}}


def test_purchase_without_a_price_has_the_products_own() -> None:
    attributes = completed_event(event("purchase"), FACTS, None)["event_attributes"]
    assert (attributes["price"], attributes["currency"], attributes["quantity"]) == (80.0, "USD", 1)


def test_price_that_was_paid_stays() -> None:
    paid = event("purchase", price=5.0, currency="EUR", quantity=3)
    attributes = completed_event(paid, FACTS, None)["event_attributes"]
    assert (attributes["price"], attributes["currency"], attributes["quantity"]) == (5.0, "EUR", 3)


def test_click_has_a_category_and_no_price() -> None:
    attributes = completed_event(event("click"), FACTS, None)["event_attributes"]
    assert attributes["category"] == "Apparel > Shoes"
    assert "price" not in attributes
    assert "quantity" not in attributes


def test_event_has_the_experiment_of_its_query() -> None:
    origin = QueryOrigin("red shoe", "ranking", "B")
    completed = completed_event(event("click"), FACTS, origin)
    assert completed["user_query"] == "red shoe"
    assert completed["event_attributes"]["experiment"] == "ranking"
    assert completed["event_attributes"]["variant"] == "B"
    assert completed["event_attributes"]["joined"] is True


def test_event_of_no_query_is_neither_joined_nor_unjoined() -> None:
    plain = {**event("view"), "query_id": None}
    assert "joined" not in completed_event(plain, FACTS, None)["event_attributes"]


def test_query_that_was_written_here_is_not_searched_for() -> None:
    streams = Streams({})
    origins = QueryOrigins(streams)
    query = ShopQuery(
        "q1", datetime.now(UTC), "shop-search", "shoe", exposure=Exposure("ranking", "B")
    )
    origins.remember([query_document(query)])
    assert origins.find(["q1"], 0.0) == {"q1": QueryOrigin("shoe", "ranking", "B")}
    assert streams.searches == 0


def test_query_of_another_worker_is_waited_for() -> None:
    pauses: list[float] = []
    streams = Streams({}, late={"q1": "shoe"})
    origins = QueryOrigins(streams, pauses.append)
    assert origins.find(["q1"], 0.5) == {"q1": QueryOrigin("shoe")}
    assert pauses == [1.5]


def test_query_that_never_comes_is_waited_for_twice() -> None:
    pauses: list[float] = []
    assert QueryOrigins(Streams({}), pauses.append).find(["q1"], 0.5) == {}
    assert pauses == [1.5, 3.0]


def test_old_event_of_an_unknown_query_waits_for_nothing() -> None:
    pauses: list[float] = []
    origins = QueryOrigins(Streams({}), pauses.append)
    assert origins.find(["q1"], 10.0) == {}
    assert pauses == []


def test_first_event_of_all_finds_no_stream_of_queries() -> None:
    def search(stream: str, body: Json) -> Json:
        raise IndexMissing("nobody has asked anything")

    assert QueryOrigins(search).find(["q1"], 10.0) == {}


def test_products_are_read_once_in_a_batch() -> None:
    reads: list[list[str]] = []

    def read(ids: list[str]) -> dict[str, Json]:
        reads.append(ids)
        return {"a": {"category": ["Home", "Home > Lamps"], "price": 9.0}}

    reader = ProductFactsReader(read)
    assert reader.read(["a", "b", "a"]) == {"a": ProductFacts("Home > Lamps", 9.0), "b": None}
    assert reader.read(["a", "b"])["b"] is None
    assert reads == [["a", "b"]]
