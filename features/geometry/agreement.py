"""Measures how well two overlapping pictures agree, patch by patch.

Copies agree everywhere, except for a global change of brightness, contrast or tint (`tint`) and
for anything printed on top. Photos of similar products agree in places, less exactly, and disagree
where the products differ. So agreement is measured where at least one picture is *drawn* (its grey
levels vary locally), and disagreement is measured separately: its area, its largest piece, and
whether both pictures are drawn there (two prints on the same blank) or one only (a sticker on a
plain wall).
"""

from dataclasses import asdict, dataclass

import cv2
import numpy as np

from features.geometry.detail import matched_detail
from features.geometry.ground import changed_ground
from features.geometry.normalisation import normalise
from features.geometry.overlap import Overlap
from features.geometry.repaint import repainted_share
from features.geometry.sharpness import equalise_sharpness
from features.geometry.structure import (
    DRAWN_VARIANCE,
    PATCH_SIDE,
    Map,
    Mask,
    box_sums,
    grey,
    local_structure,
)
from features.geometry.tint import HALF_SIZE, lengths
from features.geometry.tint_evidence import weigh_tint

SAME_DRAWING = 0.6
"""Local correlation above which two drawn patches show the same drawing."""

DISAGREEMENT = 0.35
"""Local agreement below which two patches show different things."""

SAME_STRENGTH = 0.9
"""Local agreement above which two patches show the same drawing with the same contrast.

With a share c of the contrast left, agreement is 2c / (1 + c²); a print of more than 37 % opacity
leaves less than this."""

COLOUR_DIFFERENCE = 14.0
"""Unexplained ΔE (CIELAB) above which a patch has a different colour, clearly visible."""

MIN_SIDE = 12
"""Smallest side in pixels to which an overlap is reduced."""

MIN_DRAWN_PIXELS, MIN_COARSE_PIXELS = 30, 10
"""With fewer drawn pixels, at full and at a third of the size, nothing is known of correlation."""


@dataclass(frozen=True)
class OverlapMeasures:
    """Measures of an overlap. Shares are of its area, 0 to 1, unless stated otherwise.

    "Differs" means that local agreement is below DISAGREEMENT. "The figure" is every pixel that is
    drawn, in the foreground or of a different colour.

    agreement            mean local structural agreement (−1 to 1) where either picture is drawn,
                         weighted by contrast; 0 where nothing is
    exactness            median local correlation (−1 to 1) where either picture is drawn
    exactness_low        lower quartile of the same
    exactness_coarse     median local correlation at a third of the size, which compression and
                         lost detail hardly affect
    disagreement_coarse  share that differs, at a third of the size
    disagreement         share that differs
    disagreement_weight  share that differs, weighted by contrast
    blob                 largest connected piece that differs
    drawn_in_both        share that differs and is drawn in both pictures
    drawn_in_one         share that differs and is drawn in one picture only
    drawn_in_each        smaller of the shares that differ and are drawn only in the first and only
                         in the second: an edit adds to one picture, while two variants each have
                         something the other lacks
    overlap_colour       mean ΔE of the figure after the tint is removed
    colour_blob          largest connected piece of a different colour, as a share of the figure
    colour_share         everything of a different colour, as a share of the figure
    recoloured           share of matching drawn patches that have a different colour
    recoloured_whole     the same, of patches that also match in contrast, which excludes those
                         that show through a print
    hue                  mean ΔH of the foreground, tint included; 0 where either is grey
    chroma               mean ΔC of the foreground, tint included
    tint_cast            ln (largest / smallest) of the removed tint's gains
    tint_gain            |ln gain| of the removed tint: 0 keeps the contrast
    tint_saturation      saturation of the removed tint: 0 is grey, 1 keeps colours
    drawn_share          share where either picture is drawn; stored as `drawn`
    tint_kept            share that the tint would change and that kept its colour
    tint_variety         0 to 1: how many colours follow the tint; 1 where it changes nothing
    clipped              share that is white in both, where some tints leave no trace
    repainted            share in another colour within an outline that both pictures have
    light                ln (lightest / darkest) of uneven light that was removed, 0 for none
    ground               share that was left out because its plain ground was exchanged
    detail               number of drawn patches that agree
    explained            share of a whole picture's detail that agrees, the larger of the two
    explained_less       the smaller of the two
    """

    agreement: float
    exactness: float | None
    exactness_low: float | None
    exactness_coarse: float | None
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
    drawn_share: float
    tint_kept: float
    tint_variety: float
    clipped: float
    repainted: float
    light: float
    ground: float
    detail: float
    explained: float
    explained_less: float

    def rounded(self) -> dict[str, float]:
        """Return the known measures by the names under which they are stored, to four decimals."""
        return {
            "drawn" if name == "drawn_share" else name: round(float(value), 4)
            for name, value in asdict(self).items()
            if value is not None
        }


def measure(overlap: Overlap, drawn_areas: tuple[float, float]) -> OverlapMeasures:
    """Measure how well the two pictures of an overlap agree.

    `drawn_areas` are those of the whole pictures, in pixels (`PictureView.drawn_area`).
    """
    pair = normalise(overlap)
    tinted, shared = pair.tinted, pair.shared
    structure = local_structure(grey(tinted.predicted), grey(tinted.actual), shared)
    area = float(shared.sum())
    drawn_first, drawn_second = structure.drawn_masks(shared)
    drawn, drawn_in_both = drawn_first | drawn_second, drawn_first & drawn_second
    weight = np.sqrt(structure.variance_of_first + structure.variance_of_second) * drawn
    differs = (structure.alike < DISAGREEMENT) & shared
    exact = structure.correlation[drawn] if drawn.sum() > MIN_DRAWN_PIXELS else None
    exactness_coarse, disagreement_coarse = _measure_coarsely(
        tinted.predicted, tinted.actual, shared
    )

    half = shared[HALF_SIZE]
    colour_difference = lengths(_smooth(tinted.predicted_lab - tinted.actual_lab, half))
    recoloured = (colour_difference > COLOUR_DIFFERENCE) & half
    figure = drawn[HALF_SIZE] | tinted.foreground | recoloured
    figure_area = max(1.0, float(figure.sum()))
    # A sticker differs in colour and drawing; another drink in the same bottle only in colour.
    alike = drawn_in_both & (structure.correlation > SAME_DRAWING)
    same_strength = drawn_in_both & (structure.alike > SAME_STRENGTH)
    drawn_in_one = [
        int((differs & drawn_area & ~drawn_in_both).sum())
        for drawn_area in (drawn_first, drawn_second)
    ]
    evidence = weigh_tint(tinted, tinted.source, half)
    matched = matched_detail(alike, drawn_areas, overlap.scales)
    return OverlapMeasures(
        agreement=float((structure.alike * weight).sum() / max(1e-6, weight.sum())),
        exactness=None if exact is None else float(np.median(exact)),
        exactness_low=None if exact is None else float(np.percentile(exact, 25)),
        exactness_coarse=exactness_coarse,
        disagreement_coarse=disagreement_coarse,
        disagreement=float(differs.sum()) / area,
        disagreement_weight=float((weight * differs).sum() / max(1e-6, weight.sum())),
        blob=_largest(differs) / area,
        drawn_in_both=float((differs & drawn_in_both).sum()) / area,
        drawn_in_one=sum(drawn_in_one) / area,
        drawn_in_each=min(drawn_in_one) / area,
        overlap_colour=float(colour_difference[figure].mean()) if figure.any() else 0.0,
        colour_blob=_largest(recoloured) / figure_area,
        colour_share=float(recoloured.sum()) / figure_area,
        recoloured=_share(recoloured, alike[HALF_SIZE]),
        recoloured_whole=_share(recoloured, same_strength[HALF_SIZE]),
        hue=tinted.hue,
        chroma=tinted.chroma,
        tint_cast=tinted.cast,
        tint_gain=tinted.gain,
        tint_saturation=tinted.saturation,
        drawn_share=float(drawn.sum()) / area,
        tint_kept=evidence.unmoved,
        tint_variety=evidence.variety,
        clipped=evidence.clipped,
        repainted=repainted_share(
            tinted.predicted_lab, tinted.actual_lab, recoloured, differs[HALF_SIZE], half
        ),
        light=pair.light,
        ground=pair.ground,
        detail=matched.patches,
        explained=matched.explained,
        explained_less=matched.explained_less,
    )


def detail_disagreement(overlap: Overlap) -> float:
    """Return the share of the drawn area where both pictures are drawn and differ, 0 to 1.

    The overlap must have the pictures' full size, because lettering is only a few pixels high.
    """
    first, second = equalise_sharpness(overlap.first, overlap.second, overlap.shared)
    structure = local_structure(grey(first), grey(second), overlap.shared)
    drawn_first, drawn_second = structure.drawn_masks(overlap.shared)
    differs = (structure.correlation < DISAGREEMENT) & drawn_first & drawn_second
    return _share(differs, drawn_first | drawn_second)


def median_correlation(overlap: Overlap) -> float | None:
    """Return the median local correlation at a third of the size, −1 to 1; None if plain.

    The tint is not removed, so this is fast. Where pictures seem unrelated, ground of two plain
    colours is left out, because along its rim lighter and darker are exchanged.
    """
    found, _ = _measure_coarsely(overlap.first, overlap.second, overlap.shared)
    if found is not None and found > DISAGREEMENT:
        return found
    exchanged = changed_ground(overlap.first, overlap.second, overlap.shared)
    if exchanged is None:
        return found
    return _measure_coarsely(overlap.first, overlap.second, overlap.shared & ~exchanged)[0]


def _measure_coarsely(first: Map, second: Map, shared: Mask) -> tuple[float | None, float]:
    """Return the median correlation and the share that differs, at a third of the size."""
    size = (max(MIN_SIDE, shared.shape[1] // 3), max(MIN_SIDE, shared.shape[0] // 3))
    greys = [
        cv2.resize(grey(picture), size, interpolation=cv2.INTER_AREA) for picture in (first, second)
    ]
    inside = cv2.resize(shared.astype(np.uint8), size, interpolation=cv2.INTER_AREA) > 0
    structure = local_structure(greys[0], greys[1], inside)
    drawn = np.maximum(structure.variance_of_first, structure.variance_of_second) > DRAWN_VARIANCE
    exact = structure.correlation[drawn & inside]
    differs = float(((structure.alike < DISAGREEMENT) & inside).sum()) / max(
        1.0, float(inside.sum())
    )
    return float(np.median(exact)) if len(exact) > MIN_COARSE_PIXELS else None, differs


def _smooth(colours: Map, shared: Mask) -> Map:
    """Return local means over the overlap, at half the size."""
    mask = shared.astype(np.float32)
    count = box_sums(mask, PATCH_SIDE // 2) + 1e-6
    smoothed: Map = box_sums(colours * mask[..., None], PATCH_SIDE // 2) / count[..., None]
    return smoothed


def _share(part: Mask, whole: Mask) -> float:
    return float((part & whole).sum()) / max(1.0, float(whole.sum()))


def _largest(mask: Mask) -> float:
    """Return the area of the largest connected piece in pixels, 0 where there is none."""
    count, _, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=4)
    return float(stats[1:, cv2.CC_STAT_AREA].max()) if count > 1 else 0.0
