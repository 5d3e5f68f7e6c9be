"""The slow features of a product that was put are filled in behind it."""

import io
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from core.retries import RetryPolicy
from features.base import Feature
from features.fetching.settings import FetchSettings
from features.fetching.web import WebClient
from features.imaging.decode import FEED_LIMITS
from features.imaging.sandbox import Sandbox
from features.imaging.thumbnails import Thumbnails
from features.registry import Registry
from indexer.ledger.ledger import Ledger
from indexer.live.change_request import ChangeRequest
from indexer.live.live_catalogue import LiveCatalogue, LiveTools
from indexer.live.new_placeholders import NewPlaceholders
from indexer.live.slow_features import SlowFeatures
from indexer.live.uploaded_pictures import PictureUploads
from indexer.live.waiting_picture_reader import WaitingPictureReader
from indexer.live.waiting_pictures import WaitingPicture, WaitingPictures
from indexer.settings import LoadSettings
from indexer.writing.recorded_writer import RecordedWriter
from mappings.catalogue.catalogue import Catalogue
from mappings.engine.gateway import Gateway
from tests.indexer import doubles
from tests.indexer.doubles import GREEN, RED, Tone, Words

PATIENCE_S = 60.0


class Desk:
    """A live catalogue that can be closed and opened again, as a server is."""

    def __init__(self, gateway: Gateway, alias: str, folder: Path, sandbox: Sandbox) -> None:
        self.catalogue = Catalogue(gateway, Registry([Tone(), Words()]), alias)
        self.folder = folder
        self.ledger = Ledger(folder / "ledger" / "products.sqlite3")
        self._sandbox = sandbox
        self.open()

    def open(self, build: Callable[[], Mapping[str, Feature]] = doubles.slow) -> None:
        """Start a server; `build` builds its slow features."""
        web = WebClient(FetchSettings(http=True), FEED_LIMITS.max_bytes, frozenset())
        thumbnails = Thumbnails(self.folder / "media")
        self.slow = SlowFeatures(
            build,
            self.catalogue,
            RetryPolicy(10),
            WaitingPictures(self.folder / "ledger", "products"),
            WaitingPictureReader(web, self._sandbox, thumbnails).read,
        )
        tools = LiveTools(
            self.catalogue,
            self.ledger,
            RecordedWriter(self.catalogue, self.ledger, RetryPolicy(10)),
            web,
            self._sandbox,
            thumbnails,
            self.slow,
            NewPlaceholders(self.catalogue, 0, lambda: False),
        )
        self.live = LiveCatalogue(tools, LoadSettings())

    def close(self) -> None:
        """Stop the server."""
        self.slow.close()

    def put(self, **colours: tuple[int, int, int]) -> list[tuple[str, ...]]:
        """Put products with a picture of one colour; return what they lack."""
        uploads = PictureUploads()
        requests = [
            ChangeRequest("put", key, {"title": key, "image_link": uploads.add(coloured(colour))})
            for key, colour in colours.items()
        ]
        arrival = self.ledger.next_arrival(len(requests))
        changes = [(arrival + number, request) for number, request in enumerate(requests)]
        return [result.pending for result in self.live.apply(changes, uploads)]

    def picture(self, key: str) -> dict[str, Any]:
        """Return a product's picture as it is stored."""
        stored = self.catalogue.current(key)
        assert stored is not None
        (picture,) = stored.source["images"]
        return dict(picture)

    def wait(self, key: str) -> dict[str, Any]:
        """Return a product's picture once it lacks nothing."""
        until = time.monotonic() + PATIENCE_S
        while "pending" in (picture := self.picture(key)) and time.monotonic() < until:
            time.sleep(0.1)
        return picture


@pytest.fixture
def desk(gateway: Gateway, alias: str, tmp_path: Path, sandbox: Sandbox) -> Iterator[Desk]:
    desk = Desk(gateway, alias, tmp_path, sandbox)
    yield desk
    desk.close()
    desk.ledger.close()


def coloured(colour: tuple[int, int, int]) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (8, 8), colour).save(file, "PNG")
    return file.getvalue()


def test_slow_features_are_filled_in_behind_the_answer(desk: Desk) -> None:
    assert desk.put(deadly=GREEN, red=RED, plain=(9, 9, 9)) == [("words",), ("words",), ()]
    assert desk.wait("red")["words"] == "red"
    # The picture that killed its process stays pending, and holds nothing up.
    assert desk.picture("deadly")["pending"] == ["words"]


def test_what_waits_when_a_server_stops_is_taken_up_when_one_starts(desk: Desk) -> None:
    desk.slow.close()
    desk.put(first=RED)
    desk.slow.close()
    (desk.folder / "media").rename(desk.folder / "gone")
    assert desk.picture("first")["pending"] == ["words"]
    desk.open()
    desk.slow.start()
    # From the bytes that came with the request: neither an address nor a thumbnail has them.
    assert desk.wait("first")["words"] == "red"


def test_what_a_killed_process_had_waiting_is_taken_up(desk: Desk) -> None:
    desk.slow.close()
    desk.put(cup=RED)
    desk.slow.close()
    with subprocess.Popen(
        [sys.executable, "-c", KILLED, str(desk.folder / "ledger"), coloured(RED).hex()]
    ) as process:
        assert process.wait() == -signal.SIGKILL
    desk.open()
    desk.slow.start()
    assert desk.wait("cup")["words"] == "red"


KILLED = """
import hashlib, os, signal, sys
from pathlib import Path
from indexer.live.waiting_pictures import WaitingPicture, WaitingPictures

data = bytes.fromhex(sys.argv[2])
image_id = hashlib.sha256(data).hexdigest()
waiting = WaitingPictures(Path(sys.argv[1]), "products")
waiting.add([WaitingPicture("cup", image_id, "upload:" + image_id, ["words"], data)])
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_pictures_of_a_process_that_runs_are_left_to_it(tmp_path: Path) -> None:
    mine, other = WaitingPictures(tmp_path, "products"), WaitingPictures(tmp_path, "products")
    mine.add([WaitingPicture("cup", "0" * 64, "upload:0", ["words"], b"data")])
    assert other.take_over() == 0
    mine.close()
    assert other.take_over() == 1
    (key,) = other.keys(9)
    found = other.read(key)
    assert found is not None
    assert (found.data, list(found.features)) == (b"data", ["words"])
    other.remove(found)
    assert other.read(key) is None
    other.close()
