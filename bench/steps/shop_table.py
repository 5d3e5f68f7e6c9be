"""A shop's products in a table, with a few drawn pictures that they share, and runs over it."""

import sqlite3
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Self

from bench.data.drawn_pictures import draw_picture
from bench.report import log_progress
from bench.workspace import DECODE_S, Workspace, build_deferred, open_catalogue
from core.progress import SilentProgress
from core.retries import RetryPolicy
from features.base import Json
from features.fetching.settings import FetchSettings
from features.imaging.decode import FEED_LIMITS
from features.imaging.sandbox import Sandbox
from features.imaging.thumbnails import Thumbnails
from indexer.feeds.feed import open_feed
from indexer.feeds.product import Product
from indexer.feeds.rejection_file import RejectionFile
from indexer.feeds.rows import Rejection, Row
from indexer.fetching.fetcher import Fetcher
from indexer.ledger.settings import open_ledger
from indexer.loading.dependencies import LoadDependencies
from indexer.settings import LoadSettings
from indexer.sync.picture_memory import SourcePictures
from indexer.sync.picture_work import PictureTools
from indexer.sync.row_reading import RowReading
from indexer.sync.settings import SyncSettings
from indexer.sync.source_state import SourceState
from indexer.sync.source_writer import SourceWriter
from indexer.sync.sync import Sync, SyncTools
from indexer.sync.sync_report import SyncReport
from indexer.writing.recorded_writer import RecordedWriter
from mappings.catalogue.products import PICTURES

CREATE = """
CREATE TABLE products (
    id TEXT PRIMARY KEY, title TEXT, brand TEXT, price REAL, currency TEXT, stock INTEGER,
    image_link TEXT, updated_at INTEGER
)
"""
BRANDS = 40

AT_ONCE = 1000


@dataclass
class ShopTable:
    """A table of products in SQLite. `path` is its file; pictures lie beside it."""

    path: Path

    def fill(self, products: int, pictures: int) -> None:
        """Make products that share the pictures in turn."""
        self._folder.mkdir()
        for number in range(pictures):
            (self._folder / f"{number}.jpg").write_bytes(draw_picture(number))
        self.change(CREATE)
        self.extend(0, products, pictures)

    def extend(self, first: int, end: int, pictures: int) -> None:
        """Add the products from one number to below another."""
        rows = (
            (f"p{n:06d}", f"Product {n}", f"Brand {n % BRANDS}", 10 + n % 90, "EUR", n % 50,
             str(self._folder / f"{n % pictures}.jpg"), 1)
            for n in range(first, end)
        )  # fmt: skip
        with sqlite3.connect(self.path) as database:
            database.executemany("INSERT INTO products VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)
        database.close()

    @property
    def _folder(self) -> Path:
        return self.path.parent / f"{self.path.stem}-pictures"

    def change(self, statement: str) -> None:
        """Run one statement on the table."""
        with sqlite3.connect(self.path) as database:
            database.execute(statement)
        database.close()

    @property
    def address(self) -> str:
        """The address that a sync reads it by."""
        return f"sqlite:///{self.path}"


class SyncRuns:
    """Runs of one source's sync in a workspace. A context manager."""

    def __init__(
        self, space: Workspace, address: str, say: Callable[[str], None] = log_progress
    ) -> None:
        """`say` takes the lines that a run says while it waits for Elasticsearch."""
        self._space = space
        self._address = address
        self._say = say
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        environment, features = self._space.environment, self._space.registry
        settings = LoadSettings.from_env(environment)
        folder = environment.state_dir()
        self._feed = open_feed(self._address, environment)
        catalogue = open_catalogue(environment, features)
        state = SourceState(folder / "source.sqlite3")
        ledger = open_ledger(environment, catalogue.alias)
        self._stack.callback(state.close)
        self._stack.callback(ledger.close)
        fetcher = Fetcher(self._feed.home, FetchSettings(), FEED_LIMITS.max_bytes)
        rejections = self._stack.enter_context(RejectionFile(folder / "rejects.jsonl"))
        stop = threading.Event()
        retry = RetryPolicy(settings.patience_s, stop, self._say)
        dependencies = LoadDependencies(
            catalogue=catalogue,
            ledger=ledger,
            features=features,
            build_deferred=partial(build_deferred, environment, tuple(features)),
            fetcher=fetcher,
            decoder=self._stack.enter_context(
                Sandbox(settings.workers, FEED_LIMITS, timeout_s=DECODE_S)
            ),
            thumbnails=Thumbnails(folder / "media"),
            memory=SourcePictures(state, catalogue, fetcher, retry),
        )
        writer = SourceWriter(RecordedWriter(catalogue, ledger, retry), ledger, "shop")
        pictures = PictureTools(
            self._feed.home, dependencies, settings, retry, rejections, SilentProgress(), stop
        )
        self._tools = SyncTools(writer, state, SyncSettings(), pictures)
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def write_rows(self) -> None:
        """Write the products that the index lacks, as an earlier load would have left them.

        Their pictures are among those of products that are there: nothing is computed.
        """
        catalogue = self._tools.pictures.dependencies.catalogue
        reading = Sync(self._feed, self._tools).reading
        catalogue.refresh()
        pictures: dict[str, Json] = {}
        rows = self._feed.rows()
        while batch := list(islice(rows, AT_ONCE)):
            products = [item for row in batch if (item := _parsed(reading, row))]
            stored = catalogue.products([one.id for one in products], vectors=True)
            pictures |= {one["image_link"]: one[PICTURES] for one in stored.values()}
            lacking = [one for one in products if one.id not in stored]
            refused = catalogue.write([_document(one, pictures) for one in lacking])
            assert not refused, refused
            log_progress(f"{batch[-1].line} products are in the index")
        catalogue.refresh()

    def run(self) -> SyncReport:
        """Compare the whole source and log what was done."""
        report = Sync(self._feed, self._tools).run_whole()
        log_progress(str(report))
        return report


def _parsed(reading: RowReading, row: Row | Rejection) -> Product | None:
    read = reading.parse(row) if isinstance(row, Row) else None
    return read if isinstance(read, Product) else None


def _document(product: Product, known: Mapping[str, Json]) -> Json:
    name = Path(product.pictures[0]).name
    pictures: Sequence[Json] = known[name]
    moment = pictures[0]["added_at"]
    return {**product.fields, "image_link": name, "updated_at": moment, PICTURES: list(pictures)}
