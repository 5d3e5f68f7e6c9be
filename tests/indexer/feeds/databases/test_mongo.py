"""MongoDB: reading and watermarks on a real server that speaks its protocol (FerretDB).

FerretDB has no change streams, and no other server can be had here. So those are tested with the
events that MongoDB's manual documents, in a stream that stands in for the driver's.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pymongo
import pytest
from bson import Decimal128, ObjectId

from core.environment import Environment
from indexer.errors import FeedUnreadable, PositionLost
from indexer.feeds.changes import ChangePage, Removal
from indexer.feeds.conformance import ReaderConformance
from indexer.feeds.databases import change_events, mongo
from indexer.feeds.databases.cell_values import cell
from indexer.feeds.databases.mongo import MongoReader
from indexer.feeds.databases.source_settings import read_settings
from indexer.feeds.reader import Reader, ReadReport
from indexer.feeds.rows import Row
from indexer.feeds.source import Source

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)
NOTHING = Environment({})


@pytest.fixture
def products(mongodb: str) -> Iterator[Any]:
    with pymongo.MongoClient[dict[str, Any]](mongodb) as client:
        collection = client.shop.products
        collection.drop()
        yield collection


@pytest.fixture
def source(mongodb: str) -> Source:
    return Source(f"{mongodb}?watermark=updated_at&deleted=deleted")


@pytest.fixture
def reader() -> MongoReader:
    return MongoReader(NOTHING)


class TestMongo(ReaderConformance):
    @pytest.fixture
    def reader(self) -> Reader:
        return MongoReader(NOTHING)

    @pytest.fixture
    def source(self, mongodb: str, products: Any) -> Source:
        products.insert_many(
            [{"_id": f"p{n}", "title": "Mug", "image_link": f"{n}.jpg"} for n in range(3)]
        )
        return Source(mongodb)


def changed(pages: list[ChangePage]) -> list[str]:
    return [
        f"-{change.id}" if isinstance(change, Removal) else str(change.cells["id"])
        for page in pages
        for change in page.changes
        if isinstance(change, Row | Removal)
    ]


def test_absent_and_null_are_two_things(reader: MongoReader, source: Source, products: Any) -> None:
    products.insert_one({"_id": 1, "brand": None, "price": 12.5})
    (row,) = [row for row in reader.read(source, ReadReport()) if isinstance(row, Row)]
    assert row.cells == {"id": 1, "brand": None, "price": 12.5}


def test_documents_with_an_id_of_their_own_are_known_by_it(
    reader: MongoReader, source: Source, products: Any
) -> None:
    key = ObjectId()
    products.insert_many([{"_id": key, "id": "mug-1"}, {"_id": ObjectId(), "id": "mug-2"}])
    rows = [row for row in reader.read(source, ReadReport()) if isinstance(row, Row)]
    assert sorted(str(row.cells["id"]) for row in rows) == ["mug-1", "mug-2"]
    assert reader.columns(source) == ("id",)


def test_filter_is_json(reader: MongoReader, mongodb: str, products: Any) -> None:
    products.insert_many([{"_id": 1, "shop": "a"}, {"_id": 2, "shop": "b"}])
    rows = list(reader.read(Source(f'{mongodb}?query={{"shop": "b"}}'), ReadReport()))
    assert [row.cells["id"] for row in rows if isinstance(row, Row)] == [2]
    with pytest.raises(FeedUnreadable, match="no JSON"):
        list(reader.read(Source(f"{mongodb}?query=shop=b"), ReadReport()))


def test_changes_come_by_the_watermark_where_there_is_no_stream(
    reader: MongoReader, source: Source, products: Any
) -> None:
    products.insert_one({"_id": 1, "updated_at": NOON})
    position = reader.position(source)
    assert position is not None
    products.insert_one({"_id": 2, "updated_at": NOON + timedelta(minutes=1)})
    products.update_one(
        {"_id": 1}, {"$set": {"deleted": True, "updated_at": NOON + timedelta(minutes=2)}}
    )
    pages = list(reader.changes(source, position, ReadReport()))
    assert changed(pages) == ["2", "-1"]
    assert changed(list(reader.changes(source, pages[-1].position, ReadReport()))) == ["-1"]
    products.delete_many({"_id": 1})
    with pytest.raises(PositionLost, match="gone back"):
        list(reader.changes(source, pages[-1].position, ReadReport()))


def test_without_watermark_or_stream_nothing_tells_changes(
    reader: MongoReader, mongodb: str, products: Any
) -> None:
    assert reader.position(Source(mongodb)) is None


def test_server_that_is_away_and_address_without_database_are_said(
    reader: MongoReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mongo, "TIMEOUT_MS", 100)
    with pytest.raises(FeedUnreadable) as caught:
        reader.count(Source("mongodb://anna:hunter2@127.0.0.1:1/shop"))
    assert "hunter2" not in str(caught.value)
    with pytest.raises(FeedUnreadable, match="names no database"):
        reader.count(Source("mongodb://127.0.0.1:1/"))


def test_driver_types_become_plain_cells(
    reader: MongoReader, source: Source, products: Any
) -> None:
    products.insert_one({"_id": ObjectId("5" * 24), "at": NOON, "sizes": ["S", {"eu": 42}]})
    (row,) = [row for row in reader.read(source, ReadReport()) if isinstance(row, Row)]
    assert row.cells == {"id": "5" * 24, "at": NOON.isoformat(), "sizes": ["S", {"eu": 42}]}
    assert cell(Decimal128("1.50")) == "1.50"


class Stream:
    """A change stream with these events, as PyMongo's: `try_next` and `resume_token`."""

    def __init__(self, *events: Mapping[str, Any]) -> None:
        self._events = list(events)
        self.resume_token = {"_data": "0"}

    def try_next(self) -> Mapping[str, Any] | None:
        if not self._events:
            return None
        event = self._events.pop(0)
        self.resume_token = event["_id"]
        return event


def event(number: int, kind: str, **parts: Any) -> dict[str, Any]:
    """Return an event as https://www.mongodb.com/docs/manual/reference/change-events/ shows it."""
    return {
        "_id": {"_data": str(number)},
        "operationType": kind,
        "ns": {"db": "shop", "coll": "products"},
        **parts,
    }


def pages(*events: Mapping[str, Any], key: str = "_id") -> list[ChangePage]:
    settings = read_settings(Source(f"mongodb://h/shop?id={key}&deleted=deleted"), NOTHING)
    return list(
        change_events.pages(
            Stream(*events),
            partial(mongo._change, settings=settings),
            has_own_id=key != "_id",
        )
    )


def test_events_of_a_stream_are_changes_in_their_order() -> None:
    (page,) = pages(
        event(1, "insert", documentKey={"_id": "a"}, fullDocument={"_id": "a", "title": "Mug"}),
        event(2, "update", documentKey={"_id": "b"}, fullDocument={"_id": "b"},
              updateDescription={"updatedFields": {}, "removedFields": ["title"]}),
        event(3, "update", documentKey={"_id": "c"}, fullDocument=None),
        event(4, "replace", documentKey={"_id": "d"}, fullDocument={"_id": "d", "deleted": True}),
        event(5, "delete", documentKey={"_id": "a"}),
    )  # fmt: skip
    assert changed([page]) == ["a", "b", "-d", "-a"]
    assert change_events.parsed(page.position) == {"token": {"_data": "5"}}


@pytest.mark.parametrize("kind", ["drop", "rename", "dropDatabase", "invalidate"])
def test_collection_that_changes_as_a_whole_must_be_read_again(kind: str) -> None:
    with pytest.raises(PositionLost, match=kind):
        pages(event(1, kind))


def test_deletion_of_a_document_with_an_id_of_its_own_must_be_looked_for() -> None:
    with pytest.raises(PositionLost, match="_id"):
        pages(event(1, "delete", documentKey={"_id": "a"}), key="sku")
