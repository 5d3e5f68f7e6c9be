"""SQL databases: every promise holds on PostgreSQL, MariaDB and SQLite alike."""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
from sqlalchemy import Engine, create_engine, text

from core.environment import Environment
from indexer.errors import FeedUnreadable, PositionLost
from indexer.feeds.changes import ChangePage, Removal
from indexer.feeds.conformance import ReaderConformance
from indexer.feeds.databases.sql import DRIVERS, SqlReader
from indexer.feeds.feed import open_feed
from indexer.feeds.reader import Reader, ReadReport
from indexer.feeds.rows import Row
from indexer.feeds.source import Source

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)

CREATE = """
    CREATE TABLE products (
        id INTEGER PRIMARY KEY, title VARCHAR(200), price DECIMAL(10, 2), image_link VARCHAR(200),
        active BOOLEAN, updated_at {moment}, deleted_at {moment} NULL
    )
"""


@dataclass
class Table:
    """The table `products` of one server, and its address with the columns of changes."""

    address: str
    engine: Engine

    @property
    def source(self) -> Source:
        mark = "&" if "?" in self.address else "?"
        return Source(f"{self.address}{mark}watermark=updated_at&deleted=deleted_at")

    def add(self, key: int, moment: datetime, title: str | None = "Mug") -> None:
        self.run(
            "INSERT INTO products VALUES (:id, :title, 12.5, :link, true, :moment, NULL)",
            id=key, title=title, link=f"{key}.jpg", moment=self.moment(moment),
        )  # fmt: skip

    def run(self, statement: str, **values: object) -> None:
        with self.engine.begin() as connection:
            connection.execute(text(statement), values)

    def moment(self, moment: datetime) -> object:
        """Return a moment as the server stores it: SQLite has text, MariaDB no zones."""
        if self.engine.dialect.name == "sqlite":
            return moment.strftime("%Y-%m-%d %H:%M:%S")
        return moment if self.engine.dialect.name == "postgresql" else moment.replace(tzinfo=None)


@pytest.fixture(params=["postgresql", "mariadb", "sqlite"])
def table(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Table]:
    kind = request.param
    path = tmp_path / "shop.db"
    address = f"sqlite:///{path}" if kind == "sqlite" else request.getfixturevalue(kind)
    scheme, _, rest = address.partition(":")
    engine = create_engine(f"{DRIVERS[scheme]}:{rest}")
    moment = {"postgresql": "TIMESTAMPTZ", "mariadb": "DATETIME(6)", "sqlite": "TEXT"}[kind]
    table = Table(address, engine)
    table.run("DROP TABLE IF EXISTS products")
    table.run(CREATE.format(moment=moment))
    yield table
    engine.dispose()


@pytest.fixture
def reader() -> SqlReader:
    return SqlReader(Environment({}))


class TestSql(ReaderConformance):
    @pytest.fixture
    def reader(self) -> Reader:
        return SqlReader(Environment({}))

    @pytest.fixture
    def source(self, tmp_path: Path) -> Source:
        with sqlite3.connect(tmp_path / "shop.db") as database:
            database.execute("CREATE TABLE products (id, title, image_link)")
            database.executemany(
                "INSERT INTO products VALUES (?, 'Mug', ?)",
                [(str(number), f"{number}.jpg") for number in range(3)],
            )
        database.close()
        return Source(f"sqlite:///{tmp_path / 'shop.db'}")


def pages(reader: SqlReader, table: Table, position: str) -> list[ChangePage]:
    return list(reader.changes(table.source, position, ReadReport()))


def changed(found: list[ChangePage]) -> list[str]:
    return [
        f"-{change.id}" if isinstance(change, Removal) else str(change.cells["id"])
        for page in found
        for change in page.changes
        if isinstance(change, Row | Removal)
    ]


def test_rows_are_what_the_table_holds(reader: SqlReader, table: Table) -> None:
    table.add(1, NOON)
    table.add(2, NOON, title=None)
    rows = [row for row in reader.read(table.source, ReadReport()) if isinstance(row, Row)]
    assert [row.cells["id"] for row in rows] == [1, 2]
    assert rows[0].cells["price"] == 12.5
    # Null is a cell without a value; a column that the table lacks is no cell.
    assert rows[1].cells["title"] is None
    assert "brand" not in rows[1].cells
    assert not {"updated_at", "deleted_at"} & rows[0].cells.keys()
    assert rows[0].version.startswith("2026-11-30")


def test_query_with_marks_of_its_own_is_read_as_it_stands(reader: SqlReader, table: Table) -> None:
    table.add(1, NOON)
    table.add(2, NOON)
    query = "SELECT id, 'a:b%c' AS title, image_link FROM products WHERE id = 2;"
    source = Source(f"{table.address}?query={quote(query)}")
    rows = [row for row in reader.read(source, ReadReport()) if isinstance(row, Row)]
    assert [dict(row.cells) for row in rows] == [{"id": 2, "title": "a:b%c", "image_link": "2.jpg"}]
    assert reader.columns(source) == ("id", "title", "image_link")
    assert reader.count(source) == 1


def test_changes_are_what_came_behind_the_position(reader: SqlReader, table: Table) -> None:
    table.add(1, NOON)
    position = reader.position(table.source)
    assert position is not None
    table.add(2, NOON + timedelta(minutes=5))
    table.run("UPDATE products SET deleted_at = updated_at, updated_at = :at WHERE id = 1",
              at=table.moment(NOON + timedelta(minutes=6)))  # fmt: skip
    found = pages(reader, table, position)
    assert changed(found) == ["2", "-1"]
    assert changed(pages(reader, table, found[-1].position)) == ["-1"]


def test_table_that_was_empty_gives_all_its_changes(reader: SqlReader, table: Table) -> None:
    position = reader.position(table.source)
    assert position is not None
    assert pages(reader, table, position) == []
    table.add(1, NOON)
    assert changed(pages(reader, table, position)) == ["1"]


def test_watermark_that_goes_back_is_said(reader: SqlReader, table: Table) -> None:
    table.add(1, NOON)
    position = reader.position(table.source)
    assert position is not None
    table.run("UPDATE products SET updated_at = :at", at=table.moment(NOON - timedelta(days=1)))
    with pytest.raises(PositionLost, match="gone back"):
        pages(reader, table, position)


def test_late_commit_within_the_overlap_is_met(reader: SqlReader, postgresql: str) -> None:
    engine = create_engine(postgresql.replace("postgresql:", "postgresql+psycopg:", 1))
    table = Table(postgresql, engine)
    table.run("DROP TABLE IF EXISTS products")
    table.run(CREATE.format(moment="TIMESTAMPTZ"))
    table.add(1, NOON)
    position = reader.position(table.source)
    assert position is not None
    table.add(2, NOON - timedelta(seconds=5))
    engine.dispose()
    assert "2" in changed(pages(reader, table, position))


def test_feed_opens_by_its_address_and_reports_no_secret(postgresql: str) -> None:
    engine = create_engine(postgresql.replace("postgresql:", "postgresql+psycopg:", 1))
    table = Table(postgresql, engine)
    table.run("DROP TABLE IF EXISTS products")
    table.run(CREATE.format(moment="TIMESTAMPTZ"))
    table.add(1, NOON)
    engine.dispose()
    feed = open_feed(table.source.address)
    assert [row.cells["title"] for row in feed.rows() if isinstance(row, Row)] == ["Mug"]
    assert feed.reading == "sql: database postgresql, watermark updated_at"
    assert "s3cret" not in feed.source.name + feed.reading


@pytest.mark.parametrize("change", ["/nowhere?", "?table=nothing&"])
def test_what_the_server_refuses_is_said_without_the_password(
    reader: SqlReader, postgresql: str, change: str
) -> None:
    with pytest.raises(FeedUnreadable) as caught:
        list(reader.read(Source(postgresql.replace("/postgres", change, 1)), ReadReport()))
    assert "s3cret" not in str(caught.value)
    assert "cannot be read" in str(caught.value)


def test_server_that_is_away_is_said(reader: SqlReader) -> None:
    with pytest.raises(FeedUnreadable, match="cannot be read"):
        reader.count(Source("postgresql://u:hunter2@127.0.0.1:1/shop"))


def test_sqlite_file_that_is_not_there_is_not_made(reader: SqlReader, tmp_path: Path) -> None:
    with pytest.raises(FeedUnreadable, match="no such database"):
        reader.count(Source(f"sqlite:///{tmp_path / 'absent.db'}"))
    assert not list(tmp_path.iterdir())
