"""Stores the keypoints of catalogue pictures for the geometric check.

Keypoints are detected once per picture and stored with its miniature in a small file (132 bytes a
keypoint), because detecting them takes about ten times as long as reading them. Pixels come from
the thumbnails, and are read only for the few pictures that can be aligned.
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
"""Views cached in memory: about 0.3 MB each after a comparison, 0.9 with their pixels."""

log = logging.getLogger(__name__)

IMAGE_ID = re.compile(r"[0-9a-f]{64}")


class KeypointStore:
    """Views of stored pictures by image id. Thread-safe.

    `folder` holds the keypoint files; `cached_views` is how many views stay in memory.
    """

    def __init__(
        self, folder: Path, thumbnails: Thumbnails, cached_views: int = CACHED_VIEWS
    ) -> None:
        self._folder = folder
        self._thumbnails = thumbnails
        self._capacity = cached_views
        self._views: OrderedDict[str, PictureView] = OrderedDict()
        self._lock = threading.Lock()

    def view(self, image_id: str) -> PictureView | None:
        """Return the view of a picture, or None if it has no readable thumbnail."""
        with self._lock:
            if image_id in self._views:
                self._views.move_to_end(image_id)
                return self._views[image_id]
        view = self._load(image_id)
        if view is not None:
            with self._lock:
                self._views[image_id] = view
                while len(self._views) > self._capacity:
                    self._views.popitem(last=False)
        return view

    def forget(self, image_id: str) -> None:
        """Remove a picture from memory and disk, when its thumbnail is deleted."""
        with self._lock:
            self._views.pop(image_id, None)
        if IMAGE_ID.fullmatch(image_id):
            self._path(image_id).unlink(missing_ok=True)

    def _path(self, image_id: str) -> Path:
        return self._folder / image_id[:2] / f"{image_id}.sift"

    def _load(self, image_id: str) -> PictureView | None:
        if not IMAGE_ID.fullmatch(image_id) or not self._thumbnails.has(image_id):
            return None
        path = self._path(image_id)
        try:
            stored = CompactView.from_bytes(path.read_bytes())
            return PictureView(lambda: self._pixels(image_id, stored.size), stored)
        except (FileNotFoundError, ValueError):
            pass  # not stored yet, or truncated while the disk was full
        image = self._thumbnails.image(image_id)
        if image is None:
            return None
        view = PictureView.of(image)
        self._save(path, view.compact)
        return view

    def _save(self, path: Path, view: CompactView) -> None:
        try:
            write(path, view.to_bytes())
        except OSError as error:  # a full or read-only disk costs time, not the examination
            log.warning("keypoints cannot be stored in %s: %s", self._folder, error.strerror)

    def _pixels(self, image_id: str, size: tuple[int, int]) -> NDArray[np.uint8]:
        image = self._thumbnails.image(image_id)
        if image is None:  # deleted meanwhile: black agrees with nothing
            return np.zeros((size[1], size[0], 3), np.uint8)
        return shrink(image)
