"""Finds plain ground that was changed: the same goods, cut out and laid on another colour."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from features.geometry.structure import Map, Mask
from features.geometry.tint import lengths, to_lab

PLAIN_DELTA_E = 6.0
"""ΔE (CIELAB) within which ground is plain."""

CHANGED_DELTA_E = 10.0
"""ΔE from which ground counts as changed."""

PLAIN_LEVELS = 10.0
"""Grey levels within which the edge of a miniature is plain, and from which two grounds differ."""

LEAST_EDGE, LEAST_AREA = 0.6, 0.1
"""Least shares that ground covers: of the overlap's edge, and of its area."""

MOST_AREA = 0.9
"""Most of a picture that goods on plain ground fill, by their box."""

RIM = 5
"""Pixels around goods that show both grounds."""

Pixels = NDArray[Any]
"""uint8, RGB."""


def changed_ground(first: Map, second: Map, shared: Mask) -> Mask | None:
    """Return where both pictures have plain ground of two colours, with its rim; None if nowhere.

    Ground reaches in from the edge of the overlap. The pictures are RGB (H × W × 3, 0 to 255).
    """
    edge = shared & ~(cv2.erode(shared.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0)
    edge |= _frame(shared)
    grounds, colours = [], []
    for picture in (first, second):
        lab = to_lab(picture)
        colour = np.median(lab[edge], axis=0)
        plain = (lengths(lab - colour) < PLAIN_DELTA_E) & shared
        if plain[edge].mean() < LEAST_EDGE:
            return None
        grounds.append(_reached(plain, edge))
        colours.append(colour)
    if float(np.linalg.norm(colours[0] - colours[1])) < CHANGED_DELTA_E:
        return None
    in_both = grounds[0] & grounds[1]
    if in_both.sum() < LEAST_AREA * shared.sum():
        return None
    rim = cv2.dilate(in_both.astype(np.uint8), np.ones((RIM, RIM), np.uint8)) > 0
    return rim & shared


def plain_level(levels: NDArray[Any]) -> float | None:
    """Return the level that most of a small grey picture's edge has; None if it has no such."""
    edge = levels[_frame(np.ones(levels.shape, np.bool_), 1)].astype(np.float32)
    level = float(np.median(edge))
    return level if (np.abs(edge - level) < PLAIN_LEVELS).mean() >= LEAST_EDGE else None


def goods_box(pixels: Pixels) -> tuple[float, float, float, float] | None:
    """Return left, top, right, bottom of what stands on plain ground, in pixels; None without."""
    lab = to_lab(pixels.astype(np.float32))
    edge = _frame(np.ones(lab.shape[:2], np.bool_))
    colour = np.median(lab[edge], axis=0)
    plain = lengths(lab - colour) < PLAIN_DELTA_E
    if plain[edge].mean() < LEAST_EDGE:
        return None
    goods = cv2.morphologyEx((~plain).astype(np.uint8), cv2.MORPH_OPEN, np.ones((5, 5), np.uint8))
    left, top, across, down = cv2.boundingRect(goods)
    if across * down < LEAST_AREA * goods.size or across * down > MOST_AREA * goods.size:
        return None
    return float(left), float(top), float(left + across), float(top + down)


def _frame(shared: Mask, wide: int = 2) -> Mask:
    frame = shared.copy()
    frame[wide:-wide, wide:-wide] = False
    return frame


def _reached(plain: Mask, edge: Mask) -> Mask:
    """Return the pieces of plain pixels that touch the edge."""
    _, pieces = cv2.connectedComponents(plain.astype(np.uint8), connectivity=4)
    touching: NDArray[Any] = np.unique(pieces[edge & plain])
    reached: Mask = np.isin(pieces, touching[touching > 0])
    return reached
