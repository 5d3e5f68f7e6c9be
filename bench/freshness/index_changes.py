"""A rebuild and a model swap of an index whose products change meanwhile.

The rebuild's feed is the catalogue itself, exported while nobody writes, as a shop's export is.
Both go on in a thread while the writers do.
"""

import json
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from bench.freshness.numbered_pictures import (
    MOST,
    NumberedVector,
    image_ids,
    other_model,
    picture_file,
)
from bench.freshness.statements import FIELDS, stored_product
from bench.freshness.writer_processes import PATIENCE_S, open_numbered
from core.environment import Environment
from core.progress import SilentProgress
from core.retries import RetryPolicy
from features.base import Json, Picture
from features.fetching.settings import FetchSettings
from features.imaging.decode import FEED_LIMITS, decode
from features.imaging.thumbnails import Thumbnails
from features.registry import Registry
from indexer.backfill.page_filler import BackfillControl
from indexer.feeds.feed import open_feed
from indexer.feeds.rejection_file import RejectionFile
from indexer.fetching.fetcher import Fetcher
from indexer.ledger.settings import open_ledger
from indexer.loading.dependencies import LoadDependencies
from indexer.loading.load import Load
from indexer.settings import LoadSettings
from indexer.swap.backfill import Backfill, clear_field
from indexer.swap.coordinator import SwapCoordinator
from mappings.catalogue.catalogue import Catalogue
from mappings.catalogue.model_swap import ModelSwap
from mappings.engine.connection import EngineSettings, connect
from mappings.engine.paging import search_pages

PAGE_SIZE = 1000
ROUNDS, NOTICE_S = 2, 2.0


class PictureDecoder:
    """Decodes the bench's own pictures in this process."""

    def decode(self, data: bytes) -> Picture:
        """Return the picture."""
        return decode(data)


@dataclass
class IndexChange:
    """Work on a whole index, in a thread; `end` waits for it and raises what it raised."""

    work: Callable[[], None]
    failure: BaseException | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Wait for the end."""
        self._thread.join()
        if self.failure is not None:
            raise self.failure

    def _run(self) -> None:
        try:
            self.work()
        # It is raised where somebody waits for it.
        except BaseException as error:
            self.failure = error


def products_of(catalogue: Catalogue) -> Iterator[Mapping[str, Json]]:
    """Yield all products as they are searchable, with their vectors."""
    body = {
        "query": {"match_all": {}},
        "sort": [{"id": "asc"}],
        "track_total_hits": False,
        "_source": {"exclude_vectors": False},
    }
    for hits in search_pages(catalogue.search, body, PAGE_SIZE):
        yield from (hit["_source"] for hit in hits)


def export_feed(products: Iterable[Mapping[str, Json]], folder: Path) -> Path:
    """Write products as a feed, and the pictures it names; return the feed's path."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(1, MOST + 1):
        (folder / f"{number}.jpg").write_bytes(picture_file(number))
    feed = folder / "feed.jsonl"
    with feed.open("w", encoding="utf-8") as file:
        for product in products:
            said = stored_product(product)
            cells = {name: said[name] for name in ("id", *FIELDS) if name in said}
            file.write(json.dumps({**cells, "image_link": f"{said['picture']}.jpg"}) + "\n")
    return feed


def rebuild(
    environment: Environment, feed_path: Path, on_begun: Callable[[], None] | None = None
) -> None:
    """Rebuild the index from a feed, as `python -m indexer load --rebuild` does.

    `on_begun` is called once it has begun: what is changed from then on is newer than the feed.
    """
    model = model_in_service(environment)
    feed, catalogue = open_feed(feed_path), open_numbered(environment, model)
    state = environment.state_dir()
    with (
        closing(open_ledger(environment, catalogue.alias)) as ledger,
        RejectionFile(state / "rejects.jsonl") as rejects,
    ):
        tools = LoadDependencies(
            catalogue=catalogue,
            ledger=ledger,
            features=Registry([NumberedVector(model)]),
            build_deferred=dict,
            fetcher=Fetcher(feed.home, FetchSettings(), FEED_LIMITS.max_bytes),
            decoder=PictureDecoder(),
            thumbnails=Thumbnails(state / "media"),
        )
        settings = LoadSettings(patience_s=PATIENCE_S, rebuild_agreement=0)
        Load(
            feed,
            tools,
            settings,
            rejects,
            SilentProgress(),
            publish=lambda _: on_begun() if on_begun else None,
        ).run(rebuild=True)


def model_in_service(environment: Environment) -> str:
    """Return the name of the model in service."""
    (version, *_) = _index(environment).versions()
    return version.name


def _index(environment: Environment) -> ModelSwap:
    engine = EngineSettings.from_env(environment)
    return ModelSwap(connect(engine), engine.index)


def swap_model(environment: Environment, notice_s: float = NOTICE_S) -> None:
    """Fill in the other model, switch to it, and remove the one before."""
    index, model = _index(environment), model_in_service(environment)
    coordinator = SwapCoordinator([index])
    present, coming = NumberedVector(model), NumberedVector(other_model(model))
    stop = threading.Event()
    control = BackfillControl(RetryPolicy(PATIENCE_S), SilentProgress(), stop)
    version = coordinator.begin(coming, Registry([present]), [coming])
    for _ in range(ROUNDS):
        Backfill(index, version, coming, _read, control).run()
        # A batch that was begun before the index held the next model is written by then.
        time.sleep(notice_s)
    coordinator.switch(allow_missing=True)
    removed = coordinator.finish()
    clear_field(index, removed.field, control)


def _read(documents: Iterable[Mapping[str, Json]]) -> dict[str, Picture]:
    """Return the pictures of documents, by image id."""
    ids = {str(document["image_id"]) for document in documents}
    return {key: decode(picture_file(image_ids()[key])) for key in ids}
