"""Stores re-encoded copies of pictures, small and large, which pages show in place of the files.

An uploaded file may be a script as well as a picture; a copy made of its pixels is only a picture,
and has no metadata.
"""

import io
import re
from pathlib import Path

from PIL import Image

from core.atomic_file import write
from core.errors import NotFound
from features.base import Picture

QUALITY = 85
LARGE_QUALITY = 82
LARGE_SIDE = 1600
"""Longest side of a large copy, in pixels; no copy is larger than the decoded picture."""
IMAGE_ID = re.compile(r"[0-9a-f]{64}")


class Thumbnails:
    """JPEG files, `side` pixels at most, under `folder`, named by the picture's SHA-256."""

    def __init__(self, folder: Path, side: int = 480) -> None:
        self._folder = folder
        self._side = side

    def save(self, picture: Picture) -> None:
        """Store a copy of the picture unless there is one; raises ValueError for a crop."""
        if picture.sha256 is None:
            raise ValueError("only a whole picture has a thumbnail: a crop has no file of its own")
        path = self._file_of(picture.sha256)
        if path.exists():
            return
        copy = picture.pixels.copy()
        copy.thumbnail((self._side, self._side), Image.Resampling.BICUBIC)
        file = io.BytesIO()
        copy.save(file, "JPEG", quality=QUALITY, optimize=True)
        write(path, file.getvalue())

    def save_large(self, picture: Picture) -> None:
        """Store a large copy of the picture, unless there is one or its thumbnail shows all of it.

        Raises ValueError for a crop.
        """
        if picture.sha256 is None:
            raise ValueError("only a whole picture has a copy: a crop has no file of its own")
        path = self._large_file_of(picture.sha256)
        if max(picture.pixels.size) <= self._side or path.exists():
            return
        copy = picture.pixels
        if max(copy.size) > LARGE_SIDE:
            copy = copy.copy()
            copy.thumbnail((LARGE_SIDE, LARGE_SIDE), Image.Resampling.BICUBIC)
        file = io.BytesIO()
        copy.save(file, "JPEG", quality=LARGE_QUALITY, progressive=True)
        write(path, file.getvalue())

    def has_large(self, image_id: str) -> bool:
        """Return whether there is a large copy of a picture."""
        return bool(IMAGE_ID.fullmatch(image_id)) and self._large_file_of(image_id).is_file()

    def is_complete(self, image_id: str, side: int) -> bool:
        """Return whether all copies are there of a picture whose longest side is `side` pixels."""
        return self.has(image_id) and (side <= self._side or self.has_large(image_id))

    def large_path(self, image_id: str) -> Path:
        """Return the file of a picture's large copy. Raises NotFound."""
        if self.has_large(image_id):
            return self._large_file_of(image_id)
        raise NotFound("there is no large copy of this picture")

    def large_size(self, image_id: str) -> tuple[int, int]:
        """Return width and height of the largest copy of a picture; (0, 0) where there is none.

        Only the head of the file is read.
        """
        is_large = self.has_large(image_id)
        try:
            path = self._large_file_of(image_id) if is_large else self.path(image_id)
            with Image.open(path, formats=("JPEG",)) as copy:
                return copy.size
        except (NotFound, OSError):
            return 0, 0

    def path(self, image_id: str) -> Path:
        """Return the file of a picture, by its SHA-256 in hexadecimal. Raises NotFound."""
        if IMAGE_ID.fullmatch(image_id):
            path = self._file_of(image_id)
            if path.is_file():
                return path
        raise NotFound("there is no such picture")

    def has(self, image_id: str) -> bool:
        """Return whether there is a copy of a picture."""
        return bool(IMAGE_ID.fullmatch(image_id)) and self._file_of(image_id).is_file()

    def is_readable(self, image_id: str) -> bool:
        """Return whether there is an intact copy of a picture; quicker than reading its pixels."""
        try:
            with Image.open(self.path(image_id), formats=("JPEG",)) as copy:
                copy.draft("RGB", (1, 1))  # decodes every byte, at an eighth of the size
                copy.load()
        except (NotFound, OSError):
            return False
        return True

    def remove(self, image_id: str) -> None:
        """Delete a picture's copy, if there is one."""
        if IMAGE_ID.fullmatch(image_id):
            self._file_of(image_id).unlink(missing_ok=True)
            self._large_file_of(image_id).unlink(missing_ok=True)

    def image(self, image_id: str) -> Image.Image | None:
        """Return a picture's thumbnail as RGB; None where there is none that can be read."""
        try:
            with Image.open(self.path(image_id), formats=("JPEG",)) as copy:
                return copy.convert("RGB")
        except (NotFound, OSError):
            return None

    def _large_file_of(self, image_id: str) -> Path:
        return self._folder / image_id[:2] / f"{image_id}.large.jpg"

    def _file_of(self, image_id: str) -> Path:
        return self._folder / image_id[:2] / f"{image_id}.jpg"
