"""The geometric check: aligns the examined picture with candidates by their keypoints."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from app.trust.examination.compared_picture import ComparedPicture
from core.threads import map_in_threads
from features.geometry.alignment import Alignment
from features.geometry.comparison import compare
from features.geometry.keypoint_store import KeypointStore
from features.geometry.non_match_cache import NonMatchCache
from features.geometry.view import PictureView

MAX_CACHED_ALIGNMENTS = 50_000
"""Alignments of stored pictures kept in memory: a sweep meets every pair from both its ends."""

ALIGNMENT_THREADS = 2
"""Threads for the geometric check: OpenCV works outside Python's lock."""


class PictureAligner:
    """Aligns pictures, each pair of stored pictures once. Thread-safe."""

    def __init__(self, keypoints: KeypointStore, non_matches: NonMatchCache) -> None:
        self._keypoints = keypoints
        self._non_matches = non_matches
        self._cache: dict[tuple[str, str], Alignment] = {}

    def align(
        self, examined: ComparedPicture, view_ids: Sequence[str]
    ) -> Mapping[str, Alignment | None]:
        """Return view id → the alignment that lays the examined picture over it.

        None where the two can't be aligned; {} where the examined picture has no pixels.
        """
        view = examined.view()
        if view is None:
            return {}
        alignments = map_in_threads(
            lambda other: self._align(examined, view, other), view_ids, ALIGNMENT_THREADS
        )
        return dict(zip(view_ids, alignments, strict=True))

    def _align(self, examined: ComparedPicture, view: PictureView, other: str) -> Alignment | None:
        own = examined.view_id
        if own and (other, own) in self._cache:
            return self._cache[other, own].inverted()
        if own and self._non_matches.contains(own, other):
            return None
        other_view = self._keypoints.view(other)
        if other_view is None:
            return None
        alignment = compare(view, other_view)
        if own and alignment is None:
            self._non_matches.add(own, other)
        elif own and alignment and len(self._cache) < MAX_CACHED_ALIGNMENTS:
            self._cache[own, other] = alignment
        return alignment


@contextmanager
def detect_in_background(
    views: Sequence[Callable[[], PictureView | None]],
) -> Iterator[Callable[[], None]]:
    """Find keypoints in a thread: that takes as long as the features and the request together.

    The function given waits until all are found, and raises what finding them raised.
    """
    with ThreadPoolExecutor(1) as executor:
        futures = [executor.submit(_detect, view) for view in views]

        def wait() -> None:
            for future in futures:
                future.result()

        yield wait


def _detect(view: Callable[[], PictureView | None]) -> None:
    known = view()
    if known is not None:
        known.keypoints  # noqa: B018 – computed once, then kept
