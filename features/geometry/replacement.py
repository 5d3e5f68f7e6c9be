"""Tells what replaces from what covers: two prints on one blank, and a sticker on a print.

Where two pictures differ, each is compared with the ground around that place, on which they agree.
A sticker adds to one picture. Another print or word adds something to each, beside the other.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from features.geometry.structure import Map, Mask
from features.geometry.tint import lengths, to_lab

DIFFERENT = 13.0
"""ΔE (CIELAB) from which pixels differ, and something may stand out from its ground."""

NOISE_PERCENTILE, NOISE_FACTOR = 85, 4.0
"""The ΔE between the pictures that so many percent of the ground's pixels stay below is noise, and
what stands out differs from the ground by this many times as much: compression blurs and ripples
what stands beside an overprint."""

FAINT = 0.3
"""Share of the limit from which something stands out faintly. What is faint in one picture and
clear in the other is in both."""

SHIFT, MISSED_PIXELS = 2, 1
"""Pixels by which a piece is moved to where it fits best, and a stroke may still be off."""

WORD_GAP, RING = 7, 5
"""Pixels: differing pieces nearer than the first are one; width of the ground around them."""

LEAST_PIECE, MOST_PIECES = 20, 40
"""Pixels of the smallest piece compared, and how many of the largest are."""

SAMPLED, GROUND_COLOURS, GROUND_SHARE = 120, 4, 0.12
"""Pixels of the ground that are looked at, the most colours it may have, and the least share of it
that each must cover: ink beside the piece is no ground."""


@dataclass(frozen=True)
class Replacement:
    """`share` is what stands alone in each picture, of the overlap; `balance` the same as a share
    of what stands alone in the one that has more of it, for the piece with the largest share.
    `box` is around that piece: left, top, right, bottom, in pixels of the overlap.
    """

    share: float
    balance: float
    box: tuple[int, int, int, int] | None = None


def measure_replacement(first: Map, second: Map, shared: Mask) -> Replacement:
    """Return how much of each picture the other replaces; both RGB, H × W × 3, of one tint."""
    labs = [to_lab(np.ascontiguousarray(picture)) for picture in (first, second)]
    differs = ((lengths(labs[0] - labs[1]) > DIFFERENT) & shared).astype(np.uint8)
    opened = cv2.morphologyEx(differs, cv2.MORPH_OPEN, np.ones((2, 2), np.uint8))
    joined = cv2.morphologyEx(opened, cv2.MORPH_CLOSE, np.ones((WORD_GAP, WORD_GAP), np.uint8))
    _, pieces, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    total, largest, balance, box = 0, 0, 0.0, None
    order = np.argsort(-stats[1:, cv2.CC_STAT_AREA])[:MOST_PIECES] + 1
    for number in order.tolist():
        left, top, across, down, area = (int(value) for value in stats[number])
        if area < LEAST_PIECE:
            break
        window = (
            slice(max(0, top - RING), top + down + RING),
            slice(max(0, left - RING), left + across + RING),
        )
        agreed = shared[window] & (joined[window] == 0)
        alone = _alone(_fitted(labs, window), pieces[window] == number, agreed)
        total += min(alone)
        if min(alone) > largest:
            largest, balance = min(alone), min(alone) / max(alone)
            box = (left, top, left + across, top + down)
    return Replacement(total / max(1.0, float(shared.sum())), balance, box)


def _fitted(labs: list[Map], window: tuple[slice, slice]) -> list[Map]:
    """Return both pictures in a window, the second moved by up to SHIFT to where it fits best."""
    first = np.ascontiguousarray(labs[0][window])
    rows, columns = (
        np.clip(np.arange(part.start - SHIFT, part.start + size + SHIFT), 0, end - 1)
        for part, size, end in zip(window, first.shape[:2], labs[1].shape[:2], strict=True)
    )
    wide = np.ascontiguousarray(labs[1][rows[:, None], columns])
    misses = cv2.matchTemplate(wide, first, cv2.TM_SQDIFF)
    _, _, (x, y), _ = cv2.minMaxLoc(misses)
    return [first, wide[y : y + first.shape[0], x : x + first.shape[1]]]


def _alone(labs: list[Map], piece: Mask, agreed: Mask) -> tuple[int, int]:
    """Return how many pixels of a piece stand out from the ground in one picture only, for each."""
    if agreed.sum() < LEAST_PIECE:
        return 0, 0
    first, second = (lab[agreed] for lab in labs)
    ground = _ground_colours((first + second) / 2)
    if not len(ground):
        return 0, 0
    noise = float(np.percentile(lengths(first - second), NOISE_PERCENTILE))
    limit = max(DIFFERENT, NOISE_FACTOR * noise)
    near = np.ones((2 * MISSED_PIXELS + 1, 2 * MISSED_PIXELS + 1), np.uint8)
    heights = [np.min([lengths(lab - colour) for colour in ground], axis=0) for lab in labs]
    faint = [cv2.dilate((each > FAINT * limit).astype(np.uint8), near) for each in heights]
    differs = piece & (lengths(labs[0] - labs[1]) > limit)
    alone = [
        (height > limit) & (other == 0) & differs
        for height, other in zip(heights, reversed(faint), strict=True)
    ]
    return int(alone[0].sum()), int(alone[1].sum())


def _ground_colours(around: Map) -> Map:
    """Return the colours that cover much of the ground (N × 3, CIELAB), at most GROUND_COLOURS."""
    left = around[:: max(1, len(around) // SAMPLED)]
    least = GROUND_SHARE * len(left)
    palette: list[Map] = []
    while len(left) >= least and len(palette) < GROUND_COLOURS:
        near = lengths(left[:, None] - left[None]) < DIFFERENT
        best = int(near.sum(axis=1).argmax())
        if near[best].sum() < least:
            break
        palette.append(left[near[best]].mean(axis=0))
        left = left[~near[best]]
    colours: Map = np.array(palette, np.float32)
    return colours
