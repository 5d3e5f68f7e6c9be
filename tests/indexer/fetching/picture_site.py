"""A web server of pictures with every fault that shops' servers have."""

import ssl
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

HOME = "127.0.0.1"
MOMENT = "Mon, 30 Nov 2026 12:00:00 GMT"


class Site(ThreadingHTTPServer):
    """A web server on loopback that remembers what it is asked, and for which names."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []
        self.names: list[str] = []
        super().__init__((HOME, 0), Pages)

    def secure(self, certificate: Path) -> None:
        """Speak TLS from now on."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        context.sni_callback = lambda _sock, name, _context: self.names.append(str(name))
        self.socket = context.wrap_socket(self.socket, server_side=True)

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of clients that hang up; the tests are about those."""

    @property
    def root(self) -> str:
        return f"http://{HOME}:{self.server_port}"


class Pages(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        assert isinstance(self.server, Site)
        self.server.asked.append((self.path, self.headers["Host"]))
        page = self.path.partition("?")[0].strip("/").split("/")
        PAGES.get(page[0], Pages.missing)(self, *page[1:])

    def log_message(self, *args: object) -> None:
        """Keep quiet."""

    def answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        for name, value in ({"Content-Length": str(len(body))} | named).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def missing(self) -> None:
        self.answer(404)

    def good(self, *path: str) -> None:
        self.answer(200, b"picture")

    def big(self) -> None:
        self.answer(200, b"x" * 1001)

    def endless(self) -> None:
        self.send_response(200)
        self.end_headers()
        try:
            while True:
                self.wfile.write(b"x" * 100_000)
        except OSError:
            return

    def slow(self) -> None:
        self.send_response(200)
        self.end_headers()
        try:
            for _ in range(100):
                self.wfile.write(b"x")
                time.sleep(0.1)
        except OSError:
            return

    def cut(self) -> None:
        self.answer(200, b"half", Content_Length="8")

    def packed(self) -> None:
        self.answer(200, b"x", Content_Encoding="gzip")

    def busy(self) -> None:
        assert isinstance(self.server, Site)
        self.answer(503) if len(self.server.asked) < 2 else self.answer(200, b"picture")

    def round(self) -> None:
        self.answer(302, Location="/round")

    def hops(self, left: str) -> None:
        self.answer(302, Location=f"/hops/{int(left) - 1}" if left != "1" else "/good")

    def away(self) -> None:
        self.answer(302, Location="http://127.0.0.2:1/metadata")

    def versioned(self) -> None:
        if self.headers["If-None-Match"] == '"1"' or self.headers["If-Modified-Since"] == MOMENT:
            self.answer(304)
        else:
            self.answer(200, b"picture", ETag='"1"', Last_Modified=MOMENT)

    def login(self) -> None:
        page = b"\n<!-- shop --><!DOCTYPE html><html><title>Sign in</title></html>"
        self.answer(200, page, Content_Type="image/jpeg")

    def short(self) -> None:
        self.answer(200, b"picture", Content_Length="3")

    def silent(self, *path: str) -> None:
        time.sleep(2)

    def local(self) -> None:
        self.answer(302, Location="file:///etc/passwd")


PAGES: dict[str, Callable[..., None]] = {
    name: getattr(Pages, name)
    for name in (
        "good",
        "big",
        "endless",
        "slow",
        "cut",
        "packed",
        "busy",
        "round",
        "hops",
        "away",
        "local",
        "login",
        "short",
        "silent",
        "versioned",
    )
}
