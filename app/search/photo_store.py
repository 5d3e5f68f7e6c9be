"""Shoppers' photos, stored for an hour so that another part of one can be searched.

What is stored is a new JPEG of the decoded pixels, without metadata: never the file that was sent.
A photo's name is an unguessable query id and its number in that search. Whoever knows it sees it.
"""

import io
import re
import time
from datetime import UTC, datetime
from pathlib import Path

from app.search.errors import PhotoExpired
from core.atomic_file import write
from features.base import Picture

QUALITY = 88
NAME = re.compile(r"[A-Za-z0-9_-]{22}\.[0-9]{1,2}")
WRITES_PER_SWEEP = 50

MOST_PHOTOS = 5_000
"""Photos stored at a time: 1 to 2 GB. More arrive only where somebody floods the shop; then the
oldest go first."""

EXPIRED = "this photo has expired; send it again"


def photo_name(query_id: str, number: int) -> str:
    """Return the name of a search's photo; numbers begin at 1."""
    return f"{query_id}.{number}"


class PhotoStore:
    """JPEG files under `folder`, deleted once they are `ttl_s` old; none where that is 0."""

    def __init__(self, folder: Path, ttl_s: float, most: int = MOST_PHOTOS) -> None:
        self._folder = folder
        self._ttl_s = ttl_s
        self._most = most
        self._writes = 0

    @property
    def ttl_s(self) -> float:
        """How long a photo is stored, in seconds."""
        return self._ttl_s

    def store(self, name: str, picture: Picture) -> str:
        """Store a picture under a name; return the name, "" where photos are not stored."""
        if self._ttl_s == 0:
            return ""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if self._writes % WRITES_PER_SWEEP == 0:
            self._sweep()
        self._writes += 1
        file = io.BytesIO()
        (picture.detail or picture.pixels).save(file, "JPEG", quality=QUALITY)
        write(self._folder / name, file.getvalue())
        return name

    def copy(self, name: str, new_name: str) -> str:
        """Store a photo under another name as well, for a time of its own.

        Return that name, "" where the photo is unknown or gone.
        """
        if self.expires_at(name) is None:
            return ""
        try:
            write(self._folder / new_name, (self._folder / name).read_bytes())
        except FileNotFoundError:
            return ""  # it went just now
        return new_name

    def load(self, name: str) -> bytes:
        """Return a photo's JPEG. Raises PhotoExpired when it is unknown or expired."""
        try:
            return self.path(name).read_bytes()
        except FileNotFoundError as error:
            raise PhotoExpired(EXPIRED) from error

    def path(self, name: str) -> Path:
        """Return a photo's file. Raises PhotoExpired when it is unknown or expired."""
        if self.expires_at(name) is None:
            raise PhotoExpired(EXPIRED)
        return self._folder / name

    def expires_at(self, name: str) -> datetime | None:
        """Return when a photo will be deleted; None for one that is unknown or gone."""
        if not NAME.fullmatch(name):
            return None
        try:
            end = (self._folder / name).stat().st_mtime + self._ttl_s
        except FileNotFoundError:
            return None
        return datetime.fromtimestamp(end, UTC) if end > time.time() else None

    def _sweep(self) -> None:
        ages = []
        for path in self._folder.iterdir():
            try:
                ages.append((path.stat().st_mtime, path))
            except FileNotFoundError:
                continue  # another worker was faster
        ages.sort(reverse=True)
        oldest = time.time() - self._ttl_s
        for place, (at, path) in enumerate(ages):
            if place >= self._most or at < oldest:
                path.unlink(missing_ok=True)
