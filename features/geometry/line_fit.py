"""Fits the line that turns one picture's levels into another's: one shift, a gain per channel.

Trimmed least squares over the pixels both pictures share, without those that may be printed over
or are clipped at black or white; then the level above which the source was clipped.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

WHITE = 255.0
CLIPPING_STEP = 1.1
CLIPPING_GRIDS = ((0.0, 1.0, 2.0, 3.0, 4.0, 5.0), (-0.6, -0.3, 0.3, 0.6))
"""Tried exponents n, first coarsely, then about the best: a source made lighter by CLIPPING_STEP **
n was clipped above WHITE / CLIPPING_STEP ** n."""

CLIPPING_PENALTY, MAX_ERROR = 0.1, 40.0
"""Levels by which a lower white must reduce the mean error, and the largest error that a channel of
one pixel counts with, since it may be printed over."""

GAIN_RANGE = (0.3, 3.0)
"""Gains beyond these lose shades or invent them."""

ROUNDS = 3

SHIFT_GRIDS = (tuple(range(-200, 301, 5)), tuple(half / 2 for half in range(-9, 10)))
"""Shifts tried, in levels, first coarsely, then about the best."""

SHIFT_PENALTY = 3e-4
"""Penalty on squared shifts: one of 60 levels must explain as much as one level in every pixel."""

DARKEST_USABLE, BRIGHTEST_USABLE = 4, 251
"""Levels beyond these may be clipped and are not used for gain and shift."""

Map = NDArray[Any]
"""float32; NumPy's type hints are less precise."""
Mask = NDArray[np.bool_]


def fit_lines(source: Map, target: Map) -> tuple[Map, Map]:
    """Return the shifts (T) and gains (T × 3) that fit most pixels of T sets of N × 3 pixels.

    The other pixels may be printed over. After the first round, the line decides which pixels
    become black or white. Deciding it by the target would keep only those that noise lifted back,
    so that 50 % more contrast would pass for 20 %. All T are fitted at once, because in a loop
    Python would take most of the time.
    """
    source_unclipped = _is_unclipped(source)
    trusted: Mask = np.ones(source.shape[:2], np.bool_)
    active: Mask = np.ones(len(source), np.bool_)
    shifts, gains = _solve(
        _Sums.over(source, target, trusted, source_unclipped & _is_unclipped(target))
    )
    for _ in range(ROUNDS - 1):
        line = (source + shifts[:, None, None]) * gains[:, None]
        off = np.abs(np.clip(line, 0, 255) - target).max(axis=2)
        near = off < np.maximum(10.0, 2.5 * _medians(off, trusted))[:, None]
        active &= near.sum(axis=1) >= 0.3 * source.shape[1]
        trusted = np.where(active[:, None], near, trusted)
        new_shifts, new_gains = _solve(
            _Sums.over(source, target, trusted, source_unclipped & _is_unclipped(line))
        )
        shifts = np.where(active, new_shifts, shifts)
        gains = np.where(active[:, None], new_gains, gains)
    return shifts, gains


def _is_unclipped(levels: Map) -> Mask:
    """Return which levels are clipped neither at black nor at white."""
    inside: Mask = (levels > DARKEST_USABLE) & (levels < BRIGHTEST_USABLE)
    return inside


@dataclass(frozen=True)
class _Sums:
    """The sums that least squares needs of pixels x and y, T × 3: count, Σx, Σy, Σx², Σxy."""

    number: Map
    x: Map
    y: Map
    xx: Map
    xy: Map

    @classmethod
    def over(cls, source: Map, target: Map, trusted: Mask, whole: Mask) -> "_Sums":
        """Sum trusted pixels that are not clipped (`whole`, T × N × 3).

        A channel with too few of them gets 0. If all three have too few, all trusted pixels count.
        """
        used = trusted[..., None] & whole
        enough = used.sum(axis=1) > 0.05 * trusted.sum(axis=1)[:, None] + 20
        none = ~enough.any(axis=1)
        used = np.where(none[:, None, None], trusted[..., None], used & enough[:, None])
        x, y = source * used, target * used
        sums = (x.sum(axis=1), y.sum(axis=1), (x * x).sum(axis=1), (x * y).sum(axis=1))
        return cls(used.sum(axis=1).astype(np.float32), *sums)

    def gains(self, shifts: Map) -> tuple[Map, Map]:
        """Return the best gain of each channel for shifts T × S, and the squares it explains.

        Both are T × S × 3. For y = gain · (x + s), the gain is Σy(x + s) / Σ(x + s)²; the squares
        left are Σy² less the product of the gain and Σy(x + s).
        """
        number, x, y, xx, xy = (
            total[:, None] for total in (self.number, self.x, self.y, self.xx, self.xy)
        )
        s = shifts[..., None]
        shared = xy + s * y
        gain = shared / np.maximum(1.0, xx + 2 * s * x + s * s * number)
        return gain, gain * shared


def _solve(sums: _Sums) -> tuple[Map, Map]:
    """Return the shared shift and the gain of each channel, by least squares over two grids.

    Small shifts are preferred, because a single colour does not determine the shift.
    """
    shifts = np.zeros(len(sums.x), np.float32)
    for grid in SHIFT_GRIDS:
        tried = shifts[:, None] + np.array(grid, np.float32)
        explains = sums.gains(tried)[1].sum(axis=2)
        explains -= SHIFT_PENALTY * sums.number.sum(axis=1)[:, None] * tried * tried
        shifts = tried[np.arange(len(tried)), explains.argmax(axis=1)]
    gains = np.clip(sums.gains(shifts[:, None])[0][:, 0], *GAIN_RANGE)
    known = sums.number > 0
    mean = (gains * known).sum(axis=1) / np.maximum(1, known.sum(axis=1))
    return shifts, np.where(known, gains, mean[:, None])


def fit_white_levels(source: Map, target: Map, shifts: Map, gains: Map) -> list[float]:
    """Return the level above which each of T sources was clipped; WHITE if it was not."""
    best: Map = np.zeros(len(source), np.float32)
    least: Map = np.full(len(source), np.inf, np.float32)
    for steps in CLIPPING_GRIDS:
        about = best
        for step in steps:
            times = np.maximum(0, about + np.float32(step))
            white = np.float32(WHITE) / np.float32(CLIPPING_STEP) ** times
            changed = np.minimum(source, white[:, None, None]) + shifts[:, None, None]
            off = np.abs(np.clip(changed * gains[:, None], 0, 255) - target)
            left = np.minimum(off, MAX_ERROR).mean(axis=(1, 2)) + CLIPPING_PENALTY * (times > 0)
            best, least = np.where(left < least, times, best), np.minimum(left, least)
    return [WHITE / CLIPPING_STEP**times for times in best.tolist()]


def _medians(values: Map, trusted: Mask) -> Map:
    """Return the median of each row's trusted values."""
    ranked = np.sort(np.where(trusted, values, np.inf), axis=1)
    middle = np.maximum(0, trusted.sum(axis=1) - 1) // 2
    medians: Map = ranked[np.arange(len(values)), middle]
    return medians
