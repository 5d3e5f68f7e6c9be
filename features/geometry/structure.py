"""Compares two grey pictures patch by patch: correlation and structural similarity."""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

PATCH_SIDE = 11
"""Side of a local patch, in pixels of the overlap, which is about 240 pixels wide."""

NOISE_VARIANCE = 40.0
"""Variance in grey levels squared that counts as noise, so that two flat patches agree."""

DRAWN_VARIANCE = 60.0
"""Variance in grey levels squared above which a patch is drawn."""

Map = NDArray[Any]
"""float32 (H × W or H × W × 3); OpenCV's type hints are less precise."""
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class LocalStructure:
    """Agreement of the patch around each pixel, and what it is made of; all maps are H × W.

    `alike` is SSIM's contrast-and-structure term and `correlation` the correlation, both −1 to 1;
    the variances are in grey levels squared.
    """

    alike: Map
    correlation: Map
    variance_of_first: Map
    variance_of_second: Map

    def drawn_masks(self, shared: Mask) -> tuple[Mask, Mask]:
        """Return where the first and where the second picture is drawn within the overlap."""
        first = (self.variance_of_first > DRAWN_VARIANCE) & shared
        second = (self.variance_of_second > DRAWN_VARIANCE) & shared
        return first, second


def local_structure(first: Map, second: Map, shared: Mask) -> LocalStructure:
    """Return SSIM's contrast-and-structure term and the correlation of every patch.

    Wang et al., "Image quality assessment: from error visibility to structural similarity", 2004.
    Patches use pixels of the overlap only.
    """
    mask = shared.astype(np.float32)
    count = box_sums(mask) + 1e-6
    mean_first, mean_second = box_sums(first * mask) / count, box_sums(second * mask) / count
    variance_first = np.maximum(0, box_sums(first * first * mask) / count - mean_first**2)
    variance_second = np.maximum(0, box_sums(second * second * mask) / count - mean_second**2)
    covariance = box_sums(first * second * mask) / count - mean_first * mean_second
    alike = (2 * covariance + NOISE_VARIANCE) / (variance_first + variance_second + NOISE_VARIANCE)
    correlation = covariance / np.sqrt((variance_first + 1) * (variance_second + 1))
    return LocalStructure(alike, correlation, variance_first, variance_second)


def drawn_mask(levels: Map, shared: Mask) -> Mask:
    """Return where a grey picture (H × W) is drawn."""
    mask = shared.astype(np.float32)
    count = box_sums(mask) + 1e-6
    mean = box_sums(levels * mask) / count
    variance = box_sums(levels * levels * mask) / count - mean**2
    mask_of_drawn: Mask = (variance > DRAWN_VARIANCE) & shared
    return mask_of_drawn


def box_sums(values: Map, side: int = PATCH_SIDE) -> Map:
    """Return the sums over square patches, one per pixel."""
    return cv2.boxFilter(values, -1, (side, side), normalize=False)


def grey(picture: Map) -> Map:
    """Return the grey levels (H × W) of an RGB picture, float32, 0 to 255."""
    return cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
