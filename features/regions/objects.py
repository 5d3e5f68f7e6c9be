"""Finds things that stand out of the ground behind them: a table, a wall and floor, cloth, paper.

What the frame of a picture shows is its ground. A pixel stands out where its colour is none of the
ground's, or where the picture is busier than the ground. Pixels that stand out, at several
thresholds and with gaps closed at several widths, join into pieces; a thing of its own is a piece
at many of them (the idea of maximally stable regions, Matas et al., 2002).
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.environment import Environment
from features.base import Box, Picture, Region
from features.imaging.frame_colours import Levels, frame_colours, frame_mask, lab_levels
from features.regions.overlap import (
    area,
    intersection_over_union,
    middle_distance,
    suppress_overlaps,
)

WORKING_SIDE = 240
"""Longest side in pixels at which things are searched."""

FRAME = 0.04
"""Width of the frame, as a share of the shorter side."""

CLUSTERS = 5
"""Colours of a frame: wall and floor, tile and joint, the light and dark of wood."""

FEWEST = 0.04
"""Share of the frame below which a colour is of a thing that reaches the edge."""

LEAST_SPREAD = 3.5
"""Distance in CIELAB that JPEG and noise put between pixels of one colour."""

THRESHOLDS = (1.5, 2.0, 2.5, 3.0, 4.0, 5.5, 7.5)
"""How many times as far from the ground's colours as these vary among themselves."""

GAPS = (3, 7, 13)
"""Widths in pixels of gaps within a thing that are closed."""

MIN_SHARE, MAX_SHARE = 0.006, 0.6
"""Smallest and largest share of the picture that a thing's box may cover."""

MIN_SIDE = 0.05
MIN_FILL = 0.2
SAME = 0.7
"""Intersection over union from which two pieces are one thing at two thresholds."""

FEWEST_MASKS = 6
"""Masks in which a thing must be a piece, of all thresholds, gaps and maps."""

SAME_MIDDLE = 0.08
"""Distance of two middles, in shares of the picture, up to which one thing is in the other, as a
label is on its bottle."""

MUCH_LESS = 0.5
"""Share of the label's masks that the bottle must have to be proposed in its place."""

MUCH_LARGER = 3.0
"""How many times a label's area the bottle's may be; more is a row of things around one of them."""

MOST = 6

Mask = NDArray[np.uint8]


class ObjectRegions:
    """Proposes the things that stand out of their ground."""

    name = "objects"

    def find_regions(self, picture: Picture) -> list[Region]:
        """Return the things, the most distinct first; the score is the share of masks."""
        pixels = np.asarray(_small(picture.pixels))
        if min(pixels.shape[:2]) < 16:
            return []
        maps = distinctness(pixels)
        pieces = [piece for distinct in maps for piece in _pieces(distinct)]
        most = len(THRESHOLDS) * len(GAPS) * len(maps)
        return suppress_overlaps(_outermost(_things(pieces, most)), MOST)


def distinctness(pixels: NDArray[np.uint8]) -> tuple[Levels, Levels]:
    """Return how far each pixel is from the ground, in spreads of the ground: H × W, from 0.

    By colour alone, without lines, such as where wall and floor meet; and by what is busier, too.
    """
    lab = np.asarray(cv2.bilateralFilter(lab_levels(pixels), 5, 12, 3), np.float32)
    height, width = lab.shape[:2]
    margin = max(2, round(FRAME * min(height, width)))
    frame = frame_mask(height, width, margin)
    away = _from_colours(lab, lab[frame])
    busy = _busyness(lab)
    usual = float(np.percentile(busy[frame], 90))
    plain = np.asarray(
        cv2.morphologyEx(away, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)), np.float32
    )
    return plain, np.maximum(away, busy / np.float32(max(usual, 2.0) / 1.2))


def _from_colours(lab: Levels, frame: Levels) -> Levels:
    """Return the distance to the nearest colour of the frame, in that colour's spreads."""
    nearest = np.full(lab.shape[:2], np.inf, np.float32)
    for colour in frame_colours(frame, CLUSTERS, fewest=FEWEST, least_spread=LEAST_SPREAD):
        away = np.linalg.norm(lab - colour.centre, axis=2)
        nearest = np.minimum(nearest, away / np.float32(colour.spread))
    return nearest


def _busyness(lab: Levels) -> Levels:
    """Return how much the colours around each pixel vary, in CIELAB."""
    mean = cv2.blur(lab, (5, 5))
    square = cv2.blur(lab * lab, (5, 5))
    return np.asarray(np.sqrt(np.maximum(square - mean * mean, 0).sum(axis=2)), np.float32)


def _pieces(distinct: Levels) -> Iterator[Box]:
    """Yield the box of every piece at every threshold and gap."""
    height, width = distinct.shape
    for threshold in THRESHOLDS:
        above = (distinct > threshold).astype(np.uint8)
        stands_out = cv2.morphologyEx(above, cv2.MORPH_OPEN, np.ones((2, 2), np.uint8))
        for gap in GAPS:
            kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (gap, gap))
            solid = cv2.morphologyEx(stands_out, cv2.MORPH_CLOSE, kernel)
            solid = cv2.morphologyEx(solid, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
            count, _, stats, _ = cv2.connectedComponentsWithStats(solid, connectivity=4)
            for left, top, across, down, extent in stats[1:count].tolist():
                share = across * down / (width * height)
                if not MIN_SHARE <= share <= MAX_SHARE or extent < MIN_FILL * across * down:
                    continue
                if across < MIN_SIDE * width or down < MIN_SIDE * height:
                    continue
                yield Box(
                    left / width, top / height, (left + across) / width, (top + down) / height
                )


def _things(pieces: Sequence[Box], most: int) -> list[Region]:
    """Return pieces that are the same at several thresholds as one thing, the steadiest first."""
    groups: list[list[Box]] = []
    for box in pieces:
        group = next((g for g in groups if intersection_over_union(g[0], box) >= SAME), None)
        if group is None:
            groups.append([box])
        else:
            group.append(box)
    groups.sort(key=len, reverse=True)
    return [
        Region(group[len(group) // 2], min(1.0, len(group) / most))
        for group in groups
        if len(group) >= FEWEST_MASKS
    ]


def _outermost(things: Sequence[Region]) -> list[Region]:
    """Return the things without what is in the middle of another; the larger of two counts."""
    outer: list[Region] = []
    for thing in things:
        places = range(len(outer))
        place = next(
            (n for n in places if middle_distance(outer[n].box, thing.box) < SAME_MIDDLE), -1
        )
        if place < 0:
            outer.append(thing)
        elif (
            1 < area(thing.box) / area(outer[place].box) <= MUCH_LARGER
            and thing.score > MUCH_LESS * outer[place].score
        ):
            outer[place] = replace(thing, score=outer[place].score)
    return outer


def _small(image: Image.Image) -> Image.Image:
    scale = min(1.0, WORKING_SIDE / max(image.size))
    size = max(1, round(image.width * scale)), max(1, round(image.height * scale))
    return image.resize(size, Image.Resampling.BOX, reducing_gap=2.0)


def create(environment: Environment) -> ObjectRegions:
    """Return the finder; it has no settings."""
    return ObjectRegions()
