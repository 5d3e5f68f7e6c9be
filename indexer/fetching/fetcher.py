"""Gets the bytes of a picture from where the feed says it is: a file, or the web."""

import os
import re
import stat
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

from features.fetching.errors import AddressRefused, FetchFailed
from features.fetching.settings import FetchSettings
from features.fetching.web import Validators, WebClient
from features.imaging.errors import ImageTooLarge

WEB = ("http", "https")


class Fetcher:
    """Fetches pictures for one feed. Thread-safe.

    `home` is the feed's folder, where relative paths start; `max_bytes` the most one picture
    may have; `permit` names network addresses that are fetched although they are not public.
    """

    def __init__(
        self,
        home: Path,
        settings: FetchSettings,
        max_bytes: int,
        permit: frozenset[str] = frozenset(),
    ) -> None:
        self.home = home
        self._max_bytes = max_bytes
        self._web = WebClient(settings, max_bytes, permit) if settings.http else None

    def fetch(self, address: str) -> bytes:
        """Return the bytes at a path, `file:` or http(s) address.

        Raises AddressRefused, FetchFailed or ImageTooLarge.
        """
        if "\0" in address:
            raise AddressRefused("an address must not contain a NUL character")
        parts = split_address(address)
        if parts is None or parts.scheme == "file":
            return self._read(self._local(address, parts))
        if self._web is None:
            raise AddressRefused(
                "web pictures are fetched only with --allow-http or LOOKALIKE_FETCH_HTTP=yes"
            )
        return self._web.get(address)

    def fetch_changed(self, address: str, earlier: Validators) -> tuple[bytes | None, Validators]:
        """Return the bytes at an address and its validators, None where it is the known version.

        A file on this machine is always read. Raises as `fetch`.
        """
        parts = split_address(address)
        if self._web is None or parts is None or parts.scheme not in WEB:
            return self.fetch(address), Validators()
        return self._web.get_changed(address, earlier)

    def label(self, address: str) -> str:
        """Return the address in a form that may be public: without folders of this machine."""
        parts = split_address(address)
        if parts is not None and parts.scheme in WEB:
            return address
        path = self._local(address, parts)
        return (
            path.relative_to(self.home).as_posix() if path.is_relative_to(self.home) else path.name
        )

    def _local(self, address: str, parts: SplitResult | None) -> Path:
        if parts is not None:
            if parts.netloc not in ("", "localhost"):
                raise AddressRefused("a file: address must not name another machine")
            return Path(unquote(parts.path))
        path = Path(address)
        if not path.is_absolute() and not _exists(self.home / path):
            # Web shops write a file as in a link: My%20Mug.jpg?v=2.
            path = Path(unquote(re.split(r"[?#]", address, maxsplit=1)[0]).lstrip("/"))
        # An absolute path may lead anywhere: the operator's own system wrote it. A relative one
        # that climbs out of the feed's folder did not come from there.
        if ".." in path.parts:
            raise AddressRefused("a relative path must not leave the feed's folder (..)")
        return self.home / path

    def _read(self, path: Path) -> bytes:
        try:
            # Not blocking: opening a pipe without a writer would wait for ever.
            descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
            with os.fdopen(descriptor, "rb") as stream:
                if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                    raise FetchFailed(f"{path.name} is not a file")
                data = stream.read(self._max_bytes + 1)
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else str(error)
            raise FetchFailed(f"{path.name[:200]} cannot be read: {reason}") from error
        if len(data) > self._max_bytes:
            raise ImageTooLarge(f"the file has more than {self._max_bytes / 1e6:g} MB")
        return data


def split_address(address: str) -> SplitResult | None:
    """Return the parts of a URL, or None for a path; raises AddressRefused for other schemes."""
    scheme, separator, _ = address.partition("://")
    if not separator and address[:5].lower() == "file:":
        scheme, separator = "file", ":"
    if not separator or not scheme.isalnum():
        return None
    if scheme.lower() not in (*WEB, "file"):
        raise AddressRefused(
            f"{scheme[:20]}: addresses are not fetched; only http, https and file are"
        )
    try:
        return urlsplit(address)
    except ValueError as error:
        raise AddressRefused(f"this is not an address: {error}") from error


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    # A name too long for the file system.
    except OSError:
        return False
