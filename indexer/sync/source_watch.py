"""Ways to notice that a source has changed, each for sources of its kind."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from core.progress import Say
from indexer.errors import PositionLost
from indexer.sync.remote_feed import RemoteFeed
from indexer.sync.sync import Sync
from indexer.sync.sync_report import SyncReport

Fingerprint = tuple[int, int, int]


class SourceWatch(Protocol):
    """Looks at a source again and again."""

    def look(self) -> SyncReport | None:
        """Apply what has changed since the last look; None where nothing has."""
        ...


@dataclass
class ChangeWatch:
    """For a source that tells its changes; now and then it is compared as a whole."""

    sync: Sync
    say: Say

    def look(self) -> SyncReport | None:
        """Apply the changes that wait."""
        if self.sync.is_whole_reading_due:
            return self.sync.run_whole()
        try:
            return self.sync.run_changes()
        except PositionLost as error:
            self.say(f"{error}: comparing everything")
            return self.sync.run_whole()


@dataclass
class FileWatch:
    """For a file: it is read again once it has changed and is no longer being written."""

    sync: Sync
    path: Path
    _applied: Fingerprint | None = None
    _last: Fingerprint | None = None

    def look(self) -> SyncReport | None:
        """Read the file if it is another than before, and the same at two looks in a row."""
        status = self.path.stat() if self.path.exists() else None
        now = (status.st_mtime_ns, status.st_size, status.st_ino) if status else None
        is_due = now is not None and now == self._last and now != self._applied
        self._last = now
        if not is_due:
            return None
        self._applied = now
        return self.sync.run_whole()


@dataclass
class RemoteWatch:
    """For a feed on the web: read again where the server has a newer version."""

    sync: Sync
    feed: RemoteFeed
    _is_applied: bool = field(default=False)

    def look(self) -> SyncReport | None:
        """Ask the server, and read what is new."""
        if not self.feed.refresh() and self._is_applied:
            return None
        self._is_applied = True
        return self.sync.run_whole()


@dataclass
class WholeWatch:
    """For a source that tells nothing: it is compared as a whole at every look."""

    sync: Sync

    def look(self) -> SyncReport | None:
        """Compare everything."""
        return self.sync.run_whole()
