"""Pictures from files and from the web, within bounds."""

import os
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from features.fetching import host_failures
from features.fetching.errors import AddressRefused, FetchFailed
from features.fetching.host_failures import HostFailures
from features.fetching.settings import FetchSettings
from features.fetching.web import Validators
from features.imaging.errors import ImageTooLarge
from indexer.fetching.fetcher import Fetcher

HOME = "127.0.0.1"
MOMENT = "Mon, 30 Nov 2026 12:00:00 GMT"


@pytest.fixture
def files(tmp_path: Path) -> Fetcher:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "a b#1.jpg").write_bytes(b"picture")
    (tmp_path / "secret.jpg").write_bytes(b"secret")
    return Fetcher(tmp_path / "shop", FetchSettings(), 1000)


@pytest.mark.parametrize(
    "address", ["a b#1.jpg", "./a b#1.jpg", "a%20b%231.jpg", "a%20b%231.jpg?v=2"]
)
def test_relative_path_starts_at_the_feed(files: Fetcher, address: str) -> None:
    assert files.fetch(address) == b"picture"


def test_absolute_path_and_file_address_are_read(files: Fetcher, tmp_path: Path) -> None:
    path = tmp_path / "shop" / "a b#1.jpg"
    assert files.fetch(str(path)) == b"picture"
    assert files.fetch(f"file://{path.parent}/a%20b%231.jpg") == b"picture"
    assert files.fetch(f"file:{path.parent}/a%20b%231.jpg") == b"picture"


@pytest.mark.parametrize(
    "address",
    [
        "../secret.jpg",
        "x/../../secret.jpg",
        "%2e%2e/secret.jpg",
        "..%2Fsecret.jpg",
        "file://other/etc/x",
        "ftp://h/x",
        "a\0b",
    ],
)
def test_address_that_leads_elsewhere_is_refused(files: Fetcher, address: str) -> None:
    with pytest.raises(AddressRefused):
        files.fetch(address)


def test_web_is_off_by_default(files: Fetcher) -> None:
    with pytest.raises(AddressRefused, match="--allow-http"):
        files.fetch("https://shop.example/a.jpg")


def test_what_is_no_readable_file_fails(files: Fetcher, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "shop" / "pipe.jpg")
    for address in ("none.jpg", "pipe.jpg", ".", "x" * 5000):
        with pytest.raises(FetchFailed):
            files.fetch(address)


def test_file_over_the_limit_is_too_large(files: Fetcher, tmp_path: Path) -> None:
    (tmp_path / "shop" / "big.jpg").write_bytes(b"x" * 1001)
    with pytest.raises(ImageTooLarge):
        files.fetch("big.jpg")


@pytest.mark.parametrize(
    ("address", "label"),
    [
        ("images/a.jpg", "images/a.jpg"),
        ("/home/someone/private/a.jpg", "a.jpg"),
        ("https://shop.example/a.jpg", "https://shop.example/a.jpg"),
    ],
)
def test_label_tells_nothing_of_this_machine(files: Fetcher, address: str, label: str) -> None:
    assert files.label(address) == label


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


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def web(timeout_s: float = 10, hosts: tuple[str, ...] = (), permit: str = HOME) -> Fetcher:
    settings = FetchSettings(http=True, hosts=hosts, timeout_s=timeout_s)
    return Fetcher(Path(), settings, 1000, frozenset({permit}))


def test_picture_is_fetched_with_the_host_kept(site: Site) -> None:
    assert web().fetch(f"{site.root}/good/ü x?q=é&b") == b"picture"
    assert site.asked == [("/good/%C3%BC%20x?q=%C3%A9&b", f"{HOME}:{site.server_port}")]


def test_connection_goes_to_the_checked_address(site: Site) -> None:
    # `localhost` may resolve to ::1 as well, where nobody listens: both are permitted here.
    fetcher = Fetcher(Path(), FetchSettings(http=True), 1000, frozenset({HOME, "::1"}))
    assert fetcher.fetch(f"http://localhost:{site.server_port}/good") == b"picture"
    assert site.asked == [("/good", f"localhost:{site.server_port}")]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of our own for `localhost`, with its key."""
    path = tmp_path_factory.mktemp("tls") / "localhost.pem"
    subprocess.run(
        [
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-subj",
            "/CN=localhost",
            "-addext",
            "subjectAltName=DNS:localhost",
            "-keyout",
            str(path),
            "-out",
            f"{path}.crt",
        ],
        check=True,
        capture_output=True,
    )
    path.write_text(path.read_text() + Path(f"{path}.crt").read_text())
    return path


def test_certificate_is_checked_against_the_name(
    site: Site, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.secure(certificate)
    permit = frozenset({HOME, "::1"})
    address = f"https://localhost:{site.server_port}/good"
    with pytest.raises(FetchFailed, match="CertVerification"):
        Fetcher(Path(), FetchSettings(http=True), 1000, permit).fetch(address)

    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    trusting = Fetcher(Path(), FetchSettings(http=True), 1000, permit)
    assert trusting.fetch(address) == b"picture"
    assert "localhost" in site.names
    with pytest.raises(FetchFailed, match="CertVerification"):
        trusting.fetch(address.replace("localhost", HOME))


def test_loopback_is_refused_unless_permitted(site: Site) -> None:
    with pytest.raises(AddressRefused, match="public internet"):
        web(permit="10.9.9.9").fetch(f"{site.root}/good")
    assert site.asked == []


@pytest.mark.parametrize("page", ["away", "local"])
def test_each_redirect_is_checked_again(site: Site, page: str) -> None:
    with pytest.raises(AddressRefused):
        Fetcher(Path(), FetchSettings(http=True), 1000, frozenset({HOME})).fetch(
            f"{site.root}/{page}"
        )
    assert len(site.asked) == 1


def test_five_redirects_are_followed_and_no_more(site: Site) -> None:
    assert web().fetch(f"{site.root}/hops/5") == b"picture"
    for page in ("hops/6", "round"):
        with pytest.raises(FetchFailed, match="redirects"):
            web().fetch(f"{site.root}/{page}")


@pytest.mark.parametrize("page", ["big", "endless"])
def test_bytes_are_counted_while_they_come(site: Site, page: str) -> None:
    with pytest.raises(ImageTooLarge):
        web().fetch(f"{site.root}/{page}")


@pytest.mark.parametrize(
    ("page", "said"), [("missing", "404"), ("cut", "broke"), ("packed", "compressed")]
)
def test_answer_that_is_no_picture_fails(site: Site, page: str, said: str) -> None:
    with pytest.raises(FetchFailed, match=said):
        web().fetch(f"{site.root}/{page}")


def test_login_page_is_named_whatever_it_says_it_is(site: Site) -> None:
    with pytest.raises(FetchFailed, match="web page, perhaps to log in"):
        web().fetch(f"{site.root}/login")


def test_length_that_is_too_small_ends_the_picture_there(site: Site) -> None:
    # What is cut off is for the decoder to refuse; nothing of the next answer is read as a picture.
    assert web().fetch(f"{site.root}/short") == b"pic"


def test_known_version_is_not_sent_again(site: Site) -> None:
    address = f"{site.root}/versioned"
    data, validators = web().fetch_changed(address, Validators())
    assert (data, validators) == (b"picture", Validators('"1"', MOMENT))
    assert web().fetch_changed(address, validators) == (None, validators)
    assert web().fetch_changed(address, Validators(modified=MOMENT))[0] is None
    assert web().fetch_changed(address, Validators('"2"'))[0] == b"picture"
    assert web().fetch(address) == b"picture"


def test_host_that_does_not_answer_is_left_alone_for_a_while(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(host_failures, "FAILURES", 2)
    fetcher = web(timeout_s=0.2)
    began = time.monotonic()
    said = []
    for number in range(20):
        with pytest.raises(FetchFailed) as caught:
            fetcher.fetch(f"{site.root}/silent/{number}")
        said.append(str(caught.value))
    assert time.monotonic() - began < 2
    assert "no answer within 0.2 s" in said[0]
    assert all("left alone" in line for line in said[2:])


def test_host_that_answers_again_is_asked_again() -> None:
    now = [0.0]
    failures = HostFailures(lambda: now[0])
    for _ in range(host_failures.FAILURES):
        failures.add("h")
    with pytest.raises(FetchFailed, match="left alone"):
        failures.require_answering("h")
    failures.require_answering("other")
    now[0] = host_failures.PAUSE_S
    failures.require_answering("h")
    failures.clear("h")
    failures.add("h")
    failures.require_answering("h")


def test_server_that_dribbles_is_cut_off_in_time(site: Site) -> None:
    began = time.monotonic()
    with pytest.raises(FetchFailed):
        web(timeout_s=1).fetch(f"{site.root}/slow")
    assert time.monotonic() - began < 3


def test_busy_server_is_asked_again(site: Site) -> None:
    assert web().fetch(f"{site.root}/busy") == b"picture"
    assert len(site.asked) == 2


@pytest.mark.parametrize(
    "address",
    ["http://user:pw@127.0.0.1/x", "http://127.0.0.1\\@x/y", "http:///x", "http://127.0.0.1:99999/",
     "http://127.0.0.1/a\r\nX: y", "http://[::1/x", "http://127.0.0.1:0/x"],
)  # fmt: skip
def test_odd_address_is_refused(address: str) -> None:
    with pytest.raises(AddressRefused):
        web().fetch(address)


@pytest.mark.parametrize(
    ("host", "allowed"),
    [("127.0.0.1", True), ("other.example", False), ("*.0.0.1", True), (".0.0.1", True)],
)
def test_host_list_bounds_what_is_fetched(site: Site, host: str, allowed: bool) -> None:
    fetcher = web(hosts=(host,))
    if allowed:
        assert fetcher.fetch(f"{site.root}/good") == b"picture"
    else:
        with pytest.raises(AddressRefused, match="FETCH_HOSTS"):
            fetcher.fetch(f"{site.root}/good")
