"""The one change of brightness, contrast, saturation and tint that best turns one picture into
the other.

Edits of a whole picture follow one simple rule everywhere: colours move towards grey or away from
it, all channels are shifted together, and each is multiplied by a gain of its own; what leaves
black or white is cut off, before the gains or after them. What the rule leaves is a real difference
in colour: another dress, not another light. Channels are not shifted each for itself: that would
turn a grey shirt on white into a blue one, which no edit of the whole picture does. Nor may the
rule turn a white shirt into a black one: what no edit does to a picture is no explanation
(`TintRule.is_an_edit`).
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from operator import itemgetter

import cv2
import numpy as np
from numpy.typing import NDArray

from features.geometry.line_fit import WHITE, Map, Mask, fit_lines, fit_white_levels

SATURATIONS = (0.0, 0.4, 0.7, 1.4)
"""What is tried of an edit's saturation where keeping it explains little; 0 is grey."""

SATURATION_PENALTY = 1.0
"""Median and mean ΔE, together, by which another saturation must explain more than keeping it."""

CONTRAST_RANGE = (0.4, 2.5)
"""What an edit may leave of the contrast, or make of it."""

MAX_BRIGHTNESS, MAX_MIDDLE, LEVEL_TOLERANCE = 1.6, 160.0, 20.0
"""How much lighter an edit may make a picture, how light the middle may be that it turns the
contrast about, and what is granted beyond, in levels."""

MIN_WHITE = 100.0
"""What an edit may make of white, in levels."""

NOISE_DELTA_E = 4.0
"""Median and mean ΔE left, together, below which nothing further is tried: it is noise."""

MIN_PIXELS, MAX_PIXELS = 200, 800
"""Pixels a rule is fitted on: so many of the foreground, or else of all."""

WHITE_STRIDE = 3
"""Every third of them tells where a picture is burnt out, which is one number."""

FOREGROUND_DELTA_E = 10.0
"""ΔE from the colour of the edge from which a pixel belongs to the foreground."""

HALF_SIZE = (slice(None, None, 2), slice(None, None, 2))
"""Every other pixel, where colours are compared: they change more slowly than drawings."""


@dataclass(frozen=True)
class TintRule:
    """A saturation (0 is grey, 1 keeps colours), one shift for all channels, a gain for each.

    What is lighter than `white`, in the source's levels, is burnt out before it gets its gain: a
    picture made lighter first and warmer then has a white that no gain alone explains.
    """

    saturation: float
    shift: float
    gains: tuple[float, float, float]
    white: float = WHITE

    def apply(self, picture: Map) -> Map:
        """Return the RGB picture under this rule; any shape that ends in 3."""
        source = np.minimum(change_saturation(picture, self.saturation), np.float32(self.white))
        gains = np.array(self.gains, np.float32)
        changed: Map = np.clip((source + np.float32(self.shift)) * gains, 0, 255)
        return changed

    @property
    def gain(self) -> float:
        """What becomes of the contrast: the mean of the gains."""
        return sum(self.gains) / 3

    @property
    def is_burnt_out(self) -> bool:
        """Whether the source lost its lights before anything else."""
        return self.white < WHITE

    @property
    def is_an_edit(self) -> bool:
        """Whether somebody who edits a picture does this, or what undoes it.

        An edit makes a level x into b · (m + c · (x − m)): contrast c about a middle m, then
        brightness b. So black becomes b · m · (1 − c) at most, and white stays light.
        """
        gain, black = self.gain, self.gain * self.shift
        return _is_plausible(gain, black, self.white) or _is_plausible(1 / gain, -black / gain)


def _is_plausible(gain: float, black: float, white: float = WHITE) -> bool:
    return (
        CONTRAST_RANGE[0] <= gain <= CONTRAST_RANGE[1]
        and black <= MAX_MIDDLE * (MAX_BRIGHTNESS - gain) + LEVEL_TOLERANCE
        and white * gain + black >= MIN_WHITE
    )


IDENTITY = TintRule(1.0, 0.0, (1.0, 1.0, 1.0))
"""What is left where no edit explains anything."""

TrialInput = tuple[int, float, float]
"""Which of two pictures is the source, its saturation, and from where on it is burnt out."""

Trial = tuple[float, int, TintRule]
"""Median and mean ΔE left, together, which picture is the source, and the rule."""


@dataclass(frozen=True)
class TintExplanation:
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


def explain_tint(first: Map, second: Map, both: Mask) -> TintExplanation:
    """Return the pictures with one of them recoloured by the rule that fits best.

    Either may be the edited one: what was cut off at white can be made, not made undone.
    """
    small = [np.ascontiguousarray(one[HALF_SIZE]) for one in (first, second)]
    labs, half = [to_lab(one) for one in small], both[HALF_SIZE]
    foreground = _foreground(labs[0], half) | _foreground(labs[1], half)
    swapped, rule = _best_rule(small, labs, foreground, half)
    source, target = (second, first) if swapped else (first, second)
    predicted = rule.apply(source)
    return TintExplanation(
        predicted,
        target,
        to_lab(np.ascontiguousarray(predicted[HALF_SIZE])),
        labs[not swapped],
        foreground,
        **_colour_change(labs[0], labs[1], foreground if foreground.any() else half),
        cast=float(np.log(max(rule.gains) / min(rule.gains))),
        gain=abs(float(np.log(rule.gain))),
        saturation=rule.saturation,
    )


def _best_rule(
    pictures: Sequence[Map], labs: Sequence[Map], foreground: Mask, both: Mask
) -> tuple[bool, TintRule]:
    """Return the edit that leaves least, and whether it is one of the second picture.

    It is fitted where something is shown: a white ground stays white under almost any rule. But
    it must leave the ground as well as it is.
    """
    shown = _sample_pixels(foreground if foreground.sum() >= MIN_PIXELS else both, MAX_PIXELS)
    ground = _sample_pixels(both & ~foreground, MAX_PIXELS // 4)
    sampled = np.concatenate([shown, ground])
    flat, flat_labs = (
        np.stack([one.reshape(-1, 3)[sampled] for one in two]) for two in (pictures, labs)
    )
    tried = partial(_try, flat, flat_labs, len(shown))
    trials = tried([(way, 1.0, WHITE) for way in (0, 1)])
    if _smallest_error(trials) >= NOISE_DELTA_E:
        trials += tried([(way, 1.0, rule.white) for _, way, rule in trials if rule.is_burnt_out])
    if _smallest_error(trials) >= NOISE_DELTA_E:
        trials += tried([(way, tone, WHITE) for tone in SATURATIONS for way in (0, 1)])
    _, way, rule = min(trials, key=itemgetter(0), default=(0.0, 0, IDENTITY))
    return bool(way), rule


def _sample_pixels(where: Mask, most: int) -> NDArray[np.intp]:
    spots = np.flatnonzero(where)
    return spots[:: max(1, len(spots) // most)]


def _smallest_error(trials: Iterable[Trial]) -> float:
    return min((left for left, *_ in trials), default=math.inf)


def _try(flat: Map, labs: Map, shown: int, ways: Sequence[TrialInput]) -> list[Trial]:
    """Return what each way comes to, fitted on the first `shown` pixels; not what is no edit."""
    if not ways:
        return []
    toned = np.stack([change_saturation(flat[way], tone) for way, tone, _ in ways])
    target = np.stack([flat[1 - way] for way, *_ in ways])
    given = np.array([white for *_, white in ways], np.float32)[:, None, None]
    shifts, gains = fit_lines(np.minimum(toned, given)[:, :shown], target[:, :shown])
    found = fit_white_levels(toned[:, ::WHITE_STRIDE], target[:, ::WHITE_STRIDE], shifts, gains)
    trials = []
    for (way, tone, _), white, shift, (red, green, blue) in zip(
        ways, found, shifts.tolist(), gains.tolist(), strict=True
    ):
        rule = TintRule(tone, shift, (red, green, blue), white)
        if rule.is_an_edit:
            off = lengths(to_lab(rule.apply(flat[way])[None])[0] - labs[1 - way])
            left = (
                float(np.median(off[:shown])) + float(off.mean()) + SATURATION_PENALTY * (tone != 1)
            )
            trials.append((left, way, rule))
    return trials


def _colour_change(first: Map, second: Map, area: Mask) -> dict[str, float]:
    """Return mean ΔH and ΔC of two CIELAB pictures (CIE 1976; ΔH² = Δa² + Δb² − ΔC²)."""
    ours, theirs = first[area][:, 1:], second[area][:, 1:]
    apart = lengths(ours - theirs)
    chroma = np.abs(lengths(ours) - lengths(theirs))
    hue = np.sqrt(np.maximum(0, apart**2 - chroma**2))
    return {"hue": float(hue.mean()), "chroma": float(chroma.mean())}


def change_saturation(picture: Map, saturation: float) -> Map:
    """Return the picture mixed with its own grey (Rec. 601); any shape that ends in 3."""
    if saturation == 1:
        return picture
    luma = (picture @ np.array([0.299, 0.587, 0.114], np.float32))[..., None]
    mixed: Map = luma + np.float32(saturation) * (picture - luma)
    return mixed


def to_lab(picture: Map) -> Map:
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
    stands_out: Mask = (lengths(lab - ground) > FOREGROUND_DELTA_E) & both
    return stands_out
