"""Finds the global change of colour that best turns one picture into another.

An edit of a whole picture follows the same rule everywhere: colours move towards grey or away from
it, all channels get the same shift, and each channel its own gain; levels beyond black and white
are clipped, before or after the gains. A difference that the rule leaves unexplained is a real
difference of colour: a different dress, not different light. Channels have no shifts of their own,
which would turn a grey shirt on white into a blue one, as no edit of a whole picture does. For the
same reason the rule may not turn a white shirt into a black one (`TintRule.is_an_edit`).
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
"""Saturations tried if keeping the saturation explains too little; 0 is grey."""

SATURATION_PENALTY = 1.0
"""Sum of median and mean ΔE by which another saturation must be better than keeping it."""

CONTRAST_RANGE = (0.4, 2.5)
"""Factors by which an edit may change the contrast."""

MAX_BRIGHTNESS, MAX_MIDDLE, LEVEL_TOLERANCE = 1.6, 160.0, 20.0
"""Limits of an edit: factor of brightness, the middle level about which contrast changes, and a
tolerance in levels."""

MIN_WHITE = 100.0
"""Lowest level that an edit may make of white."""

NOISE_DELTA_E = 4.0
"""Sum of median and mean ΔE below which the rest is noise and nothing further is tried."""

MIN_PIXELS, MAX_PIXELS = 200, 800
"""Pixels on which a rule is fitted: of the foreground if it has the minimum, or else of all."""

WHITE_STRIDE = 3
"""Every third of them suffices to find where a picture is clipped, which is one number."""

FOREGROUND_DELTA_E = 10.0
"""ΔE from the colour of the edge above which a pixel belongs to the foreground."""

HALF_SIZE = (slice(None, None, 2), slice(None, None, 2))
"""Every other pixel, for comparing colours, which change more slowly than drawings."""


@dataclass(frozen=True)
class TintRule:
    """A saturation (0 is grey, 1 keeps colours), one shift for all channels, and a gain for each.

    Levels of the source above `white` are clipped before the gains: a picture that was first made
    lighter and then warmer has a white that gains alone cannot explain.
    """

    saturation: float
    shift: float
    gains: tuple[float, float, float]
    white: float = WHITE

    def apply(self, picture: Map) -> Map:
        """Apply the rule to an RGB picture of any shape that ends in 3, 0 to 255."""
        source = np.minimum(change_saturation(picture, self.saturation), np.float32(self.white))
        gains = np.array(self.gains, np.float32)
        result: Map = np.clip((source + np.float32(self.shift)) * gains, 0, 255)
        return result

    @property
    def gain(self) -> float:
        """The factor of contrast: the mean of the gains."""
        return sum(self.gains) / 3

    @property
    def is_clipped(self) -> bool:
        """Whether the source was clipped before the gains."""
        return self.white < WHITE

    @property
    def is_an_edit(self) -> bool:
        """Whether a plausible edit, or the inverse of one, has this effect.

        An edit turns a level x into b · (m + c · (x − m)): contrast c about a middle m, then
        brightness b. So black becomes at most b · m · (1 − c), and white stays light.
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
"""The rule used if no edit explains anything."""

TrialInput = tuple[int, float, float]
"""Index of the source picture (0 or 1), saturation, and level above which it is clipped."""

Trial = tuple[float, int, TintRule]
"""Sum of median and mean unexplained ΔE, index of the source picture, and the rule."""


@dataclass(frozen=True)
class TintExplanation:
    """`predicted` is one picture with the rule applied, `actual` the other one (RGB, 0 to 255).

    `source` is the one picture before the rule, at half the size (RGB).
    `predicted_lab`, `actual_lab` and `foreground` are at half the size (HALF_SIZE). `hue` and
    `chroma` are the mean ΔH and ΔC (CIELAB) of the foreground before the rule is applied; ΔH is 0
    for a pixel that is grey in either picture. Of the rule: `cast` is ln (largest / smallest gain),
    `gain` is |ln gain|, 0 if contrast is kept, and `saturation` is its saturation.
    """

    predicted: Map
    actual: Map
    source: Map
    predicted_lab: Map
    actual_lab: Map
    foreground: Mask
    hue: float
    chroma: float
    cast: float
    gain: float
    saturation: float


def explain_tint(first: Map, second: Map, shared: Mask) -> TintExplanation:
    """Return the pictures, one of them recoloured by the rule that fits best.

    `first` and `second` are RGB (H × W × 3, 0 to 255), `shared` (H × W) is where they are compared.
    Either may be the edited one, because clipping can be predicted but not undone.
    """
    small = [np.ascontiguousarray(picture[HALF_SIZE]) for picture in (first, second)]
    labs, half = [to_lab(picture) for picture in small], shared[HALF_SIZE]
    foreground = _foreground(labs[0], half) | _foreground(labs[1], half)
    swapped, rule = _best_rule(small, labs, foreground, half)
    source, target = (second, first) if swapped else (first, second)
    predicted = rule.apply(source)
    return TintExplanation(
        predicted,
        target,
        small[swapped],
        to_lab(np.ascontiguousarray(predicted[HALF_SIZE])),
        labs[not swapped],
        foreground,
        **_colour_change(labs[0], labs[1], foreground if foreground.any() else half),
        cast=float(np.log(max(rule.gains) / min(rule.gains))),
        gain=abs(float(np.log(rule.gain))),
        saturation=rule.saturation,
    )


def _best_rule(
    pictures: Sequence[Map], labs: Sequence[Map], foreground: Mask, shared: Mask
) -> tuple[bool, TintRule]:
    """Return whether the second picture is the source, and the rule that explains most.

    It is fitted on the foreground, because a white background stays white under almost any rule,
    but its error is measured on the background as well.
    """
    subject = _sample_pixels(foreground if foreground.sum() >= MIN_PIXELS else shared, MAX_PIXELS)
    ground = _sample_pixels(shared & ~foreground, MAX_PIXELS // 4)
    sampled = np.concatenate([subject, ground])
    flat, flat_labs = (
        np.stack([picture.reshape(-1, 3)[sampled] for picture in pair]) for pair in (pictures, labs)
    )
    attempt = partial(_try, flat, flat_labs, len(subject))
    trials = attempt([(source, 1.0, WHITE) for source in (0, 1)])
    if _smallest_error(trials) >= NOISE_DELTA_E:
        trials += attempt(
            [(source, 1.0, rule.white) for _, source, rule in trials if rule.is_clipped]
        )
    if _smallest_error(trials) >= NOISE_DELTA_E:
        trials += attempt(
            [(source, saturation, WHITE) for saturation in SATURATIONS for source in (0, 1)]
        )
    _, source, rule = min(trials, key=itemgetter(0), default=(0.0, 0, IDENTITY))
    return bool(source), rule


def _sample_pixels(where: Mask, most: int) -> NDArray[np.intp]:
    pixels = np.flatnonzero(where)
    return pixels[:: max(1, len(pixels) // most)]


def _smallest_error(trials: Iterable[Trial]) -> float:
    return min((error for error, *_ in trials), default=math.inf)


def _try(flat: Map, labs: Map, fitted: int, inputs: Sequence[TrialInput]) -> list[Trial]:
    """Fit a rule for each input on the first `fitted` pixels; drop those that are no edit."""
    if not inputs:
        return []
    sources = np.stack([change_saturation(flat[source], tone) for source, tone, _ in inputs])
    targets = np.stack([flat[1 - source] for source, *_ in inputs])
    limits = np.array([white for *_, white in inputs], np.float32)[:, None, None]
    shifts, gains = fit_lines(np.minimum(sources, limits)[:, :fitted], targets[:, :fitted])
    whites = fit_white_levels(sources[:, ::WHITE_STRIDE], targets[:, ::WHITE_STRIDE], shifts, gains)
    trials = []
    for (source, tone, _), white, shift, (red, green, blue) in zip(
        inputs, whites, shifts.tolist(), gains.tolist(), strict=True
    ):
        rule = TintRule(tone, shift, (red, green, blue), white)
        if rule.is_an_edit:
            off = lengths(to_lab(rule.apply(flat[source])[None])[0] - labs[1 - source])
            error = float(np.median(off[:fitted])) + float(off.mean())
            trials.append((error + SATURATION_PENALTY * (tone != 1), source, rule))
    return trials


def _colour_change(first: Map, second: Map, area: Mask) -> dict[str, float]:
    """Return mean ΔH and ΔC of two CIELAB pictures (CIE 1976; ΔH² = Δa² + Δb² − ΔC²)."""
    colours, others = first[area][:, 1:], second[area][:, 1:]
    difference = lengths(colours - others)
    chroma = np.abs(lengths(colours) - lengths(others))
    hue = np.sqrt(np.maximum(0, difference**2 - chroma**2))
    return {"hue": float(hue.mean()), "chroma": float(chroma.mean())}


def change_saturation(picture: Map, saturation: float) -> Map:
    """Mix an RGB picture of any shape that ends in 3 with its own grey (Rec. 601)."""
    if saturation == 1:
        return picture
    luma = (picture @ np.array([0.299, 0.587, 0.114], np.float32))[..., None]
    mixed: Map = luma + np.float32(saturation) * (picture - luma)
    return mixed


def to_lab(picture: Map) -> Map:
    """Convert RGB (H × W × 3, 0 to 255) to CIELAB (L 0 to 100)."""
    return cv2.cvtColor(picture / np.float32(255), cv2.COLOR_RGB2LAB)


def lengths(vectors: Map) -> Map:
    """Return the Euclidean lengths along the last axis."""
    result: Map = np.sqrt(np.einsum("...i,...i->...", vectors, vectors))
    return result


def _foreground(lab: Map, shared: Mask) -> Mask:
    """Return the pixels whose colour differs from the median colour of the frame's edge."""
    edge = np.concatenate([lab[0], lab[-1], lab[:, 0], lab[:, -1]])
    ground = np.median(edge, axis=0)
    stands_out: Mask = (lengths(lab - ground) > FOREGROUND_DELTA_E) & shared
    return stands_out
