"""Colour coherence: how much of each colour lies in patches, and how much is scattered.

Pass, Zabih & Miller, "Comparing images using color coherence vectors" (ACM Multimedia 1996): a
red shirt and a red-dotted one can have one histogram, but not one coherence vector.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from features.colour.cells import Bytes

BUCKETS = 64
"""RGB cut into four levels a channel, as in the paper."""

COHERENT_SHARE = 0.01
"""A patch is coherent from about one hundredth of the picture on, as in the paper."""


def coherence_vector(pixels: Bytes, mask: NDArray[np.bool_]) -> list[float]:
    """Return 2 * BUCKETS shares that sum to 1: coherent ones first, then incoherent ones.

    `pixels` has shape (height, width, 3), and only pixels in `mask` count. The paper blurs a little
    first; here the picture was already averaged down.
    """
    levels = pixels >> 6
    buckets = (levels[..., 0] << 4) | (levels[..., 1] << 2) | levels[..., 2]
    totals = np.bincount(buckets[mask], minlength=BUCKETS)
    least = max(1.0, COHERENT_SHARE * totals.sum())
    coherent = np.zeros(BUCKETS)
    # A colour with fewer pixels than a patch needs has no patch; few colours remain.
    for bucket in np.flatnonzero(totals >= least):
        patch = ((buckets == bucket) & mask).astype(np.uint8)
        # Labels of 16 bits take less than half the time of 32; there are fewer than 65,536 here.
        _, _, stats, _ = cv2.connectedComponentsWithStats(patch, connectivity=8, ltype=cv2.CV_16U)
        areas = stats[1:, cv2.CC_STAT_AREA]
        coherent[bucket] = areas[areas >= least].sum()
    shares = np.concatenate([coherent, totals - coherent]) / totals.sum()
    return [float(share) for share in shares.round(6)]
