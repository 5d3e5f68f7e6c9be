"""The line that turns one picture's levels into another's: one shift, and a gain for each channel.

Least squares over what the two pictures share, trimmed of what may be printed over, and of what is
cut off at black or white; then from which level on the source was burnt out.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

WHITE = 255.0
CLIPPING_STEP = 1.1
CLIPPING_GRIDS = ((0.0, 1.0, 2.0, 3.0, 4.0, 5.0), (-0.6, -0.3, 0.3, 0.6))
"""How many times a source may have been made lighter by BURNING, so that what was lighter than
WHITE / BURNING ** times burnt out: first coarsely."""

CLIPPING_PENALTY, MAX_ERROR = 0.1, 40.0
"""By how many levels a darker white must explain more, at the mean, and the most that a channel of
one pixel adds to that: it may be printed over."""

GAIN_RANGE = (0.3, 3.0)
"""Beyond these a channel has lost its shades or gained ones it had not."""

ROUNDS = 3

SHIFT_GRIDS = (tuple(range(-200, 301, 5)), tuple(half / 2 for half in range(-9, 10)))
"""Shifts that are tried, in levels, first coarsely."""

SHIFT_PENALTY = 3e-4
"""A shift of 60 levels must explain as much as one level in every pixel."""

DARKEST_USABLE, BRIGHTEST_USABLE = 4, 251
"""Beyond these a channel may have been cut off, and says nothing of gain and shift."""

Map = NDArray[Any]
"""float32; NumPy's reductions promise less."""
Mask = NDArray[np.bool_]


def fit_lines(source: Map, target: Map) -> tuple[Map, Map]:
    """Return the shifts (T) and gains (T × 3) that fit most of T times N × 3 pixels.

    The rest may be printed over. After the first round the line itself tells which pixels come out
    black or white: of those just beyond, the target keeps only what noise lifted back, and chosen
    by that, contrast made half as strong again passes for a fifth. All T are fitted at once: one by
    one, Python takes most of the time.
    """
    given = _is_unclipped(source)
    trusted: Mask = np.ones(source.shape[:2], np.bool_)
    going: Mask = np.ones(len(source), np.bool_)
    shifts, gains = _solve(_Sums.over(source, target, trusted, given & _is_unclipped(target)))
    for _ in range(ROUNDS - 1):
        line = (source + shifts[:, None, None]) * gains[:, None]
        off = np.abs(np.clip(line, 0, 255) - target).max(axis=2)
        kept = off < np.maximum(10.0, 2.5 * _medians(off, trusted))[:, None]
        going &= kept.sum(axis=1) >= 0.3 * source.shape[1]
        trusted = np.where(going[:, None], kept, trusted)
        found = _solve(_Sums.over(source, target, trusted, given & _is_unclipped(line)))
        shifts, gains = np.where(going, found[0], shifts), np.where(going[:, None], found[1], gains)
    return shifts, gains


def _is_unclipped(levels: Map) -> Mask:
    """Return which are neither cut off at black nor at white."""
    inside: Mask = (levels > DARKEST_USABLE) & (levels < BRIGHTEST_USABLE)
    return inside


@dataclass(frozen=True)
class _Sums:
    """What least squares need of pixels x and y, T × 3: their number, Σx, Σy, Σx² and Σxy."""

    number: Map
    x: Map
    y: Map
    xx: Map
    xy: Map

    @classmethod
    def over(cls, source: Map, target: Map, trusted: Mask, whole: Mask) -> "_Sums":
        """Take what is not burnt out or black; a channel without enough of it stays out, at 0.

        Where that would be all three, everything trusted counts.
        """
        used = trusted[..., None] & whole
        enough = used.sum(axis=1) > 0.05 * trusted.sum(axis=1)[:, None] + 20
        none = ~enough.any(axis=1)
        used = np.where(none[:, None, None], trusted[..., None], used & enough[:, None])
        x, y = source * used, target * used
        sums = (x.sum(axis=1), y.sum(axis=1), (x * x).sum(axis=1), (x * y).sum(axis=1))
        return cls(used.sum(axis=1).astype(np.float32), *sums)

    def gains(self, shifts: Map) -> tuple[Map, Map]:
        """Return the best gain of each channel for shifts T × S, and how much it explains.

        Both T × S × 3: with y = gain · (x + shift), the gain is Σy(x + s) / Σ(x + s)², and the
        squares left are Σy² less their product.
        """
        number, x, y, xx, xy = (
            one[:, None] for one in (self.number, self.x, self.y, self.xx, self.xy)
        )
        s = shifts[..., None]
        shared = xy + s * y
        gain = shared / np.maximum(1.0, xx + 2 * s * x + s * s * number)
        return gain, gain * shared


def _solve(sums: _Sums) -> tuple[Map, Map]:
    """Return the shift all channels share, and the gain of each: least squares, by two grids.

    A small shift is preferred where it hardly matters: one colour alone says nothing of it.
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
    """Return for each of T fits from which level on the source was burnt out; WHITE for nowhere."""
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
    found: Map = ranked[np.arange(len(values)), middle]
    return found
