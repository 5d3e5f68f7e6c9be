"""Find details that stand alone in a picture: a logo on a shirt, a word on a shoe."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

EDGE = 12.0
"""ΔE (CIELAB) between neighbouring pixels that counts as an edge."""

GAP, MARGIN = 0.02, 0.01
"""As shares of the longer side: letters closer than GAP form one word, and a detail has a plain
margin of width MARGIN."""

LEAST, MOST = 0.02, 0.35
"""Width and height of a detail, as shares of the picture's; the smaller may be half of LEAST."""

PLAIN = 0.05
"""Share of the margin that may hold edges."""

ONE_GROUND = 8.0
"""Mean ΔE between the left and right margins within which both count as one background."""

SEEN = 12.0
"""Mean ΔE by which mirroring a detail must change its drawn pixels."""

Box = tuple[int, int, int, int]
"""Left, top, right, bottom, in pixels."""


def find_lone_details(pixels: NDArray[np.uint8]) -> list[Box]:
    """Return boxes that can be mirrored, left to right, without a visible seam.

    `pixels` is RGB, H × W × 3. Each box holds one detail that differs from its own mirror image,
    and a plain margin that is the same on both sides.
    """
    height, width = pixels.shape[:2]
    lab = cv2.cvtColor(pixels.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    steps = cv2.morphologyEx(lab, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    is_drawn = (steps.max(axis=2) > EDGE).astype(np.uint8)
    gap = max(3, round(max(height, width) * GAP)) | 1
    words = cv2.morphologyEx(is_drawn, cv2.MORPH_CLOSE, np.ones((gap, gap), np.uint8))
    _, _, pieces, _ = cv2.connectedComponentsWithStats(words, connectivity=8)
    boxes = []
    for left, top, across, down, _ in pieces[1:].tolist():
        shares = sorted((across / width, down / height))
        if shares[0] < LEAST / 2 or not LEAST <= shares[1] <= MOST:
            continue
        box = _turnable(lab, is_drawn, (left, top, left + across, top + down))
        boxes += [box] if box else []
    return boxes


def _turnable(lab: NDArray[Any], is_drawn: NDArray[np.uint8], detail: Box) -> Box | None:
    """Return the detail with its margin, if mirroring it leaves no seam and changes it visibly."""
    height, width = is_drawn.shape
    margin = max(2, round(max(height, width) * MARGIN))
    left, top, right, bottom = detail
    box = (left - margin, top - margin, right + margin, bottom + margin)
    if min(box) < 0 or box[2] > width or box[3] > height:
        return None
    within = is_drawn[top:bottom, left:right]
    whole = is_drawn[box[1] : box[3], box[0] : box[2]]
    around = int(whole.sum()) - int(within.sum())
    if around > PLAIN * (whole.size - within.size):
        return None
    area = lab[box[1] : box[3], box[0] : box[2]]
    differences = np.linalg.norm(area - area[:, ::-1], axis=2)
    if float(differences[:, :margin].mean()) > ONE_GROUND:
        return None
    inside = differences[margin:-margin, margin:-margin]
    return box if float(inside[within > 0].mean()) >= SEEN else None
