"""Reads products from a table or a query of an SQL database, through SQLAlchemy."""

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.environment import Environment
from indexer.errors import FeedUnreadable
from indexer.feeds.changes import ChangePage, Removal
from indexer.feeds.databases.cell_values import cell
from indexer.feeds.databases.source_settings import SourceSettings, address_of, read_settings
from indexer.feeds.databases.watermark import Watermark, overlap_s
from indexer.feeds.reader import Reader, ReadReport, Recognition
from indexer.feeds.rows import Rejection, Row
from indexer.feeds.source import Source

if TYPE_CHECKING:
    from sqlalchemy import ColumnClause, Connection, RowMapping, Select, Subquery, TableClause

DRIVERS = {
    "postgresql": "postgresql+psycopg",
    "postgres": "postgresql+psycopg",
    "mysql": "mysql+pymysql",
    "mariadb": "mysql+pymysql",
    "sqlite": "sqlite",
}
"""Scheme of an address → the dialect and driver that reads it."""

PAGE = 1000
"""Rows fetched from the server at a time."""

THERE = frozenset({None, 0, ""})
"""What a column `deleted` holds of a product that is still there; False equals 0."""

TIMEOUTS: Mapping[str, Mapping[str, int]] = {
    "postgresql+psycopg": {
        "connect_timeout": 10,
        "keepalives_idle": 30,
        "keepalives_interval": 10,
        "keepalives_count": 3,
    },
    "mysql+pymysql": {"connect_timeout": 10, "read_timeout": 300},
}
"""What keeps a server that has gone from stalling a read, in seconds, by driver."""


class SqlReader:
    """Reads postgresql:, mysql:, mariadb: and sqlite: addresses, and TOML files that name one."""

    name = "sql"

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self._overlap = overlap_s(environment)

    def recognise(self, source: Source) -> Recognition:
        """Recognise an address by its scheme."""
        scheme = address_of(source).partition(":")[0].partition("+")[0]
        return Recognition.FORMAT if scheme in DRIVERS else Recognition.NO

    def columns(self, source: Source) -> tuple[str, ...]:
        """Return the names of the columns."""
        settings = read_settings(source, self._environment)
        with _connected(settings) as connection:
            names = tuple(connection.execute(_rows(settings).limit(0)).keys())
        return tuple("id" if name == settings.id else name for name in names)

    def count(self, source: Source) -> int:
        """Return the number of rows."""
        from sqlalchemy import func, select  # noqa: PLC0415

        settings = read_settings(source, self._environment)
        with _connected(settings) as connection:
            return int(connection.scalar(select(func.count()).select_from(_origin(settings))) or 0)

    def read(self, source: Source, report: ReadReport) -> Iterator[Row | Rejection]:
        """Yield the rows of one moment of the database; those marked as deleted are left out."""
        settings = read_settings(source, self._environment)
        _note(report, settings)
        with _connected(settings, is_snapshot=True) as connection:
            streamed = connection.execution_options(stream_results=True, yield_per=PAGE)
            for number, row in enumerate(streamed.execute(_rows(settings)).mappings(), start=1):
                if not _is_gone(row, settings):
                    yield _row(number, row, settings)

    def position(self, source: Source) -> str | None:
        """Return the newest watermark; None without a watermark column."""
        settings = read_settings(source, self._environment)
        if not settings.watermark:
            return None
        with _connected(settings) as connection:
            return _written(Watermark(_newest(connection, settings), time.time()))

    def changes(self, source: Source, position: str, report: ReadReport) -> Iterator[ChangePage]:
        """Yield the rows whose watermark is behind the position or shortly before it, in order.

        Raises PositionLost when the newest watermark has gone back.
        """
        from sqlalchemy import column  # noqa: PLC0415

        settings = read_settings(source, self._environment)
        _note(report, settings)
        watermark = _parsed(position)
        with _connected(settings, is_snapshot=True) as connection:
            newest = _newest(connection, settings)
            if watermark.is_read(newest, self._overlap, time.time()):
                return
            mark: ColumnClause[Any] = column(settings.watermark)
            rows = _rows(settings).order_by(mark)
            if watermark.mark is not None:
                rows = rows.where(mark >= watermark.begin(self._overlap))
            result = connection.execution_options(stream_results=True).execute(rows)
            number = 0
            for page in result.mappings().partitions(PAGE):
                changes = [_change(number + n, row, settings) for n, row in enumerate(page, 1)]
                number += len(changes)
                watermark = watermark.moved(page[-1][settings.watermark], time.time())
                yield ChangePage(changes, _written(watermark))


@contextmanager
def _connected(settings: SourceSettings, *, is_snapshot: bool = False) -> "Iterator[Connection]":
    """Give a connection that sees one moment of the database, where `is_snapshot`.

    Raises FeedUnreadable for what the driver or the server refuses, without credentials.
    """
    from sqlalchemy import create_engine, exc, pool  # noqa: PLC0415

    scheme, _, place = settings.address.partition(":")
    dialect = DRIVERS.get(scheme, scheme)
    if dialect == "sqlite":
        _require_file(place)
    # SQLite reads one moment by itself.
    isolation = {"isolation_level": "REPEATABLE READ"} if dialect != "sqlite" else {}
    try:
        engine = create_engine(
            f"{dialect}:{place}",
            poolclass=pool.NullPool,
            connect_args=TIMEOUTS.get(dialect, {}),
            **(isolation if is_snapshot else {}),
        )
        with engine.connect() as connection:
            yield connection
    except exc.SQLAlchemyError as error:
        reason = str(getattr(error, "orig", None) or error)
        raise FeedUnreadable(
            f"the database cannot be read: {settings.without_secrets(reason)}; "
            "check its address, the rights of its user and the query"
        ) from None


def _require_file(place: str) -> None:
    """Raise FeedUnreadable for a file that is not there: SQLite would make an empty one."""
    path = Path(place.partition("?")[0].removeprefix("///"))
    if not path.is_file():
        raise FeedUnreadable(f"{path}: there is no such database")


def _origin(settings: SourceSettings) -> "Subquery | TableClause":
    from sqlalchemy import table, text  # noqa: PLC0415

    if not settings.query:
        schema, _, name = settings.table.rpartition(".")
        return table(name, schema=schema or None)
    # A colon would name a parameter, and there is none.
    plain = settings.query.rstrip().rstrip(";").replace(":", r"\:")
    return text(plain).columns().subquery("source")


def _rows(settings: SourceSettings) -> "Select[Any]":
    from sqlalchemy import literal_column, select  # noqa: PLC0415

    return select(literal_column("*")).select_from(_origin(settings))


def _newest(connection: "Connection", settings: SourceSettings) -> Any:
    from sqlalchemy import column, func, select  # noqa: PLC0415

    newest: Select[Any] = select(func.max(column(settings.watermark))).select_from(
        _origin(settings)
    )
    return connection.scalar(newest)


def _row(number: int, row: "RowMapping", settings: SourceSettings) -> Row:
    cells = {name: cell(value) for name, value in row.items()}
    if settings.id and settings.id in cells:
        cells = {"id": cells.pop(settings.id), **cells}
    version = str(cells.get(settings.watermark) or "") if settings.watermark else ""
    for name in {settings.watermark, settings.deleted} - {"id", settings.id}:
        cells.pop(name, None)
    return Row(number, cells, version)


def _is_gone(row: "RowMapping", settings: SourceSettings) -> bool:
    return bool(settings.deleted) and row[settings.deleted] not in THERE


def _change(number: int, row: "RowMapping", settings: SourceSettings) -> Row | Removal:
    change = _row(number, row, settings)
    if _is_gone(row, settings):
        return Removal(str(change.cells.get("id")), change.version)
    return change


def _written(watermark: Watermark) -> str:
    """Return a watermark as text that `_parsed` reads."""
    mark, is_moment = watermark.mark, isinstance(watermark.mark, datetime)
    return json.dumps([cell(mark), is_moment, watermark.met_at])


def _parsed(position: str) -> Watermark:
    mark, is_moment, met_at = json.loads(position)
    return Watermark(datetime.fromisoformat(mark) if is_moment else mark, met_at)


def _note(report: ReadReport, settings: SourceSettings) -> None:
    report.note("database", settings.scheme)
    if settings.watermark:
        report.note("watermark", settings.watermark)


def create(environment: Environment) -> Reader | None:
    """Build the reader; None without the extra `sql`."""
    return SqlReader(environment) if find_spec("sqlalchemy") else None
