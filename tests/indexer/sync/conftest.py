"""A shop whose feed is kept in step, with features that count what they compute."""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from core.progress import SilentProgress
from core.retries import RetryPolicy
from features.fetching.settings import FetchSettings
from features.imaging.decode import FEED_LIMITS
from features.imaging.sandbox import Sandbox
from features.imaging.thumbnails import Thumbnails
from indexer.feeds.feed import Feed, open_feed
from indexer.feeds.rejection_file import RejectionFile
from indexer.fetching.fetcher import Fetcher
from indexer.loading.dependencies import LoadDependencies
from indexer.sync.picture_memory import SourcePictures
from indexer.sync.picture_work import PictureTools
from indexer.sync.reconciliation import Drift, Reconciliation
from indexer.sync.settings import SyncSettings
from indexer.sync.source_state import SourceState
from indexer.sync.source_writer import SourceWriter
from indexer.sync.sync import Sync, SyncTools
from indexer.sync.sync_report import SyncReport
from indexer.writing.recorded_writer import RecordedWriter
from mappings.engine.gateway import Gateway
from tests.indexer import doubles
from tests.indexer.conftest import SETTINGS, Shop
from tests.support import database_servers


class SyncShop(Shop):
    """A shop with a source. `said` are the lines that were said while it ran."""

    def __init__(self, folder: Path, gateway: Gateway, alias: str, sandbox: Sandbox) -> None:
        super().__init__(folder, gateway, alias, sandbox)
        self.gateway = gateway
        self.settings = SyncSettings(every_s=0.05)
        self.said: list[str] = []
        self.stop = threading.Event()
        self.fetching, self.permit = FetchSettings(), frozenset[str]()
        self.state = SourceState(folder / "source.sqlite3")
        self.source: Path | str = self.feed

    def open(self) -> Feed:
        return open_feed(self.source, whole=False)

    def tools(self, feed: Feed, rejections: RejectionFile) -> SyncTools:
        retry = RetryPolicy(30, self.stop, self.said.append)
        fetcher = Fetcher(feed.home, self.fetching, FEED_LIMITS.max_bytes, self.permit)
        dependencies = LoadDependencies(
            catalogue=self.catalogue,
            ledger=self.ledger,
            features=self.features,
            build_deferred=doubles.slow,
            fetcher=fetcher,
            decoder=self._sandbox,
            thumbnails=Thumbnails(self.folder / "media"),
            memory=SourcePictures(self.state, self.catalogue, fetcher, retry),
        )
        writer = RecordedWriter(self.catalogue, self.ledger, retry)
        pictures = PictureTools(
            feed.home, dependencies, SETTINGS, retry, rejections, SilentProgress(), self.stop
        )
        source = SourceWriter(writer, self.ledger, feed.source.name)
        return SyncTools(source, self.state, self.settings, pictures)

    def run(self, action: Callable[[Sync], SyncReport]) -> SyncReport:
        """Run a sync once; its features count from 0."""
        self.tone.extracted = 0
        feed = self.open()
        with RejectionFile(self.rejects) as rejections:
            return action(Sync(feed, self.tools(feed, rejections)))

    def sync(self, *, confirmed: bool = False) -> SyncReport:
        """Compare the whole source."""
        return self.run(lambda sync: sync.run_whole(confirmed=confirmed))

    def follow(self) -> SyncReport:
        """Apply what changed since the last run."""
        return self.run(lambda sync: sync.run_changes())

    def drift(self) -> Drift:
        feed = self.open()
        with RejectionFile(self.rejects) as rejections:
            tools = self.tools(feed, rejections)
            sync = Sync(feed, tools)
            fetcher = tools.pictures.dependencies.fetcher
            stored = self.catalogue.stored()
            return Reconciliation(feed, sync.reading, self.state, stored, fetcher).run()

    def product(self, key: str) -> dict[str, object]:
        """Return a product as it is searched for now."""
        self.catalogue.refresh()
        return self.catalogue.product(key)

    def gone(self, choice: str) -> None:
        self.settings = replace(self.settings, removal=choice)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    with database_servers.postgresql() as address:
        yield address


@pytest.fixture
def sync_shop(tmp_path: Path, gateway: Gateway, alias: str, sandbox: Sandbox) -> Iterator[SyncShop]:
    with ExitStack() as stack:
        shop = SyncShop(tmp_path, gateway, alias, sandbox)
        stack.callback(shop.ledger.close)
        stack.callback(shop.state.close)
        yield shop
