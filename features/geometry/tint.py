"""The one change of brightness, contrast, saturation and tint that best turns one picture into
the other.

Edits of a whole picture follow one simple rule everywhere: colours move towards grey or away from
it, all channels are shifted together, and each is multiplied by a gain of its own; what leaves
black or white is cut off. What the rule leaves is a real difference in colour: another dress, not
another light. Channels are not shifted each for itself: that would turn a grey shirt on white into
a blue one, which no edit of the whole picture does.
"""

from dataclasses import dataclass
from operator import itemgetter
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

SATURATIONS = (1.0, 0.0, 0.4, 0.7, 1.4)
"""What is tried of an edit's saturation; 0 is grey."""

GAINS = (0.3, 3.0)
"""Beyond these the picture has lost its shades or gained ones it had not."""

EXPLAINED = 4.0
"""Median and mean ΔE left, together, from which no other saturation is tried: it is noise."""

ROUNDS = 3
SAMPLES = 1200
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
    """A saturation (0 is grey, 1 keeps colours), one shift for all channels, a gain for each."""

    saturation: float
    shift: float
    gains: tuple[float, float, float]

    def apply(self, picture: Map) -> Map:
        """Return the RGB picture under this rule; any shape that ends in 3."""
        source = saturated(picture, self.saturation) + np.float32(self.shift)
        changed: Map = np.clip(source * np.array(self.gains, np.float32), 0, 255)
        return changed


@dataclass(frozen=True)
class Explained:
    """`predicted` is one picture under the rule, `actual` the other one; and both in CIELAB.

    Over the foreground, as the pictures came: `hue` is their mean difference of hue (ΔH of
    CIELAB: none for a pixel that either shows grey), `chroma` that of colourfulness (ΔC). Of the
    rule, `cast` is how far apart its gains are, as ln (largest / smallest); `gain` how far it is
    from keeping contrast, as |ln gain|; `saturation` what it makes of colours.
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
    spots = np.flatnonzero(both)
    spots = spots[:: max(1, len(spots) // SAMPLES)]
    pictures = (first, second)
    labs = [in_lab(one) for one in pictures]
    flat = [one.reshape(-1, 3)[spots] for one in pictures]
    flat_labs = [one.reshape(-1, 3)[spots] for one in labs]
    trials = []
    for saturation in SATURATIONS:
        for source, target in ((0, 1), (1, 0)):
            rule = _fitted(flat[source], flat[target], saturation)
            off = lengths(in_lab(rule.apply(flat[source])[None])[0] - flat_labs[target])
            trials.append((float(np.median(off)) + float(off.mean()), source, target, rule))
        if min(trials, key=itemgetter(0))[0] < EXPLAINED:
            break
    _, source, target, rule = min(trials, key=itemgetter(0))
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
        cast=float(np.log(max(rule.gains) / min(rule.gains))),
        gain=abs(float(np.log(np.mean(rule.gains)))),
        saturation=rule.saturation,
    )


def _colour_change(first: Map, second: Map) -> dict[str, float]:
    """Return mean ΔH and ΔC of N × 3 CIELAB colours (CIE 1976; ΔH² = Δa² + Δb² − ΔC²)."""
    chromas = [lengths(one[:, 1:]) for one in (first, second)]
    apart = lengths(first[:, 1:] - second[:, 1:])
    chroma = np.abs(chromas[0] - chromas[1])
    hue = np.sqrt(np.maximum(0, apart**2 - chroma**2))
    return {"hue": float(hue.mean()), "chroma": float(chroma.mean())}


def _fitted(source: Map, target: Map, saturation: float) -> Rule:
    """Return the rule that fits most of N × 3 pixels; the rest may be printed over."""
    toned = saturated(source, saturation)
    trusted = np.ones(len(source), np.bool_)
    rule = Rule(saturation, 0.0, (1.0, 1.0, 1.0))
    for _ in range(ROUNDS):
        rule = _line(toned[trusted], target[trusted], saturation)
        off = np.abs(rule.apply(source) - target).max(axis=1)
        kept = off < max(10.0, 2.5 * float(np.median(off[trusted])))
        if kept.sum() < 0.3 * len(source):
            break
        trusted = kept
    return rule


def _line(source: Map, target: Map, saturation: float) -> Rule:
    """Return the shift that the lightness of all asks for, and each channel's gain after it.

    Least squares, away from what is burnt out or black.
    """
    whole = (source > DARK) & (source < BRIGHT) & (target > DARK) & (target < BRIGHT)
    lit = whole.all(axis=1)
    used = lit if lit.sum() > 0.05 * len(source) + 20 else np.ones(len(source), np.bool_)
    x, y = source[used].mean(axis=1), target[used].mean(axis=1)
    spread = float(x.var())
    slope = float(((x - x.mean()) * (y - y.mean())).mean()) / spread if spread > 4 else 1.0
    slope = min(GAINS[1], max(GAINS[0], slope))
    shift = float(y.mean()) / slope - float(x.mean())
    gains = [
        _gain(source[:, channel] + shift, target[:, channel], whole[:, channel])
        for channel in range(3)
    ]
    return Rule(saturation, shift, (gains[0], gains[1], gains[2]))


def _gain(source: Map, target: Map, whole: Mask) -> float:
    if whole.sum() > 0.05 * len(source) + 20:
        source, target = source[whole], target[whole]
    gain = float((source * target).mean()) / max(1.0, float((source * source).mean()))
    return min(GAINS[1], max(GAINS[0], gain))


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
