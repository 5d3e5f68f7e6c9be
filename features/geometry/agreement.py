"""How far two pictures, laid over each other, show the same.

Copies agree everywhere, up to a change of brightness, contrast or tint that one simple rule
explains, and up to what was printed over them. Two photos of alike things agree in places and
disagree where the things differ, and never as exactly. So agreement is measured where something
is drawn, and *dis*agreement is measured on its own: how much, in how large a piece, and whether
both pictures are drawn there (two prints on one blank) or only one (a sticker on a plain wall).
"""

from dataclasses import asdict, dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from features.geometry.overlap import Overlap
from features.geometry.tint import HALF_SIZE, explain_tint, lengths

PATCH_SIDE = 11
"""Side of the local patch, in pixels of at most 256."""

NOISE_VARIANCE = 40.0
"""Variance (grey levels squared) that counts as noise: two flat patches agree."""

DRAWN_VARIANCE = 60.0
"""Variance from which something is drawn in a patch."""

SAME_DRAWING = 0.6
"""Local correlation from which two drawn patches are the same drawing."""

DISAGREEMENT = 0.35
"""Local agreement below which two patches show different things."""

SAME_STRENGTH = 0.9
"""Local agreement from which two patches are the same drawing, as strong: 2c / (1 + c²) where a
share c of the contrast is left, and a print of more than 37 % opacity leaves less."""

COLOUR_DIFFERENCE = 14.0
"""ΔE (CIELAB) left unexplained from which a patch has another colour: plain to any eye."""

MIN_SIDE = 12
"""Pixels: no picture is looked at smaller than this."""

BLUR_SIGMAS = (0.7, 1.1, 1.6, 2.3, 3.2)

Map = NDArray[Any]
"""float32; OpenCV's signatures promise less."""
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class OverlapMeasures:
    """Measures over the overlap. Shares are of its area, 0 to 1, unless said otherwise.

    agreement       mean local structural agreement (−1 to 1), weighted by contrast
    exactness       median local correlation (−1 to 1) where something is drawn
    exactness_low   its lower quartile
    exactness_coarse  the median local correlation at a third of the size, where compression and
                    lost detail no longer tell
    disagreement_coarse  share that shows something else, at a third of the size
    disagreement    share that shows something else
    disagreement_weight  the same, weighted by contrast
    blob            largest connected piece that shows something else
    drawn_in_both   share that shows something else and is drawn in both
    drawn_in_one    share that shows something else and is drawn in one
    drawn_in_each   the smaller of what is drawn in the first alone and in the second alone: an edit
                    adds to a picture, and siblings each have something that the other lacks
    overlap_colour mean ΔE of what is drawn, one tint for all taken out
    colour_blob     largest connected piece of another colour, as a share of what is drawn
    colour_share    all of another colour, as a share of what is drawn
    recoloured      share of what is drawn alike in both that has another colour
    recoloured_whole  the same of what is drawn as strongly, too: what shines through a print is not
    hue             mean ΔH of the foreground, as the pictures are: none where either is grey
    chroma          mean ΔC of the foreground, as the pictures are
    tint_cast       how far apart the gains of the tint taken out are, ln (largest / smallest)
    tint_gain       how far it is from keeping contrast, |ln gain|
    tint_saturation what it makes of colours: 0 is grey, 1 keeps them
    drawn           share where either is drawn
    """

    agreement: float
    exactness: float
    exactness_low: float
    exactness_coarse: float
    disagreement_coarse: float
    disagreement: float
    disagreement_weight: float
    blob: float
    drawn_in_both: float
    drawn_in_one: float
    drawn_in_each: float
    overlap_colour: float
    colour_blob: float
    colour_share: float
    recoloured: float
    recoloured_whole: float
    hue: float
    chroma: float
    tint_cast: float
    tint_gain: float
    tint_saturation: float
    drawn: float

    def rounded(self) -> dict[str, float]:
        """Return the measures by name, rounded."""
        return {name: round(float(value), 4) for name, value in asdict(self).items()}


def measure(overlay: Overlap) -> OverlapMeasures:
    """Return how far the two pictures of an overlay agree."""
    first, second = equalise_sharpness(overlay.first, overlay.second, overlay.both)
    tinted = explain_tint(first, second, overlay.both)
    structure = _structure(_grey(tinted.predicted), _grey(tinted.actual), overlay.both)
    area = float(overlay.both.sum())
    weight = np.sqrt(structure.variance_of_first + structure.variance_of_second) + 0.5
    weight = weight * overlay.both
    drawn_first, drawn_second = structure.drawn(overlay.both)
    drawn, drawn_twice = drawn_first | drawn_second, drawn_first & drawn_second
    differs = (structure.alike < DISAGREEMENT) & overlay.both
    exact = structure.correlation[drawn] if drawn.sum() > 30 else np.ones(1, np.float32)

    coarse = _measure_coarsely(tinted.predicted, tinted.actual, overlay.both)

    half = overlay.both[HALF_SIZE]
    apart = lengths(_smooth(tinted.predicted_lab - tinted.actual_lab, half))
    recoloured = (apart > COLOUR_DIFFERENCE) & half
    figure = drawn[HALF_SIZE] | tinted.foreground | recoloured
    shown = max(1.0, float(figure.sum()))
    # A sticker has another colour and another drawing; another drink in the bottle has the bottle.
    alike = drawn_twice & (structure.correlation > SAME_DRAWING)
    as_strong = drawn_twice & (structure.alike > SAME_STRENGTH)
    alone = [int((differs & one & ~drawn_twice).sum()) for one in (drawn_first, drawn_second)]
    return OverlapMeasures(
        agreement=float((structure.alike * weight).sum() / max(1e-6, weight.sum())),
        exactness=float(np.median(exact)),
        exactness_low=float(np.percentile(exact, 25)),
        exactness_coarse=coarse[0],
        disagreement_coarse=coarse[1],
        disagreement=float(differs.sum()) / area,
        disagreement_weight=float((weight * differs).sum() / max(1e-6, weight.sum())),
        blob=_largest(differs) / area,
        drawn_in_both=float((differs & drawn_twice).sum()) / area,
        drawn_in_one=sum(alone) / area,
        drawn_in_each=min(alone) / area,
        overlap_colour=float(apart[figure].mean()) if figure.any() else 0.0,
        colour_blob=_largest(recoloured) / shown,
        colour_share=float(recoloured.sum()) / shown,
        recoloured=_share(recoloured, alike[HALF_SIZE]),
        recoloured_whole=_share(recoloured, as_strong[HALF_SIZE]),
        hue=tinted.hue,
        chroma=tinted.chroma,
        tint_cast=tinted.cast,
        tint_gain=tinted.gain,
        tint_saturation=tinted.saturation,
        drawn=float(drawn.sum()) / area,
    )


def detail_disagreement(overlay: Overlap) -> float:
    """Return the share of what is drawn that both are drawn in, each with something else: 0 to 1.

    For overlays as large as the pictures are: lettering is a few pixels high.
    """
    first, second = equalise_sharpness(overlay.first, overlay.second, overlay.both)
    found = _structure(_grey(first), _grey(second), overlay.both)
    drawn_first, drawn_second = found.drawn(overlay.both)
    differs = (found.correlation < DISAGREEMENT) & drawn_first & drawn_second
    return _share(differs, drawn_first | drawn_second)


def median_correlation(overlay: Overlap) -> float:
    """Return the median local correlation as they lie, quickly: −1 to 1; 1 where both are plain."""
    return _measure_coarsely(overlay.first, overlay.second, overlay.both)[0]


def _measure_coarsely(first: Map, second: Map, both: Mask) -> tuple[float, float]:
    """Return the median correlation and the share that disagrees, at a third of the size."""
    size = (max(MIN_SIDE, both.shape[1] // 3), max(MIN_SIDE, both.shape[0] // 3))
    small = [cv2.resize(_grey(one), size, interpolation=cv2.INTER_AREA) for one in (first, second)]
    inside = cv2.resize(both.astype(np.uint8), size, interpolation=cv2.INTER_AREA) > 0
    found = _structure(small[0], small[1], inside)
    drawn = np.maximum(found.variance_of_first, found.variance_of_second) > DRAWN_VARIANCE
    exact = found.correlation[drawn & inside]
    differs = float(((found.alike < DISAGREEMENT) & inside).sum()) / max(1.0, float(inside.sum()))
    return float(np.median(exact)) if len(exact) > 10 else 1.0, differs


def equalise_sharpness(first: Map, second: Map, both: Mask) -> tuple[Map, Map]:
    """Return both pictures with the sharper one blurred until their edges are as strong.

    A shrunk, blurred or strongly compressed copy has lost fine detail, and that is no
    disagreement.
    """
    first, second = cv2.GaussianBlur(first, (0, 0), 0.8), cv2.GaussianBlur(second, (0, 0), 0.8)
    greys = [_grey(one) for one in (first, second)]
    strengths = [_edge_energy(one, both) for one in greys]
    if strengths[0] == strengths[1] or min(strengths) <= 0:
        return first, second
    swapped = strengths[0] < strengths[1]
    sharp, soft = (second, first) if swapped else (first, second)
    sigma = _matching_blur(greys[swapped], both, max(strengths), min(strengths))
    best = _blur(sharp, sigma)
    return (soft, best) if swapped else (best, soft)


def _matching_blur(grey: Map, both: Mask, strength: float, goal: float) -> float:
    """Return the blur that brings edges nearest to a lower strength."""
    best, off = 0.0, strength - goal
    for sigma in BLUR_SIGMAS:
        strength = _edge_energy(_blur(grey, sigma), both)
        if abs(strength - goal) < off:
            best, off = sigma, abs(strength - goal)
        if strength < goal:  # and more blur only takes away from it
            break
    return best


def _blur(picture: Map, sigma: float) -> Map:
    return cv2.GaussianBlur(picture, (0, 0), sigma) if sigma else picture


def _edge_energy(grey: Map, both: Mask) -> float:
    """Return how fine the detail is: edge energy relative to contrast, free of gain."""
    across, down = np.diff(grey, axis=1)[:-1], np.diff(grey, axis=0)[:, :-1]
    inside = both[:-1, :-1]
    energy = float((across * across + down * down)[inside].mean())
    return energy / (float(grey[both].std()) ** 2 + 1.0)


@dataclass(frozen=True)
class _Structure:
    alike: Map
    correlation: Map
    variance_of_first: Map
    variance_of_second: Map

    def drawn(self, both: Mask) -> tuple[Mask, Mask]:
        """Return where the first, and where the second, has something drawn within the overlap."""
        return (self.variance_of_first > DRAWN_VARIANCE) & both, (
            self.variance_of_second > DRAWN_VARIANCE
        ) & both


def _structure(first: Map, second: Map, both: Mask) -> _Structure:
    """Return SSIM's contrast-and-structure term and the correlation, patch by patch.

    Wang et al., "Image quality assessment: from error visibility to structural similarity", 2004;
    patches take in nothing from outside the overlap.
    """
    mask = both.astype(np.float32)
    count = _box(mask) + 1e-6
    mean_first, mean_second = _box(first * mask) / count, _box(second * mask) / count
    variance_first = np.maximum(0, _box(first * first * mask) / count - mean_first**2)
    variance_second = np.maximum(0, _box(second * second * mask) / count - mean_second**2)
    covariance = _box(first * second * mask) / count - mean_first * mean_second
    alike = (2 * covariance + NOISE_VARIANCE) / (variance_first + variance_second + NOISE_VARIANCE)
    correlation = covariance / np.sqrt((variance_first + 1) * (variance_second + 1))
    return _Structure(alike, correlation, variance_first, variance_second)


def _box(values: Map, side: int = PATCH_SIDE) -> Map:
    return cv2.boxFilter(values, -1, (side, side), normalize=False)


def _smooth(colours: Map, both: Mask) -> Map:
    """Return local means over the overlap, at half the size."""
    mask = both.astype(np.float32)
    count = _box(mask, PATCH_SIDE // 2) + 1e-6
    smoothed: Map = _box(colours * mask[..., None], PATCH_SIDE // 2) / count[..., None]
    return smoothed


def _grey(picture: Map) -> Map:
    return cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)


def _share(part: Mask, whole: Mask) -> float:
    return float((part & whole).sum()) / max(1.0, float(whole.sum()))


def _largest(mask: Mask) -> float:
    """Return the area of the largest connected piece, in pixels."""
    count, _, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=4)
    return float(stats[1:, cv2.CC_STAT_AREA].max()) if count > 1 else 0.0
