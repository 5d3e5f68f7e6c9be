"""Detect copies as this project does: hash and embedding candidates, geometry, verdict model.

The steps and limits are the examiner's own, without an index: of all pictures the nearest by hash
and embedding are candidates, and the best of those are aligned. Both sides are as a catalogue
stores them: a thumbnail and its compact view.
"""

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image

from app.trust.examination import compared_picture, signals
from app.trust.examination.candidate import MAX_DISTANCE, Candidate
from app.trust.examination.candidate_search import PRODUCTS
from app.trust.examination.compared_picture import VIEW_FEATURE, ComparedPicture
from app.trust.examination.evidence import ListingPicture
from app.trust.examination.examiner import MAX_ALIGNED
from app.trust.examination.verdict import VerdictModel
from bench.peers.copies.detectors.detector import Distances
from core.environment import Environment
from features import extraction, registry
from features.base import Json, Picture
from features.capabilities import QueryExpanding
from features.errors import ModelUnavailable
from features.geometry.compact_view import CompactView
from features.geometry.comparison import compare
from features.geometry.view import MAX_SIDE, PictureView, shrink
from features.imaging.thumbnails import QUALITY


@dataclass(frozen=True)
class LookalikeDescriptor:
    """The stored values of a picture, its query values, and its picture for the geometric check.

    `stored_values` and `query_values` are by feature; `views` are embeddings of further views.
    `thumbnail` is a JPEG file.
    """

    stored_values: dict[str, Json]
    query_values: dict[str, Json]
    views: tuple[Json, ...]
    thumbnail: bytes
    sketch: CompactView

    def view(self) -> PictureView:
        """Return the picture for the geometric check."""
        return PictureView(lambda: shrink(Image.open(io.BytesIO(self.thumbnail))), self.sketch)

    def as_query(self) -> ComparedPicture:
        """Return the picture as the examined side."""
        return ComparedPicture(self.query_values, self.view, self.views)

    def as_candidate(self) -> ComparedPicture:
        """Return the picture as a catalogue candidate."""
        return ComparedPicture(self.stored_values, self.view)


class LookalikeDetector:
    """1 - P(same photo); infinite for a pair that the examination would not list."""

    name = "ours"

    def __init__(self, environment: Environment, model: VerdictModel | None = None) -> None:
        """Use `model`, or the installed one. Raises ModelUnavailable if there is none."""
        self._registry = extraction.quick_features(registry.load(environment))
        self._comparing = signals.measurable_features(self._registry)
        try:
            self._model = model or VerdictModel.load()
        except FileNotFoundError as error:
            raise ModelUnavailable(
                "there is no verdict model: fit one with `python -m bench calibrate`"
            ) from error
        self.usual_limit: float | None = 1 - self._model.same_photo_from

    def describe(self, image: Image.Image) -> LookalikeDescriptor | None:
        picture = Picture(image, *image.size)
        extracted = compared_picture.describe_upload(picture, self._registry)
        if not extracted.values:
            return None
        # Arrays compare ten times as fast as lists.
        query_values = {name: _array(value) for name, value in extracted.values.items()}
        stored = dict(query_values)
        for name in query_values:
            feature = self._registry[name]
            if isinstance(feature, QueryExpanding):
                (stored[name],) = feature.extract([picture])
        small = image.copy()
        small.thumbnail((MAX_SIDE, MAX_SIDE), Image.Resampling.BICUBIC)
        file = io.BytesIO()
        small.save(file, "JPEG", quality=QUALITY)
        views = tuple(map(_array, (*extracted.views, *extracted.turns())))
        return LookalikeDescriptor(
            stored, query_values, views, file.getvalue(), PictureView.of(small).compact
        )

    def distance(self, a: LookalikeDescriptor, b: LookalikeDescriptor) -> float:
        """Return the distance of `a`, examined, to `b`, of the catalogue."""
        return self._judged(a.as_query(), self._candidate(a, b), look=True)

    def distances(
        self, first: Sequence[LookalikeDescriptor], second: Sequence[LookalikeDescriptor]
    ) -> Distances:
        """Return the distances; within one sequence, a picture is not its own candidate."""
        result = np.full((len(first), len(second)), math.inf)
        for row, examined_picture in enumerate(first):
            query = examined_picture.as_query()
            nearest = [
                (column, self._candidate(examined_picture, other))
                for column, other in enumerate(second)
                if other is not examined_picture or first is not second
            ]
            nearest.sort(key=lambda pair: pair[1].sort_key)
            for place, (column, candidate) in enumerate(nearest[:PRODUCTS]):
                look = place < MAX_ALIGNED
                result[row, column] = self._judged(query, candidate, look=look)
        return result

    def size_bytes(self, descriptor: LookalikeDescriptor) -> int:
        """Return the bytes of vectors, hashes and compact view, without the thumbnail."""
        return len(descriptor.sketch.to_bytes()) + sum(
            map(_bytes, descriptor.stored_values.values())
        )

    def _candidate(
        self, examined_picture: LookalikeDescriptor, other_picture: LookalikeDescriptor
    ) -> Candidate:
        examined, candidate = examined_picture.as_query(), other_picture.as_candidate()
        distances = signals.distances(examined, candidate, self._comparing)
        feature, candidate_vector = (
            self._comparing.get(VIEW_FEATURE),
            candidate.values.get(VIEW_FEATURE),
        )
        far = distances.get(f"{VIEW_FEATURE}_distance", 2.0)
        if feature is not None and candidate_vector is not None:
            far = min(
                [
                    far,
                    *(
                        feature.distance(value, candidate_vector)
                        for value in examined_picture.views
                    ),
                ]
            )
        return Candidate(ListingPicture("", ""), candidate, distances, far)

    def _judged(self, examined: ComparedPicture, candidate: Candidate, *, look: bool) -> float:
        signal_values = dict(candidate.distances)
        query_view, candidate_view = examined.view(), candidate.compared.view()
        if (
            look
            and candidate.is_within(MAX_DISTANCE)
            and query_view is not None
            and candidate_view is not None
        ):
            signal_values |= signals.alignment_signals(compare(query_view, candidate_view))
        return 1 - self._model.predict(signal_values).p_same_photo


def _array(value: Json) -> Json:
    return np.asarray(value, np.float32) if isinstance(value, list) else value


def _bytes(value: Json) -> int:
    """Return the bytes of a stored value: 4 per number, half a byte per hexadecimal digit."""
    if isinstance(value, dict):
        # PDQ's bands repeat its bits for the index; they are not counted.
        return sum(_bytes(part) for name, part in value.items() if name != "bands")
    if isinstance(value, list | np.ndarray):
        return 4 * len(value)
    return len(value) // 2 if isinstance(value, str) else 1
