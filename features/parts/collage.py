"""Finds the pictures of a collage: tiles with gutters between them, or edge to edge.

Tiles have straight edges. Goods side by side on a plain ground are no collage.
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from features.base import Box
from features.parts.edges import (
    MIN_PEAK,
    STEP,
    Levels,
    largest_difference,
    peaks,
    plain_bands,
    steps,
    transposed,
)

MOST = 16
"""Tiles at most; with more of them, each is too small to compare."""

MAX_GUTTER = 0.05
"""Most that a gutter may take of the picture's side."""

MIN_TILE = 0.14
"""Least side of a tile, as a share of the picture's."""

MIN_EDGE = 0.5
"""Share of a tile's edge that must differ from the gutter beside it."""

MIN_JOINT, MIN_SINGLE_JOINT = 0.75, 0.9
"""Share of a joint's length on which tiles without a gutter must differ: more for two halves, as
a table's edge may lie in the middle of a photo."""

EVEN_COUNTS = (2, 3, 4)
"""Numbers of tiles of equal size that are tried, each way, where there are no gutters."""

Span = tuple[int, int]


def find_tiles(levels: Levels) -> list[Box]:
    """Return the tiles between gutters of one colour, in reading order; [] where there are none.

    `levels` are the picture's, at most `edges.WORKING_SIDE` large.
    """
    turned = [(rows, columns) for columns, rows in _with_gutters(transposed(levels))]
    return _boxes(levels, max(_with_gutters(levels), sorted(turned), key=len))


def find_even_tiles(levels: Levels) -> list[Box]:
    """Return tiles of equal size that differ along all of their joints; [] where none do."""
    columns = _even_spans(transposed(levels))
    return _boxes(levels, [(row, column) for row in _even_spans(levels) for column in columns])


def _boxes(levels: Levels, tiles: Sequence[tuple[Span, Span]]) -> list[Box]:
    height, width = levels.shape[:2]
    if not 2 <= len(tiles) <= MOST:
        return []
    return [
        Box(left / width, top / height, right / width, bottom / height)
        for (top, bottom), (left, right) in tiles
    ]


def _with_gutters(levels: Levels) -> list[tuple[Span, Span]]:
    """Return rows and columns of each tile, cut into rows first; [] if these are no tiles.

    All gutters of a collage have one colour.
    """
    bands = plain_bands(levels)
    best: list[tuple[Span, Span]] = []
    for number, band in enumerate(bands):
        if any(band.is_like(other.colour) for other in bands[:number]):
            continue
        tiles = []
        for rows in _cut(levels, band.colour):
            strip = transposed(levels[rows[0] : rows[1]])
            tiles += [(rows, columns) for columns in _cut(strip, band.colour)]
        if len(tiles) > max(1, len(best)) and all(_has_edges(levels, *tile) for tile in tiles):
            best = tiles
    return best


def _cut(levels: Levels, colour: Levels) -> list[Span]:
    """Return the spans between gutters of a colour; [] if a gutter is too wide or a span short."""
    length = len(levels)
    spans, start = [], 0
    for band in plain_bands(levels):
        if not band.is_like(colour):
            continue
        is_inner = band.start > 0 and band.end < length
        if is_inner and band.end - band.start > MAX_GUTTER * length:
            return []
        if band.start > start:
            spans.append((start, band.start))
        start = band.end
    if length > start:
        spans.append((start, length))
    return spans if all(end - start >= MIN_TILE * length for start, end in spans) else []


def _has_edges(levels: Levels, rows: Span, columns: Span) -> bool:
    """Say whether a tile differs from the gutters around it along its edges."""
    (top, bottom), (left, right) = rows, columns
    sides = (
        (top > 1, levels[top - 2, left:right], levels[top + 1, left:right]),
        (
            bottom < len(levels) - 1,
            levels[min(bottom + 1, len(levels) - 1), left:right],
            levels[bottom - 2, left:right],
        ),
        (left > 1, levels[top:bottom, left - 2], levels[top:bottom, left + 1]),
        (
            right < levels.shape[1] - 1,
            levels[top:bottom, min(right + 1, levels.shape[1] - 1)],
            levels[top:bottom, right - 2],
        ),
    )
    shares = [
        float((largest_difference(gutter[None], edge[None]) > STEP).mean())
        for has_gutter, gutter, edge in sides
        if has_gutter
    ]
    return bool(shares) and float(np.mean(shares)) >= MIN_EDGE


def _even_spans(levels: Levels) -> Sequence[Span]:
    edge = steps(levels).mean(axis=1)
    edge = np.where(peaks(edge) >= MIN_PEAK, edge, 0.0)
    length = len(levels)
    for count in EVEN_COUNTS:
        joints = [round(length * number / count) for number in range(1, count)]
        nearest = [max(range(at - 1, at + 2), key=lambda row: float(edge[row])) for at in joints]
        least = MIN_SINGLE_JOINT if count == 2 else MIN_JOINT
        if all(edge[row] >= least for row in nearest):
            ends = [0, *nearest, length]
            return list(pairwise(ends))
    return [(0, length)]
