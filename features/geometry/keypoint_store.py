"""The catalogue's pictures as the geometric check sees them, ready to hand.

Keypoints are found once per picture and kept with its sketch in a small file, 132 bytes each,
because finding them takes some ten times as long as reading them; pixels come from the thumbnails,
and only for the few pictures that can be laid over each other at all.
"""

import logging
import re
import threading
from collections import OrderedDict
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.atomic_file import write
from features.geometry.compact_view import CompactView
from features.geometry.view import PictureView, shrink
from features.imaging.thumbnails import Thumbnails

CACHED_VIEWS = 256
"""Views kept in memory: about 0.3 MB each once they were compared, 0.9 with their pixels."""

log = logging.getLogger(__name__)

IMAGE_ID = re.compile(r"[0-9a-f]{64}")


class KeypointStore:
    """Views of stored pictures by image id. Thread-safe."""

    def __init__(
        self, folder: Path, thumbnails: Thumbnails, remembered: int = CACHED_VIEWS
    ) -> None:
        self._folder = folder
        self._thumbnails = thumbnails
        self._most = remembered
        self._views: OrderedDict[str, PictureView] = OrderedDict()
        self._lock = threading.Lock()

    def view(self, image_id: str) -> PictureView | None:
        """Return the view of a picture, or None where its thumbnail cannot be had."""
        with self._lock:
            if image_id in self._views:
                self._views.move_to_end(image_id)
                return self._views[image_id]
        view = self._made(image_id)
        if view is not None:
            with self._lock:
                self._views[image_id] = view
                while len(self._views) > self._most:
                    self._views.popitem(last=False)
        return view

    def forget(self, image_id: str) -> None:
        """Let go of a picture, in memory and on disk, for when its thumbnail goes too."""
        with self._lock:
            self._views.pop(image_id, None)
        if IMAGE_ID.fullmatch(image_id):
            self._path(image_id).unlink(missing_ok=True)

    def _path(self, image_id: str) -> Path:
        return self._folder / image_id[:2] / f"{image_id}.sift"

    def _made(self, image_id: str) -> PictureView | None:
        if not IMAGE_ID.fullmatch(image_id) or not self._thumbnails.has(image_id):
            return None
        path = self._path(image_id)
        try:
            known = CompactView.from_bytes(path.read_bytes())
            return PictureView(lambda: self._pixels(image_id, known.size), known)
        except (FileNotFoundError, ValueError):
            pass  # not kept yet, or cut off while the disk was full
        image = self._thumbnails.image(image_id)
        if image is None:
            return None
        view = PictureView.of(image)
        self._keep(path, view.compact)
        return view

    def _keep(self, path: Path, sketch: CompactView) -> None:
        try:
            write(path, sketch.to_bytes())
        except OSError as error:  # a full or read-only disk costs time, not the examination
            log.warning("keypoints cannot be kept in %s: %s", self._folder, error.strerror)

    def _pixels(self, image_id: str, size: tuple[int, int]) -> NDArray[np.uint8]:
        image = self._thumbnails.image(image_id)
        if image is None:  # deleted since: what is left is black, which agrees with nothing
            return np.zeros((size[1], size[0], 3), np.uint8)
        return shrink(image)
