"""Reads products from a MongoDB collection, through PyMongo.

Where the server is a replica set, changes come from its change stream; elsewhere from a watermark
field. A field that a document lacks is no cell; one that holds null is a cell with None.
"""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from importlib.util import find_spec
from itertools import islice
from typing import TYPE_CHECKING, Any

from core.environment import Environment
from features.base import Json
from indexer.errors import FeedUnreadable
from indexer.feeds.changes import ChangePage, Removal
from indexer.feeds.databases import change_events
from indexer.feeds.databases.cell_values import cell
from indexer.feeds.databases.source_settings import SourceSettings, address_of, read_settings
from indexer.feeds.databases.watermark import Watermark, overlap_s
from indexer.feeds.reader import Reader, ReadReport, Recognition
from indexer.feeds.rows import Rejection, Row
from indexer.feeds.source import Source

if TYPE_CHECKING:
    from pymongo import MongoClient
    from pymongo.collection import Collection

SCHEMES = frozenset({"mongodb", "mongodb+srv"})

SAMPLE = 20
"""Documents that tell which fields there are; absent ones are often left out."""

PAGE = 1000

TIMEOUT_MS = 10_000

AWAIT_MS = 200
"""How long a change stream is waited for before it counts as caught up."""

Document = Mapping[str, Any]


class MongoReader:
    """Reads mongodb: addresses, and TOML files that name one."""

    name = "mongo"

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self._overlap = overlap_s(environment)

    def recognise(self, source: Source) -> Recognition:
        """Recognise an address by its scheme."""
        scheme = address_of(source).partition(":")[0]
        return Recognition.FORMAT if scheme in SCHEMES else Recognition.NO

    def columns(self, source: Source) -> tuple[str, ...]:
        """Return the names of the first documents' fields."""
        settings = read_settings(source, self._environment)
        with _collection(settings) as collection:
            settings = _with_id(collection, settings)
            rows = [_row(0, found, settings) for found in collection.find(limit=SAMPLE)]
        return tuple(dict.fromkeys(name for row in rows for name in row.cells))

    def count(self, source: Source) -> int:
        """Return about how many documents there are."""
        with _collection(read_settings(source, self._environment)) as collection:
            return int(collection.estimated_document_count())

    def read(self, source: Source, report: ReadReport) -> Iterator[Row | Rejection]:
        """Yield the documents; those marked as deleted are left out."""
        settings = read_settings(source, self._environment)
        report.note("database", "mongodb")
        with _collection(settings) as collection:
            settings = _with_id(collection, settings)
            cursor = collection.find(_filter(settings), batch_size=PAGE)
            for number, found in enumerate(cursor, start=1):
                if not _is_gone(found, settings):
                    yield _row(number, found, settings)

    def position(self, source: Source) -> str | None:
        """Return the change stream's position, else the newest watermark, else None."""
        settings = read_settings(source, self._environment)
        with _collection(settings) as collection:
            # A stream's events cannot be filtered by what a document held before.
            token = None if settings.query else change_events.current_token(collection)
            if token is not None:
                return change_events.written({"token": token})
            if not settings.watermark:
                return None
            watermark = Watermark(_newest(collection, settings), time.time())
            return change_events.written({"mark": watermark.mark, "met_at": watermark.met_at})

    def changes(self, source: Source, position: str, report: ReadReport) -> Iterator[ChangePage]:
        """Yield the events of the change stream, or the documents at or behind the watermark."""
        settings = read_settings(source, self._environment)
        where = change_events.parsed(position)
        with _collection(settings) as collection:
            settings = _with_id(collection, settings)
            if "token" in where:
                report.note("changes", "change stream")
                with change_events.opened(collection, where["token"], AWAIT_MS) as stream:
                    yield from change_events.pages(
                        stream,
                        partial(_change, settings=settings),
                        has_own_id=settings.id != "_id",
                    )
            else:
                report.note("watermark", settings.watermark)
                watermark = Watermark(where["mark"], where["met_at"])
                yield from self._behind(collection, watermark, settings)

    def _behind(
        self, collection: "Collection[Any]", watermark: Watermark, settings: SourceSettings
    ) -> Iterator[ChangePage]:
        newest = _newest(collection, settings)
        if watermark.is_read(newest, self._overlap, time.time()):
            return
        behind = {}
        if watermark.mark is not None:
            behind = {settings.watermark: {"$gte": watermark.begin(self._overlap)}}
        parts = [part for part in (_filter(settings), behind) if part]
        found = collection.find({"$and": parts} if parts else {}).sort(settings.watermark, 1)
        numbered = enumerate(found, start=1)
        while page := list(islice(numbered, PAGE)):
            changes = [_change(number, document, settings) for number, document in page]
            watermark = watermark.moved(page[-1][1].get(settings.watermark), time.time())
            position = {"mark": watermark.mark, "met_at": watermark.met_at}
            yield ChangePage(changes, change_events.written(position))


@contextmanager
def _collection(settings: SourceSettings) -> Iterator["Collection[Any]"]:
    """Give the collection; raises FeedUnreadable for what the driver or the server refuses."""
    from pymongo import MongoClient  # noqa: PLC0415
    from pymongo.errors import ConfigurationError, InvalidURI, PyMongoError  # noqa: PLC0415

    try:
        with MongoClient[dict[str, Any]](
            settings.address,
            serverSelectionTimeoutMS=TIMEOUT_MS,
            tz_aware=True,
            appname="lookalike",
        ) as client:
            yield _database(client, settings)[settings.table]
    except (ConfigurationError, InvalidURI, PyMongoError) as error:
        raise FeedUnreadable(
            f"the database cannot be read: {settings.without_secrets(str(error))}; "
            "check its address and the rights of its user"
        ) from None


def _database(client: "MongoClient[Any]", settings: SourceSettings) -> Any:
    from pymongo.errors import ConfigurationError  # noqa: PLC0415

    try:
        return client.get_default_database()
    except ConfigurationError:
        raise FeedUnreadable(
            "the address names no database: write mongodb://host/DATABASE?table=COLLECTION"
        ) from None


def _filter(settings: SourceSettings) -> Json:
    from bson import json_util  # noqa: PLC0415

    if not settings.query:
        return {}
    try:
        return json_util.loads(settings.query)
    except (ValueError, TypeError) as error:
        raise FeedUnreadable(f"query is no JSON that MongoDB can filter by: {error}") from error


def _newest(collection: "Collection[Any]", settings: SourceSettings) -> Any:
    found = collection.find_one(_filter(settings), sort=[(settings.watermark, -1)])
    return found.get(settings.watermark) if found else None


def _with_id(collection: "Collection[Any]", settings: SourceSettings) -> SourceSettings:
    """Return the settings with the field of the id: `id` where documents have it, else `_id`."""
    if settings.id:
        return settings
    has_own = collection.find_one({"id": {"$exists": True}}, {"_id": 1}) is not None
    return replace(settings, id="id" if has_own else "_id")


def _row(number: int, document: Document, settings: SourceSettings) -> Row:
    cells = {name: cell(value) for name, value in document.items()}
    version = str(cells.get(settings.watermark) or "") if settings.watermark else ""
    cells = {**cells, "id": cells.get(settings.id)}
    for name in {"_id", settings.id, settings.watermark, settings.deleted} - {"id"}:
        cells.pop(name, None)
    return Row(number, cells, version)


def _change(number: int, document: Document, settings: SourceSettings) -> Row | Removal:
    row = _row(number, document, settings)
    is_gone = _is_gone(document, settings)
    return Removal(str(row.cells.get("id")), row.version) if is_gone else row


def _is_gone(document: Document, settings: SourceSettings) -> bool:
    return bool(settings.deleted) and bool(document.get(settings.deleted))


def create(environment: Environment) -> Reader | None:
    """Build the reader; None without the extra `mongo`."""
    return MongoReader(environment) if find_spec("pymongo") else None
