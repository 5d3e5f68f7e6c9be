"""Finds things in another colour: a cap, a strap, a dress. Their outline is in both pictures.

A sticker has its outline in one picture only.
"""

import cv2
import numpy as np

from features.geometry.structure import Map, Mask

LEAST_AREA = 0.002
"""Least share of the overlap that a thing covers."""

EDGE = 3.0
"""Mean step in CIELAB from one pixel to the next that counts as an outline."""

INNER = np.ones((7, 7), np.uint8)
"""Within three pixels of an outline, both sides of it are seen at once."""

NEAR = np.ones((5, 5), np.uint8)
"""An outline may be off by two pixels."""


def repainted_share(
    first_lab: Map, second_lab: Map, recoloured: Mask, differs: Mask, shared: Mask
) -> float:
    """Return the share of the overlap that changed its colour within an outline that both have.

    Each piece counts as its area, times the squared share of its outline that is in both pictures,
    times the squared share of its inside that is drawn alike: `differs` says where it is not. All
    arrays have one size; the pictures are CIELAB.
    """
    edges = [_edges(lab) for lab in (first_lab, second_lab)]
    in_both = (edges[0] & edges[1]).astype(np.uint8)
    inner = cv2.erode(shared.astype(np.uint8), NEAR)
    count, pieces, stats, _ = cv2.connectedComponentsWithStats(
        recoloured.astype(np.uint8), connectivity=4
    )
    area, total = max(1.0, float(shared.sum())), 0.0
    for number in range(1, count):
        size = int(stats[number, cv2.CC_STAT_AREA])
        if size < max(12, LEAST_AREA * area):
            continue
        piece = (pieces == number).astype(np.uint8)
        inside = cv2.erode(piece, INNER) > 0
        alike = 1 - float(differs[inside].mean()) if inside.any() else 1.0
        outline = (cv2.dilate(piece, np.ones((3, 3), np.uint8)) - piece) * inner
        length = int(outline.sum())
        if length:
            total += size * (alike * float(in_both[outline > 0].mean())) ** 2
    return total / area


def _edges(lab: Map) -> Mask:
    """Return where colours step, within two pixels."""
    across = cv2.Sobel(lab, cv2.CV_32F, 1, 0) / 8
    down = cv2.Sobel(lab, cv2.CV_32F, 0, 1) / 8
    steps = np.sqrt((across * across + down * down).sum(axis=2))
    near: Mask = cv2.dilate((steps > EDGE).astype(np.uint8), NEAR) > 0
    return near
