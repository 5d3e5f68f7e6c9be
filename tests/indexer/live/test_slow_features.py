"""The slow features of a product that was put are filled in behind it."""

import io
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from core.retries import RetryPolicy
from features.fetching.settings import FetchSettings
from features.fetching.web import WebClient
from features.imaging.decode import FEED_LIMITS
from features.imaging.sandbox import Sandbox
from features.imaging.thumbnails import Thumbnails
from features.registry import Registry
from indexer.ledger.ledger import Ledger
from indexer.live.change_request import ChangeRequest
from indexer.live.live_catalogue import LiveCatalogue, LiveTools
from indexer.live.slow_features import SlowFeatures
from indexer.live.uploaded_pictures import PictureUploads
from indexer.settings import LoadSettings
from indexer.writing.recorded_writer import RecordedWriter
from mappings.catalogue.catalogue import Catalogue
from mappings.engine.gateway import Gateway
from tests.indexer import doubles
from tests.indexer.doubles import GREEN, RED, Tone, Words

PATIENCE_S = 60.0


@pytest.fixture
def tools(gateway: Gateway, alias: str, tmp_path: Path, sandbox: Sandbox) -> Iterator[LiveTools]:
    catalogue = Catalogue(gateway, Registry([Tone(), Words()]), alias)
    catalogue.prepare()
    ledger = Ledger(tmp_path / "ledger" / "products.sqlite3")
    slow_features = SlowFeatures(doubles.slow, catalogue, RetryPolicy(10))
    yield LiveTools(
        catalogue,
        ledger,
        RecordedWriter(catalogue, ledger, RetryPolicy(10)),
        WebClient(FetchSettings(http=True), FEED_LIMITS.max_bytes, frozenset()),
        sandbox,
        Thumbnails(tmp_path / "media"),
        slow_features,
    )
    slow_features.close()
    ledger.close()


def coloured(colour: tuple[int, int, int]) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (8, 8), colour).save(file, "PNG")
    return file.getvalue()


def test_slow_features_are_filled_in_behind_the_answer(tools: LiveTools) -> None:
    live = LiveCatalogue(tools, LoadSettings())
    uploads = PictureUploads()
    requests = [
        ChangeRequest("put", key, {"title": key, "image_link": uploads.add(coloured(colour))})
        for key, colour in (("deadly", GREEN), ("red", RED), ("plain", (9, 9, 9)))
    ]
    arrival = tools.ledger.next_arrival(len(requests))
    changes = [(arrival + number, request) for number, request in enumerate(requests)]
    results = live.apply(changes, uploads)
    assert [result.pending for result in results] == [("words",), ("words",), ()]
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        stored = tools.catalogue.current("red")
        assert stored is not None
        (picture,) = stored.source["images"]
        if "pending" not in picture:
            break
        time.sleep(0.1)
    assert picture["words"] == "red"
    # The picture that killed its process stays pending, and holds nothing up.
    deadly = tools.catalogue.current("deadly")
    assert deadly is not None
    assert deadly.source["images"][0]["pending"] == ["words"]
