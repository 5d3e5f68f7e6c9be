"""The one change of brightness, contrast and tint that best turns one picture into the other.

Edits of a whole picture (brighter, paler, warmer, grey, sepia) follow one simple rule everywhere:
every channel, or the grey of all three, times a gain plus a shift, cut off at black and white.
What the rule leaves is a real difference in colour: another dress, not another light. And a rule
that must shift its channels far apart is no edit either: it turned a grey shirt on white into a
blue one.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

GAINS = (0.35, 3.0)
"""Beyond these the picture has lost its shades or gained ones it had not."""

ROUNDS = 3
SAMPLES = 1500
"""Pixels a rule is fitted on."""

DARK, BRIGHT = 4, 251
"""Beyond these a channel may have been cut off, and says nothing of gain and shift."""

GROUND_STEP = 10.0
"""ΔE from the colour of the edge from which a pixel belongs to the foreground."""

Map = NDArray[Any]
"""float32; OpenCV's signatures promise less."""
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Rule:
    """Gain and shift per channel, of the picture's own channels or of its grey."""

    gains: tuple[float, float, float]
    shifts: tuple[float, float, float]
    grey: bool

    def apply(self, picture: Map) -> Map:
        """Return the RGB picture under this rule."""
        source = _greyed(picture) if self.grey else picture
        gains, shifts = np.array([self.gains, self.shifts], np.float32)
        changed: Map = np.clip(source * gains + shifts, 0, 255)
        return changed


@dataclass(frozen=True)
class Explained:
    """`predicted` is one picture under the rule, `actual` the other one; and both in CIELAB.

    Over the foreground, as the pictures came: `hue` is their mean difference of hue (ΔH of
    CIELAB: none for a pixel that either shows grey), `chroma` that of colourfulness (ΔC). Of the
    rule, `shift` is how far apart it shifts the channels, in levels; `gain` how far it is from
    keeping contrast, as |ln gain|; `grey` is 1 when it takes all colour away.
    """

    predicted: Map
    actual: Map
    predicted_lab: Map
    actual_lab: Map
    foreground: Mask
    hue: float
    chroma: float
    shift: float
    gain: float
    grey: float


def explained(first: Map, second: Map, both: Mask) -> Explained:
    """Return the pictures with one of them recoloured by the rule that fits best.

    Either may be the edited one: what was cut off at white can be made, not made undone.
    """
    spots = np.flatnonzero(both)
    spots = spots[:: max(1, len(spots) // SAMPLES)]
    pictures = (first, second)
    labs = [in_lab(one) for one in pictures]
    flat = [one.reshape(-1, 3)[spots] for one in pictures]
    flat_labs = [one.reshape(-1, 3)[spots] for one in labs]
    trials = []
    for source, target in ((0, 1), (1, 0)):
        for rule in _rules(flat[source], flat[target]):
            off = lengths(in_lab(rule.apply(flat[source])[None])[0] - flat_labs[target])
            trials.append((float(np.median(off)) + float(off.mean()), source, target, rule))
    _, source, target, rule = min(trials, key=lambda trial: trial[0])
    foreground = _foreground(labs[0], both) | _foreground(labs[1], both)
    predicted = rule.apply(pictures[source])
    predicted_lab = in_lab(predicted)
    area = foreground if foreground.any() else both
    return Explained(
        predicted,
        pictures[target],
        predicted_lab,
        labs[target],
        foreground,
        **_colour_change(labs[0][area], labs[1][area]),
        shift=max(rule.shifts) - min(rule.shifts),
        gain=abs(float(np.log(np.mean(rule.gains)))),
        grey=float(rule.grey),
    )


def _colour_change(first: Map, second: Map) -> dict[str, float]:
    """Return mean ΔH and ΔC of N × 3 CIELAB colours (CIE 1976; ΔH² = Δa² + Δb² − ΔC²)."""
    chromas = [lengths(one[:, 1:]) for one in (first, second)]
    apart = lengths(first[:, 1:] - second[:, 1:])
    chroma = np.abs(chromas[0] - chromas[1])
    hue = np.sqrt(np.maximum(0, apart**2 - chroma**2))
    return {"hue": float(hue.mean()), "chroma": float(chroma.mean())}


def _rules(source: Map, target: Map) -> Iterator[Rule]:
    yield _fitted(source, target, grey=False)
    yield _fitted(_greyed(source), target, grey=True)


def _fitted(source: Map, target: Map, *, grey: bool) -> Rule:
    """Return the rule that fits most pixels (N × 3); the rest may be printed over."""
    trusted = np.ones(len(source), np.bool_)
    rule = Rule((1.0, 1.0, 1.0), (0.0, 0.0, 0.0), False)
    for _ in range(ROUNDS):
        lines = [_line(source[trusted, channel], target[trusted, channel]) for channel in range(3)]
        (a, d), (b, e), (c, f) = lines
        rule = Rule((a, b, c), (d, e, f), False)
        off = np.abs(rule.apply(source) - target).max(axis=1)
        kept = off < max(10.0, 2.5 * float(np.median(off[trusted])))
        if kept.sum() < 0.3 * len(source):
            break
        trusted = kept
    return Rule(rule.gains, rule.shifts, grey)


def _line(source: Map, target: Map) -> tuple[float, float]:
    """Return gain and shift by least squares, away from what is burnt out or black."""
    unclipped = (source > DARK) & (source < BRIGHT) & (target > DARK) & (target < BRIGHT)
    if unclipped.sum() > 0.05 * len(source) + 20:
        source, target = source[unclipped], target[unclipped]
    spread = float(source.var())
    middle, goal = float(source.mean()), float(target.mean())
    gain = float(((source - middle) * (target - goal)).mean()) / spread if spread > 4 else 1.0
    gain = min(GAINS[1], max(GAINS[0], gain))
    return gain, goal - gain * middle


def in_lab(picture: Map) -> Map:
    """Return CIELAB (L 0 to 100) of RGB 0 to 255, H × W × 3."""
    return cv2.cvtColor(picture / np.float32(255), cv2.COLOR_RGB2LAB)


def lengths(vectors: Map) -> Map:
    """Return the Euclidean lengths along the last axis."""
    found: Map = np.sqrt(np.einsum("...i,...i->...", vectors, vectors))
    return found


def _greyed(picture: Map) -> Map:
    """Return the luma (Rec. 601) in all three channels; any shape that ends in 3."""
    luma = picture @ np.array([0.299, 0.587, 0.114], np.float32)
    return np.repeat(luma[..., None], 3, axis=-1)


def _foreground(lab: Map, both: Mask) -> Mask:
    """Return what stands out from the colour most of the edge of the frame has."""
    edge = np.concatenate([lab[0], lab[-1], lab[:, 0], lab[:, -1]])
    ground = np.median(edge, axis=0)
    stands_out: Mask = (lengths(lab - ground) > GROUND_STEP) & both
    return stands_out
