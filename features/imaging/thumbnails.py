"""Keeps small re-encoded copies of pictures: what pages show in place of the stored bytes.

A file that somebody sent may be a script as well as a picture; a copy drawn from its pixels is
only a picture, and carries no metadata.
"""

import io
import re
from pathlib import Path

from PIL import Image

from core.atomic_file import write
from core.errors import NotFound
from features.base import Picture

QUALITY = 85
IMAGE_ID = re.compile(r"[0-9a-f]{64}")


class Thumbnails:
    """JPEG files, `side` pixels at most, under `folder`, named by the picture's SHA-256."""

    def __init__(self, folder: Path, side: int = 480) -> None:
        self._folder = folder
        self._side = side

    def save(self, picture: Picture) -> None:
        """Keep a copy of the picture, unless there is one. ValueError for one without a file."""
        if picture.sha256 is None:
            raise ValueError("only a whole picture has a thumbnail: a crop has no file of its own")
        path = self._place(picture.sha256)
        if path.exists():
            return
        copy = picture.pixels.copy()
        copy.thumbnail((self._side, self._side), Image.Resampling.BICUBIC)
        file = io.BytesIO()
        copy.save(file, "JPEG", quality=QUALITY, optimize=True)
        write(path, file.getvalue())

    def path(self, image_id: str) -> Path:
        """Return the file of a picture, by its SHA-256 in hexadecimal. Raises NotFound."""
        if IMAGE_ID.fullmatch(image_id):
            path = self._place(image_id)
            if path.is_file():
                return path
        raise NotFound("there is no such picture")

    def has(self, image_id: str) -> bool:
        """Say whether there is a copy of a picture."""
        return bool(IMAGE_ID.fullmatch(image_id)) and self._place(image_id).is_file()

    def is_readable(self, image_id: str) -> bool:
        """Say whether there is a copy of a picture, whole; quicker than reading its pixels."""
        try:
            with Image.open(self.path(image_id), formats=("JPEG",)) as kept:
                kept.draft("RGB", (1, 1))  # an eighth of its size, of every byte all the same
                kept.load()
        except (NotFound, OSError):
            return False
        return True

    def remove(self, image_id: str) -> None:
        """Forget a picture's copy, if there is one."""
        if IMAGE_ID.fullmatch(image_id):
            self._place(image_id).unlink(missing_ok=True)

    def image(self, image_id: str) -> Image.Image | None:
        """Return a picture's thumbnail as RGB; None where there is none that can be read."""
        try:
            with Image.open(self.path(image_id), formats=("JPEG",)) as kept:
                return kept.convert("RGB")
        except (NotFound, OSError):
            return None

    def _place(self, image_id: str) -> Path:
        return self._folder / image_id[:2] / f"{image_id}.jpg"
