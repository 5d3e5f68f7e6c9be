"""Proposes regions from what the embedding network itself reacts to.

Before its features are averaged into one vector, every cell of its last map has a feature vector
of its own, and that is longer where the network sees something (the idea of class activation maps,
Zhou et al., 2016, without the classes). The map is coarse, so the picture is also looked at in
overlapping tiles; what stands out of its surroundings at some level becomes a box.
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
"""Cells along each side on which the looks are put together; a look at a tile has 7 of its own."""

TILE_SPANS = ((0.0, 0.6), (0.4, 1.0))
"""Where tiles begin and end along each side, beside the look at the whole."""

STRENGTH_QUANTILES = (0.45, 0.55, 0.65, 0.75, 0.85)
"""Quantiles of strength above which cells that touch are one region."""

MIN_SHARE, MAX_SHARE = 0.03, 0.9
"""Shares of the picture that a region may have."""

MAX_REGIONS = 6

StrengthMap = NDArray[np.float32]


class AttentionFinder:
    """Proposes where the network looks. Safe between threads; the model loads when first asked."""

    name = "attention"

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self._lock = threading.Lock()
        self._model: LiteRTModel | None = None

    def find_regions(self, picture: Picture) -> list[Region]:
        """Return regions by how far they stand out; [] for a model that gives no feature map."""
        strength = self._strength(picture.pixels)
        return [] if strength is None else propose_regions(strength)

    def _strength(self, image: Image.Image) -> StrengthMap | None:
        model = self._loaded()
        total = np.zeros((GRID_SIDE, GRID_SIDE), np.float32)
        looks = np.zeros((GRID_SIDE, GRID_SIDE), np.float32)
        spans = [(0.0, 1.0, 0.0, 1.0)]
        spans += [
            (left, right, top, bottom) for top, bottom in TILE_SPANS for left, right in TILE_SPANS
        ]
        for left, right, top, bottom in spans:
            across, down = image.size
            box = (left * across, top * down, right * across, bottom * down)
            look = image.resize((model.side, model.side), Image.Resampling.BICUBIC, box=box)
            strength = model.strength(np.asarray(look))
            if strength is None:
                return None
            rows, columns = (
                slice(round(low * GRID_SIDE), round(high * GRID_SIDE))
                for low, high in ((top, bottom), (left, right))
            )
            size = columns.stop - columns.start, rows.stop - rows.start
            total[rows, columns] += cv2.resize(strength, size, interpolation=cv2.INTER_LINEAR)
            looks[rows, columns] += 1
        return total / looks

    def _loaded(self) -> LiteRTModel:
        with self._lock:
            if self._model is None:
                choice = ModelChoice.from_env(self._environment)
                self._model = load_model(self._environment, choice)
            return self._model


def propose_regions(strength: StrengthMap) -> list[Region]:
    """Return the regions of a map of strengths, of shape (n, n), that stand out most.

    The score is the share of the map's range by which a region's inside is stronger than the rest.
    """
    low, high = float(strength.min()), float(strength.max())
    if high - low <= 1e-6 * max(1.0, high):
        return []
    found = []
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
                found.append(Region(box, float(contrast) / (high - low)))
    found.sort(key=lambda region: -region.score)
    return suppress_overlaps(found, MAX_REGIONS)


def create(environment: Environment) -> AttentionFinder:
    """Return the finder for the embedding model that the settings name."""
    return AttentionFinder(environment)
