"""The one change of brightness, contrast, saturation and tint that best turns one picture into
the other.

Edits of a whole picture follow one simple rule everywhere: colours move towards grey or away from
it, all channels are shifted together, and each is multiplied by a gain of its own; what leaves
black or white is cut off. What the rule leaves is a real difference in colour: another dress, not
another light. Channels are not shifted each for itself: that would turn a grey shirt on white into
a blue one, which no edit of the whole picture does. Nor may the rule turn a white shirt into a
black one: what no edit does to a picture is no explanation (`Rule.is_an_edit`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

SATURATIONS = (0.0, 0.4, 0.7, 1.4)
"""What is tried of an edit's saturation where keeping it explains little; 0 is grey."""

UNLIKELY = 1.0
"""Median and mean ΔE, together, by which another saturation must explain more than keeping it."""

GAINS = (0.3, 3.0)
"""Beyond these a channel has lost its shades or gained ones it had not."""

CONTRAST = (0.4, 2.5)
"""What an edit may leave of the contrast, or make of it."""

LIGHT, GROUND, LEEWAY = 1.6, 160.0, 20.0
"""How much lighter an edit may make a picture, how light the middle may be that it turns the
contrast about, and what is granted beyond, in levels."""

DARKEST_WHITE = 100.0
"""What an edit may make of white, in levels."""

EXPLAINED = 4.0
"""Median and mean ΔE left, together, from which no other saturation is tried: it is noise."""

ROUNDS = 3
FEWEST, SAMPLES = 200, 800
"""Pixels a rule is fitted on: so many of the foreground, or else of all."""

GRIDS = (tuple(range(-200, 301, 5)), tuple(half / 2 for half in range(-9, 10)))
"""Shifts that are tried, in levels, first coarsely."""

SMALL = 3e-4
"""A shift of 60 levels must explain as much as one level in every pixel."""

DARK, BRIGHT = 4, 251
"""Beyond these a channel may have been cut off, and says nothing of gain and shift."""

GROUND_STEP = 10.0
"""ΔE from the colour of the edge from which a pixel belongs to the foreground."""

HALF = (slice(None, None, 2), slice(None, None, 2))
"""Every other pixel, where colours are compared: they change more slowly than drawings."""

Map = NDArray[Any]
"""float32; OpenCV's signatures promise less."""
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Rule:
    """A saturation (0 is grey, 1 keeps colours), one shift for all channels, a gain for each."""

    saturation: float
    shift: float
    gains: tuple[float, float, float]

    def apply(self, picture: Map) -> Map:
        """Return the RGB picture under this rule; any shape that ends in 3."""
        source = saturated(picture, self.saturation) + np.float32(self.shift)
        changed: Map = np.clip(source * np.array(self.gains, np.float32), 0, 255)
        return changed

    @property
    def gain(self) -> float:
        """What becomes of the contrast: the mean of the gains."""
        return sum(self.gains) / 3

    @property
    def is_an_edit(self) -> bool:
        """Whether somebody who edits a picture does this, or what undoes it.

        An edit makes a level x into b · (m + c · (x − m)): contrast c about a middle m, then
        brightness b. So black becomes b · m · (1 − c) at most, and white stays light.
        """
        gain, black = self.gain, self.gain * self.shift
        return _is_an_edit(gain, black) or _is_an_edit(1 / gain, -black / gain)


def _is_an_edit(gain: float, black: float) -> bool:
    return (
        CONTRAST[0] <= gain <= CONTRAST[1]
        and black <= GROUND * (LIGHT - gain) + LEEWAY
        and 255 * gain + black >= DARKEST_WHITE
    )


NOTHING = Rule(1.0, 0.0, (1.0, 1.0, 1.0))
"""What is left where no edit explains anything."""


@dataclass(frozen=True)
class Explained:
    """`predicted` is one picture under the rule, `actual` the other one.

    The same in CIELAB at HALF the size, and there the foreground. Over that, as the pictures
    came: `hue` is their mean difference of hue (ΔH of CIELAB: none for a pixel that either shows
    grey), `chroma` that of colourfulness (ΔC). Of the rule, `cast` is how far apart its gains are,
    as ln (largest / smallest); `gain` how far it is from keeping contrast, as |ln gain|;
    `saturation` what it makes of colours.
    """

    predicted: Map
    actual: Map
    predicted_lab: Map
    actual_lab: Map
    foreground: Mask
    hue: float
    chroma: float
    cast: float
    gain: float
    saturation: float


def explained(first: Map, second: Map, both: Mask) -> Explained:
    """Return the pictures with one of them recoloured by the rule that fits best.

    Either may be the edited one: what was cut off at white can be made, not made undone.
    """
    small = [np.ascontiguousarray(one[HALF]) for one in (first, second)]
    labs, half = [in_lab(one) for one in small], both[HALF]
    foreground = _foreground(labs[0], half) | _foreground(labs[1], half)
    swapped, rule = _best(small, labs, foreground, half)
    source, target = (second, first) if swapped else (first, second)
    predicted = rule.apply(source)
    return Explained(
        predicted,
        target,
        in_lab(np.ascontiguousarray(predicted[HALF])),
        labs[not swapped],
        foreground,
        **_colour_change(labs[0], labs[1], foreground if foreground.any() else half),
        cast=float(np.log(max(rule.gains) / min(rule.gains))),
        gain=abs(float(np.log(rule.gain))),
        saturation=rule.saturation,
    )


def _best(
    pictures: Sequence[Map], labs: Sequence[Map], foreground: Mask, both: Mask
) -> tuple[bool, Rule]:
    """Return the edit that leaves least, and whether it is one of the second picture.

    It is fitted where something is shown: a white ground stays white under almost any rule. But
    it must leave the ground as well as it is.
    """
    shown = _spots(foreground if foreground.sum() >= FEWEST else both, SAMPLES)
    ground = _spots(both & ~foreground, SAMPLES // 4)
    sampled = np.concatenate([shown, ground])
    flat, flat_labs = (
        np.stack([one.reshape(-1, 3)[sampled] for one in two]) for two in (pictures, labs)
    )
    trials = _tried(flat, flat_labs, len(shown), (1.0,))
    if not trials or min(trials, key=itemgetter(0))[0] >= EXPLAINED:
        trials += _tried(flat, flat_labs, len(shown), SATURATIONS)
    _, way, rule = min(trials, key=itemgetter(0), default=(0.0, 0, NOTHING))
    return bool(way), rule


def _spots(where: Mask, most: int) -> NDArray[np.intp]:
    spots = np.flatnonzero(where)
    return spots[:: max(1, len(spots) // most)]


def _tried(
    flat: Map, labs: Map, shown: int, saturations: tuple[float, ...]
) -> list[tuple[float, int, Rule]]:
    """Return for each saturation and either picture what is left, which it is, and the rule.

    The first `shown` pixels are those it is fitted on.
    """
    ways = [(way, saturation) for saturation in saturations for way in (0, 1)]
    toned = np.stack([saturated(flat[way, :shown], saturation) for way, saturation in ways])
    target = np.stack([flat[1 - way, :shown] for way, _ in ways])
    shifts, gains = _fitted(toned, target)
    trials = []
    for (way, saturation), shift, (red, green, blue) in zip(
        ways, shifts.tolist(), gains.tolist(), strict=True
    ):
        rule = Rule(saturation, shift, (red, green, blue))
        if rule.is_an_edit:
            off = lengths(in_lab(rule.apply(flat[way])[None])[0] - labs[1 - way])
            left = float(np.median(off[:shown])) + float(off.mean()) + UNLIKELY * (saturation != 1)
            trials.append((left, way, rule))
    return trials


def _colour_change(first: Map, second: Map, area: Mask) -> dict[str, float]:
    """Return mean ΔH and ΔC of two CIELAB pictures (CIE 1976; ΔH² = Δa² + Δb² − ΔC²)."""
    ours, theirs = first[area][:, 1:], second[area][:, 1:]
    apart = lengths(ours - theirs)
    chroma = np.abs(lengths(ours) - lengths(theirs))
    hue = np.sqrt(np.maximum(0, apart**2 - chroma**2))
    return {"hue": float(hue.mean()), "chroma": float(chroma.mean())}


def _fitted(source: Map, target: Map) -> tuple[Map, Map]:
    """Return the shifts (T) and gains (T × 3) that fit most of T times N × 3 pixels.

    The rest may be printed over. All T are fitted at once: one by one, Python takes most of the
    time.
    """
    count = source.shape[1]
    whole: Mask = (source > DARK) & (source < BRIGHT) & (target > DARK) & (target < BRIGHT)
    trusted: Mask = np.ones(whole.shape[:2], np.bool_)
    going: Mask = np.ones(len(source), np.bool_)
    shifts, gains = np.zeros(len(source), np.float32), np.ones((len(source), 3), np.float32)
    for _ in range(ROUNDS):
        found = _lines(_Sums.over(source, target, trusted, whole))
        shifts, gains = np.where(going, found[0], shifts), np.where(going[:, None], found[1], gains)
        changed = np.clip((source + shifts[:, None, None]) * gains[:, None], 0, 255)
        off = np.abs(changed - target).max(axis=2)
        kept = off < np.maximum(10.0, 2.5 * _medians(off, trusted))[:, None]
        going &= kept.sum(axis=1) >= 0.3 * count
        trusted = np.where(going[:, None], kept, trusted)
    return shifts, gains


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


def _lines(sums: _Sums) -> tuple[Map, Map]:
    """Return the shift all channels share, and the gain of each: least squares, by two grids.

    A small shift is preferred where it hardly matters: one colour alone says nothing of it.
    """
    shifts = np.zeros(len(sums.x), np.float32)
    for grid in GRIDS:
        tried = shifts[:, None] + np.array(grid, np.float32)
        explains = sums.gains(tried)[1].sum(axis=2)
        explains -= SMALL * sums.number.sum(axis=1)[:, None] * tried * tried
        shifts = tried[np.arange(len(tried)), explains.argmax(axis=1)]
    gains = np.clip(sums.gains(shifts[:, None])[0][:, 0], *GAINS)
    known = sums.number > 0
    mean = (gains * known).sum(axis=1) / np.maximum(1, known.sum(axis=1))
    return shifts, np.where(known, gains, mean[:, None])


def _medians(values: Map, trusted: Mask) -> Map:
    """Return the median of each row's trusted values."""
    ranked = np.sort(np.where(trusted, values, np.inf), axis=1)
    middle = np.maximum(0, trusted.sum(axis=1) - 1) // 2
    found: Map = ranked[np.arange(len(values)), middle]
    return found


def saturated(picture: Map, saturation: float) -> Map:
    """Return the picture mixed with its own grey (Rec. 601); any shape that ends in 3."""
    if saturation == 1:
        return picture
    luma = (picture @ np.array([0.299, 0.587, 0.114], np.float32))[..., None]
    mixed: Map = luma + np.float32(saturation) * (picture - luma)
    return mixed


def in_lab(picture: Map) -> Map:
    """Return CIELAB (L 0 to 100) of RGB 0 to 255, H × W × 3."""
    return cv2.cvtColor(picture / np.float32(255), cv2.COLOR_RGB2LAB)


def lengths(vectors: Map) -> Map:
    """Return the Euclidean lengths along the last axis."""
    found: Map = np.sqrt(np.einsum("...i,...i->...", vectors, vectors))
    return found


def _foreground(lab: Map, both: Mask) -> Mask:
    """Return what stands out from the colour most of the edge of the frame has."""
    edge = np.concatenate([lab[0], lab[-1], lab[:, 0], lab[:, -1]])
    ground = np.median(edge, axis=0)
    stands_out: Mask = (lengths(lab - ground) > GROUND_STEP) & both
    return stands_out
