"""The account the local node runs under: Elasticsearch refuses to run as root."""

import os
import pwd
import stat
from dataclasses import dataclass
from pathlib import Path

from ops.errors import NodeFailed

UNPRIVILEGED = "nobody"


@dataclass(frozen=True)
class NodeAccount:
    """A user and its group."""

    uid: int
    gid: int

    @classmethod
    def for_node(cls) -> "NodeAccount":
        """Return ourselves, or `nobody` when we are root."""
        if os.geteuid() != 0:
            return cls(os.geteuid(), os.getegid())
        entry = pwd.getpwnam(UNPRIVILEGED)
        return cls(entry.pw_uid, entry.pw_gid)

    @property
    def is_another(self) -> bool:
        """Say whether processes must change to this account."""
        return os.geteuid() != self.uid

    def require_access(self, path: Path, setting: str) -> None:
        """Raise NodeFailed when a folder on the way to `path` is closed to this account."""
        if not self.is_another:
            return
        for folder in (path, *path.parents):
            if folder.is_dir() and not self._may_enter(folder):
                raise NodeFailed(
                    f"{path} is out of reach: Elasticsearch runs as {UNPRIVILEGED!r} because we "
                    f"are root, and {folder} is closed to it; choose another place with {setting}"
                )

    def make_private(self, folder: Path) -> None:
        """Make `folder`, private to this account; what a former account left changes hands."""
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
        if folder.stat().st_uid != self.uid:
            self.take_ownership(folder)

    def take_ownership(self, folder: Path) -> None:
        """Make this account the owner of `folder` and of all that is in it."""
        for parent, _, names in os.walk(folder):
            for path in (Path(parent), *(Path(parent, name) for name in names)):
                os.chown(path, self.uid, self.gid, follow_symlinks=False)

    def _may_enter(self, folder: Path) -> bool:
        status = folder.stat()
        if status.st_uid == self.uid:
            return bool(status.st_mode & stat.S_IXUSR)
        if status.st_gid == self.gid:
            return bool(status.st_mode & stat.S_IXGRP)
        return bool(status.st_mode & stat.S_IXOTH)
