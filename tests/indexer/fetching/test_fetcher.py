"""Pictures from the web, within bounds."""

import subprocess
import time
from pathlib import Path

import pytest

from features.fetching import host_failures
from features.fetching.errors import AddressRefused, FetchFailed
from features.fetching.host_failures import HostFailures
from features.fetching.settings import FetchSettings
from features.fetching.web import Validators
from features.imaging.errors import ImageTooLarge
from indexer.fetching.fetcher import Fetcher
from tests.indexer.fetching.picture_site import HOME, MOMENT, Site


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
