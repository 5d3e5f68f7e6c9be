"""Proposes regions where the embedding network responds strongly.

Before the last feature map is averaged into one vector, each of its cells has a feature vector,
whose length is larger where the network responds (the idea of class activation maps, Zhou et al.,
2016, without classes). The map is coarse, so it is also computed for overlapping tiles. Connected
cells above a quantile of the strength become a box.
"""

import threading

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.environment import Environment
from features.base import Box, Picture, Region
from features.embedding.feature import load_model
from features.embedding.litert import LiteRTModel
from features.embedding.model_choice import ModelChoice
from features.regions.overlap import area, suppress_overlaps

GRID_SIDE = 42
"""Cells along each side of the combined map; the map of one tile has 7."""

TILE_SPANS = ((0.0, 0.6), (0.4, 1.0))
"""Start and end of the tiles along each side, in addition to the whole picture."""

STRENGTH_QUANTILES = (0.45, 0.55, 0.65, 0.75, 0.85)
"""Quantiles of strength above which touching cells form a region."""

MIN_SHARE, MAX_SHARE = 0.03, 0.9
"""Smallest and largest share of the picture that a region may cover."""

MAX_REGIONS = 6

StrengthMap = NDArray[np.float32]


class AttentionFinder:
    """Proposes regions by feature strength. Thread-safe; loads the model on first use."""

    name = "attention"

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self._lock = threading.Lock()
        self._model: LiteRTModel | None = None

    def find_regions(self, picture: Picture) -> list[Region]:
        """Return regions, the most prominent first; [] if the model has no feature map."""
        strength = self._strength(picture.pixels)
        return [] if strength is None else propose_regions(strength)

    def _strength(self, image: Image.Image) -> StrengthMap | None:
        model = self._loaded()
        total = np.zeros((GRID_SIDE, GRID_SIDE), np.float32)
        weights = np.zeros((GRID_SIDE, GRID_SIDE), np.float32)
        spans = [(0.0, 1.0, 0.0, 1.0)]
        spans += [
            (left, right, top, bottom) for top, bottom in TILE_SPANS for left, right in TILE_SPANS
        ]
        for left, right, top, bottom in spans:
            across, down = image.size
            box = (left * across, top * down, right * across, bottom * down)
            tile = image.resize((model.side, model.side), Image.Resampling.BICUBIC, box=box)
            strength = model.strength(np.asarray(tile))
            if strength is None:
                return None
            rows, columns = (
                slice(round(low * GRID_SIDE), round(high * GRID_SIDE))
                for low, high in ((top, bottom), (left, right))
            )
            size = columns.stop - columns.start, rows.stop - rows.start
            total[rows, columns] += cv2.resize(strength, size, interpolation=cv2.INTER_LINEAR)
            weights[rows, columns] += 1
        return total / weights

    def _loaded(self) -> LiteRTModel:
        with self._lock:
            if self._model is None:
                choice = ModelChoice.from_env(self._environment)
                self._model = load_model(self._environment, choice)
            return self._model


def propose_regions(strength: StrengthMap) -> list[Region]:
    """Return the most prominent regions of a map of strengths, (n, n).

    The score (0 to 1) is the difference of the mean strengths inside and outside the region, as a
    share of the map's range.
    """
    low, high = float(strength.min()), float(strength.max())
    if high - low <= 1e-6 * max(1.0, high):
        return []
    regions = []
    for level in STRENGTH_QUANTILES:
        strong = (strength > np.quantile(strength, level)).astype(np.uint8)
        count, _, stats, _ = cv2.connectedComponentsWithStats(strong, connectivity=4)
        for left, top, across, down, _ in stats[1:count].tolist():
            rows, columns = slice(top, top + down), slice(left, left + across)
            height, width = strength.shape
            box = Box(left / width, top / height, (left + across) / width, (top + down) / height)
            if not MIN_SHARE <= area(box) <= MAX_SHARE:
                continue
            outside = np.ones(strength.shape, np.bool_)
            outside[rows, columns] = False
            contrast = strength[rows, columns].mean() - strength[outside].mean()
            if contrast > 0:
                regions.append(Region(box, float(contrast) / (high - low)))
    regions.sort(key=lambda region: -region.score)
    return suppress_overlaps(regions, MAX_REGIONS)


def create(environment: Environment) -> AttentionFinder:
    """Return the finder for the embedding model in the settings."""
    return AttentionFinder(environment)
