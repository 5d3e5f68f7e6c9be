"""Pictures on the web: asked for a newer version alone, and none of them stalls a run."""

import io
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from PIL import Image

from features.fetching.settings import FetchSettings
from tests.indexer.sync.conftest import SyncShop


def png(colour: tuple[int, int, int]) -> bytes:
    data = io.BytesIO()
    Image.new("RGB", (8, 8), colour).save(data, "PNG")
    return data.getvalue()


class PictureSite(ThreadingHTTPServer):
    """Serves pictures by path with entity tags. `asked` are paths with the statuses they got."""

    def __init__(self) -> None:
        self.pictures: dict[str, bytes] = {}
        self.asked: list[tuple[str, int]] = []
        super().__init__(("127.0.0.1", 0), PicturePage)

    def link(self, path: str) -> str:
        return f"http://127.0.0.1:{self.server_port}{path}"

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of clients that hang up."""


class PicturePage(BaseHTTPRequestHandler):
    server: PictureSite

    def do_GET(self) -> None:
        if self.path == "/drip":
            self.send_response(200)
            self.end_headers()
            for _ in range(40):
                self.wfile.write(b"x")
                time.sleep(0.1)
            return
        if self.path == "/inside":
            self.reply(302, Location="http://169.254.169.254/latest/meta-data")
        elif self.path == "/login":
            self.reply(200, b"<!doctype html><title>Sign in</title>")
        elif self.path == "/lies":
            self.reply(200, png((1, 2, 3)), Content_Length="999")
        else:
            data = self.server.pictures[self.path]
            tag = f'"{hash(data)}"'
            is_known = self.headers["If-None-Match"] == tag
            self.reply(304 if is_known else 200, b"" if is_known else data, ETag=tag)

    def reply(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.server.asked.append((self.path, status))
        self.send_response(status)
        for name, value in ({"Content-Length": str(len(body))} | {
            name.replace("_", "-"): value for name, value in headers.items()
        }).items():  # fmt: skip
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Keep quiet."""


@pytest.fixture
def site() -> Iterator[PictureSite]:
    with PictureSite() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def web_shop(sync_shop: SyncShop) -> SyncShop:
    sync_shop.fetching = FetchSettings(http=True, timeout_s=2)
    sync_shop.permit = frozenset({"127.0.0.1"})
    return sync_shop


def test_stored_picture_is_asked_for_a_newer_version(web_shop: SyncShop, site: PictureSite) -> None:
    site.pictures = {"/a.png": png((9, 9, 99)), "/b.png": png((99, 9, 9))}
    row = {"id": "a", "image_link": [site.link("/a.png")]}
    web_shop.write(row)
    web_shop.sync()
    row["image_link"] = [site.link("/a.png"), site.link("/b.png")]
    web_shop.write(row)
    report = web_shop.sync()
    assert (report.reused, web_shop.tone.extracted) == (1, 1)
    assert sorted(site.asked) == [("/a.png", 200), ("/a.png", 304), ("/b.png", 200)]
    # Another picture at the same address is met when the product is looked at again.
    site.pictures["/a.png"] = png((9, 99, 9))
    row["image_link"] = [site.link("/b.png"), site.link("/a.png")]
    web_shop.write(row)
    assert web_shop.sync().reused == 1
    assert web_shop.tone.extracted == 1


def test_links_that_cannot_be_used_are_named_and_stall_nothing(
    web_shop: SyncShop, site: PictureSite
) -> None:
    site.pictures = {"/good.png": png((9, 9, 99))}
    names = ("drip", "inside", "login", "lies")
    web_shop.write(
        *({"id": name, "image_link": [site.link(f"/{name}")]} for name in names),
        {"id": "good", "image_link": [site.link("/good.png"), site.link("/login")]},
    )
    began = time.monotonic()
    report = web_shop.sync()
    assert time.monotonic() - began < 30
    assert report.rewritten == 1
    rejected = dict(web_shop.rejected("id", "rule"))
    assert rejected == {
        "drip": "fetch_failed",
        "good": "fetch_failed",
        "inside": "address_refused",
        "lies": "fetch_failed",
        "login": "fetch_failed",
    }
    # What failed is tried again by the next reading of everything.
    before = len(site.asked)
    web_shop.sync()
    assert len(site.asked) > before
