"""Fetches from the web without being led into the machine's own network.

Every host is resolved and checked (`features.fetching.addresses`), the connection goes to the
checked address with the host's name kept for `Host` and TLS, and each redirect is checked again.
Proxies of the environment are not used: they would resolve the name a second time.
"""

import http.client
import re
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from io import BytesIO
from typing import IO
from urllib.parse import SplitResult, quote, urljoin, urlsplit

import idna

from features.fetching.addresses import resolve
from features.fetching.errors import AddressRefused, FetchFailed
from features.fetching.host_failures import HostFailures
from features.fetching.settings import FetchSettings
from features.imaging.errors import ImageTooLarge

REDIRECTS = 5
TRIES = 3
CHUNK_BYTES = 65_536
NOT_MODIFIED = 304
REDIRECT_STATUSES = frozenset({301, 302, 303, 307, 308})
RETRY_STATUSES = frozenset({429, 500, 502, 503, 504})
CUT_SLACK_S = 0.05
"""A connection that is cut at its deadline may seem to have broken just before."""

PORTS = {"http": 80, "https": 443}
HEADERS = {"User-Agent": "lookalike", "Accept-Encoding": "identity"}


class _TransientFailure(FetchFailed):
    """A failure that another try may not meet."""


WEB_PAGE = re.compile(rb"\s*(?:<!--.*?-->\s*)?<(?:!doctype\s+html|html|head)\b", re.I | re.S)
"""How an answer begins that is no picture but a page for people, such as a login page."""


@dataclass(frozen=True)
class Validators:
    """What a server said of the version it sent (RFC 9110, 8.8), to ask for a newer one with."""

    etag: str = ""
    modified: str = ""

    def headers(self) -> dict[str, str]:
        """Return the headers of a request that wants a newer version alone."""
        conditions = {"If-None-Match": self.etag, "If-Modified-Since": self.modified}
        return {name: value for name, value in conditions.items() if value}


class WebClient:
    """Gets pictures over http(s). Thread-safe: every request has its own connection."""

    def __init__(self, settings: FetchSettings, max_bytes: int, permit: frozenset[str]) -> None:
        self._settings = settings
        self._max_bytes = max_bytes
        self._permit = permit
        self._tls = ssl.create_default_context()
        self._failures = HostFailures()

    def get(self, address: str) -> bytes:
        """Return the picture at an address; raises AddressRefused, FetchFailed or ImageTooLarge."""
        data, _ = self.get_changed(address, Validators())
        if data is None:
            raise FetchFailed("the server answers 304, which was not asked for")
        return data

    def get_changed(self, address: str, earlier: Validators) -> tuple[bytes | None, Validators]:
        """Return the picture at an address and its validators, None where it is the known version.

        Raises as `get`.
        """
        body = BytesIO()
        validators = self.download(address, body, earlier, accept="image/*")
        if validators is None:
            return None, earlier
        data = body.getvalue()
        if WEB_PAGE.match(data[:CHUNK_BYTES]):
            raise FetchFailed(
                "the server answers with a web page, perhaps to log in, not with a picture"
            )
        return data, validators

    def download(
        self,
        address: str,
        body: IO[bytes],
        earlier: Validators | None = None,
        accept: str = "*/*",
    ) -> Validators | None:
        """Write what is at an address into `body`; None where it is the known version.

        Raises as `get`.
        """
        deadline = time.monotonic() + self._settings.timeout_s
        host = ascii_host(split_web_address(address))
        self._failures.require_answering(host)
        headers = {**HEADERS, "Accept": accept, **(earlier or Validators()).headers()}
        for attempt in range(1, TRIES + 1):
            try:
                validators = self._follow(address, deadline, headers, body)
            except _TransientFailure:
                wait = 0.5 * attempt
                if attempt == TRIES or time.monotonic() + wait > deadline:
                    self._failures.add(host)
                    raise
                time.sleep(wait)
            else:
                self._failures.clear(host)
                return validators
        raise AssertionError("the last attempt returns or raises")

    def _follow(
        self, address: str, deadline: float, headers: Mapping[str, str], body: IO[bytes]
    ) -> Validators | None:
        for _ in range(REDIRECTS + 1):
            answer = self._request(split_web_address(address), deadline, headers, body)
            if not isinstance(answer, str):
                return answer
            address = urljoin(address, answer)
        raise FetchFailed(f"more than {REDIRECTS} redirects")

    def _request(
        self, parts: SplitResult, deadline: float, headers: Mapping[str, str], body: IO[bytes]
    ) -> Validators | str | None:
        """Return the validators of the body, None for a known version, or a redirect's address."""
        host = ascii_host(parts)
        if self._settings.hosts and not any(
            is_within(host, known) for known in self._settings.hosts
        ):
            raise AddressRefused(f"{host[:100]!r} is not one of LOOKALIKE_FETCH_HOSTS")
        port = parts.port or PORTS[parts.scheme]
        try:
            with self._connected(parts.scheme, host, port, deadline) as connection:
                path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._")
                query = "?" + quote(parts.query, safe="/%:@!$&'()*+,;=~-._?") if parts.query else ""
                connection.request("GET", path + query, headers=dict(headers))
                return self._answer(connection.getresponse(), deadline, body)
        except (OSError, http.client.HTTPException) as error:
            if time.monotonic() >= deadline - CUT_SLACK_S:
                raise _no_answer(self._settings.timeout_s) from error
            raise _TransientFailure(
                f"{host[:100]} does not answer properly ({type(error).__name__})"
            ) from error

    @contextmanager
    def _connected(
        self, scheme: str, host: str, port: int, deadline: float
    ) -> Iterator[http.client.HTTPConnection]:
        """Give a connection to a checked address; it is cut off at the deadline."""
        remaining = deadline - time.monotonic()
        if remaining <= 0:
            raise _no_answer(self._settings.timeout_s)
        plain = _connect(resolve(host, port, self._permit), port, remaining)
        with plain, _cut_after(remaining, plain):
            sock = plain
            if scheme == "https":
                # The name is what the certificate is checked against, not the address.
                sock = self._tls.wrap_socket(plain.dup(), server_hostname=host)
            with sock:
                connection = http.client.HTTPConnection(host, port)
                connection.sock = sock
                # With the socket gone it must not connect by itself, past the check.
                connection.auto_open = 0
                connection.default_port = PORTS[scheme]
                yield connection

    def _answer(
        self, response: http.client.HTTPResponse, deadline: float, body: IO[bytes]
    ) -> Validators | str | None:
        location = response.getheader("Location")
        if response.status in REDIRECT_STATUSES and location:
            return location
        if response.status == NOT_MODIFIED:
            return None
        if response.status in RETRY_STATUSES:
            raise _TransientFailure(f"the server answers {response.status}")
        if response.status != 200:
            raise FetchFailed(f"the server answers {response.status}")
        if response.getheader("Content-Encoding", "identity").lower() != "identity":
            raise FetchFailed("the server sends the picture compressed, which was not requested")
        body.seek(0)
        body.truncate()
        size = 0
        while chunk := response.read(CHUNK_BYTES):
            size += body.write(chunk)
            if size > self._max_bytes:
                raise ImageTooLarge(f"the file has more than {self._max_bytes / 1e6:g} MB")
        if response.length or time.monotonic() > deadline:
            raise _TransientFailure("the connection broke in the middle of the picture")
        headers = (response.getheader("ETag", ""), response.getheader("Last-Modified", ""))
        return Validators(*headers)


def _no_answer(timeout_s: float) -> _TransientFailure:
    return _TransientFailure(f"no answer within {timeout_s:g} s")


def _connect(addresses: list[str], port: int, timeout_s: float) -> socket.socket:
    """Return a connection to the first address that takes one."""
    for number, address in enumerate(addresses, start=1):
        try:
            sock = socket.create_connection((address, port), timeout_s / len(addresses))
        except OSError:
            if number == len(addresses):
                raise
        else:
            sock.settimeout(timeout_s)
            return sock
    raise AssertionError("there is at least one address")


@contextmanager
def _cut_after(seconds: float, sock: socket.socket) -> Iterator[None]:
    """Cut the connection after some time; a server that sends a byte a minute never times out."""

    def cut() -> None:
        with suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(seconds, cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def split_web_address(address: str) -> SplitResult:
    """Return the parts of an http(s) address; raises AddressRefused for anything else."""
    address = address.strip().replace(" ", "%20")
    if any(ord(character) < 33 or character in "\\\x7f" for character in address):
        raise AddressRefused("an address must not contain control characters or backslashes")
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError as error:
        raise AddressRefused(f"this is not an address: {error}") from error
    if parts.scheme not in PORTS or not parts.hostname or port == 0:
        raise AddressRefused("only complete http:// and https:// addresses are fetched")
    if parts.username is not None or parts.password is not None:
        raise AddressRefused("an address must not contain a user name or password")
    return parts


def ascii_host(parts: SplitResult) -> str:
    """Return the host's name in ASCII, as DNS and TLS need it; raises AddressRefused."""
    host = parts.hostname or ""
    if host.isascii():
        return host
    try:
        return idna.encode(host, uts46=True).decode("ascii")
    except idna.IDNAError as error:
        raise AddressRefused(f"{host[:100]!r} is not a host name") from error


def is_within(host: str, allowed_host: str) -> bool:
    """Say whether a host is `allowed_host`, or below it where that starts with a dot or ``*.``."""
    allowed_host = allowed_host.lower().removeprefix("*")
    host = host.lower().rstrip(".")
    return host.endswith(allowed_host) if allowed_host.startswith(".") else host == allowed_host
