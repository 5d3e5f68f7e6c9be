"""Feeds on the web: downloaded into the state folder, and again only where they have changed."""

import socket
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from features.fetching.errors import FetchFailed
from features.fetching.settings import FetchSettings
from features.fetching.web import Validators, WebClient
from indexer.errors import FeedUnreadable
from indexer.sync.source_state import SourceState

MAX_BYTES = 20_000_000_000
TIMEOUT_S = 3600.0

ETAG, MODIFIED = "feed_etag", "feed_modified"

SCHEMES = ("http", "https")


def is_remote(address: str) -> bool:
    """Say whether a source is a feed on the web."""
    return address.partition("://")[0].lower() in SCHEMES


@dataclass(frozen=True)
class RemoteFeed:
    """A feed at a web address and the file it is kept in.

    Whoever gave the address may read that host, inside the network, too; a redirect to another
    address there is refused.
    """

    address: str
    path: Path
    state: SourceState

    def refresh(self) -> bool:
        """Download the feed where it has changed; return whether it has.

        What is there stays until the whole new feed is. Raises FeedUnreadable and AddressRefused.
        """
        known = Validators()
        if self.path.exists():
            known = Validators(self.state.fact(ETAG), self.state.fact(MODIFIED))
        part = self.path.with_suffix(".part")
        self.path.parent.mkdir(parents=True, exist_ok=True)
        try:
            client = WebClient(FetchSettings(True, (), TIMEOUT_S), MAX_BYTES, self._permitted())
            with part.open("w+b") as body:
                validators = client.download(self.address, body, known)
        except FetchFailed as error:
            raise FeedUnreadable(f"the feed cannot be fetched: {error}") from error
        if validators is None:
            part.unlink()
            return False
        part.replace(self.path)
        self.state.store_fact(ETAG, validators.etag)
        self.state.store_fact(MODIFIED, validators.modified)
        return True

    def _permitted(self) -> frozenset[str]:
        parts = urlsplit(self.address)
        try:
            answers = socket.getaddrinfo(parts.hostname, None, type=socket.SOCK_STREAM)
        except OSError:
            return frozenset()
        return frozenset(str(answer[4][0]) for answer in answers)
