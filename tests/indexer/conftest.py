"""Loads into an index of their own on the real server, with a report of what happened."""

import json
import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from core.progress import SilentProgress
from features.base import Json
from features.fetching.settings import FetchSettings
from features.imaging.decode import FEED_LIMITS
from features.imaging.sandbox import Sandbox
from features.imaging.thumbnails import Thumbnails
from features.registry import Registry
from indexer.feeds.feed import open_feed
from indexer.feeds.rejection_file import RejectionFile
from indexer.fetching.fetcher import Fetcher
from indexer.ledger.ledger import Ledger
from indexer.loading.dependencies import LoadDependencies
from indexer.loading.load import Load
from indexer.loading.report import LoadReport
from indexer.settings import LoadSettings
from mappings.catalogue.catalogue import Catalogue
from mappings.engine.gateway import Gateway
from tests.indexer import doubles
from tests.indexer.doubles import Tone, Words

SETTINGS = LoadSettings(batch=4, workers=2, slow_workers=1, backlog=4, patience_s=30)


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(2, FEED_LIMITS, timeout_s=20) as sandbox:
        yield sandbox


class Shop:
    """A feed in a folder, and what loading it leads to."""

    def __init__(self, folder: Path, gateway: Gateway, alias: str, sandbox: Sandbox) -> None:
        self.folder = folder
        self.feed = folder / "feed.jsonl"
        self.tone = Tone()
        self.features = Registry([self.tone, Words()])
        self.catalogue = Catalogue(gateway, self.features, alias)
        self.ledger = Ledger(folder / "ledger" / "products.sqlite3")
        self.rejects = folder / "rejects.jsonl"
        self._sandbox = sandbox

    def picture(self, name: str, colour: tuple[int, int, int], side: int = 8) -> str:
        """Draw a picture; its colour decides what the features make of it."""
        Image.new("RGB", (side, side), colour).save(self.folder / name)
        return name

    def write(self, *rows: dict[str, Json]) -> None:
        """Write the feed."""
        self.feed.write_text("".join(json.dumps(row) + "\n" for row in rows))

    def load(
        self,
        *,
        settings: LoadSettings = SETTINGS,
        stop: threading.Event | None = None,
        rebuild: bool = False,
        **changes: Any,
    ) -> LoadReport:
        """Load the feed."""
        feed = open_feed(self.feed)
        tools = LoadDependencies(
            catalogue=self.catalogue,
            ledger=self.ledger,
            features=self.features,
            build_deferred=doubles.slow,
            fetcher=Fetcher(feed.home, FetchSettings(), FEED_LIMITS.max_bytes),
            decoder=self._sandbox,
            thumbnails=Thumbnails(self.folder / "media"),
        )
        with RejectionFile(self.rejects) as rejects:
            load = Load(feed, replace(tools, **changes), settings, rejects, SilentProgress(), stop)
            return load.run(rebuild=rebuild)

    def rejected(self, *names: str) -> list[tuple[Json, ...]]:
        """Return these fields of every rejection, sorted."""
        if not self.rejects.exists():
            return []
        lines = [json.loads(line) for line in self.rejects.read_text().splitlines()]
        return sorted(tuple(line[name] for name in names) for line in lines)

    def stored(self, ids: Sequence[str]) -> dict[str, Any]:
        """Return products from the index, with their tones but for the last bits.

        Those tell one product's picture from another's: see `mappings.catalogue.vectors`.
        """
        found = self.catalogue.products(ids, vectors=True)
        for product in found.values():
            for picture in product["images"]:
                if "tone" in picture:
                    picture["tone"] = [round(number, 1) for number in picture["tone"]]
        return found


@pytest.fixture
def shop(tmp_path: Path, gateway: Gateway, alias: str, sandbox: Sandbox) -> Iterator[Shop]:
    shop = Shop(tmp_path, gateway, alias, sandbox)
    yield shop
    shop.ledger.close()
