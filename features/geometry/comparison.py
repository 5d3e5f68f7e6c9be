"""The geometric check: finds how one picture lies over another and whether they agree there."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from features.geometry import agreement, matching, overlap, perspective
from features.geometry.agreement import OverlapMeasures
from features.geometry.alignment import Alignment
from features.geometry.ground import PLAIN_LEVELS
from features.geometry.matching import Matrix, TransformFit
from features.geometry.normalisation import normalise
from features.geometry.overlap import Overlap
from features.geometry.replacement import Replacement, measure_replacement
from features.geometry.view import MAX_SIDE, PictureView

CLEAR_AGREEMENT = 0.9
"""Agreement above which the mirror image is not tried."""

FEW_INLIERS, LOW_AGREEMENT = 8, 0.5
"""With fewer inliers or less agreement, the whole pictures are also laid over each other."""

ANGLED_DISAGREEMENT = 0.05
"""With more disagreement, the pictures may lie at an angle to each other."""

LAYOUT_CORRELATION = 0.8
"""Correlation of two layouts above which that is worth the time."""

BOX_SQUEEZE = 1.08
"""Factor by which the proportions of goods on two grounds may differ."""

UNRELATED_CORRELATION = 0.25
"""Median local correlation below which two pictures are unrelated.

*Measured*: none of 922 edited copies is below .46; three in four pairs that a few keypoints align
by chance, which are most of a sweep's work, are below .25.
"""


Box = tuple[float, float, float, float]


def compare(first: PictureView, second: PictureView) -> Alignment | None:
    """Return the best alignment of the first picture with the second, or None if none fits.

    Tries the first picture both as it is and mirrored. A shirt's front view nearly fits its own
    mirror image, so the agreement decides as well as the number of keypoints.
    """
    best = _best_alignment(first, second)
    if best is None or best.agreement < LOW_AGREEMENT:
        return best
    return _add_fine_details(first, second, best)


def _best_alignment(first: PictureView, second: PictureView) -> Alignment | None:
    best = _align(first, second, matching.fit_transform(first.keypoints, second.keypoints))
    if best is not None and best.agreement >= CLEAR_AGREEMENT:
        return best
    best = _better(best, _align_mirrored(first, second))
    if best is None or best.inliers < FEW_INLIERS or best.agreement < LOW_AGREEMENT:
        for transform in _whole_picture_transforms(first, second):
            best = _better(best, _align(first, second, TransformFit(transform, 0, 0)))
    return best


def _add_fine_details(first: PictureView, second: PictureView, best: Alignment) -> Alignment:
    """Add what only shows at full size: `replaced`, `replaced_balance` and `mirror_detail`.

    The first two are `features.geometry.replacement` of words and prints. `mirror_detail` is the
    share of drawn details that differ, 0 to 1, and is measured if the transform mirrors: a mirrored
    copy has mirrored lettering, while the left and right sides of a shoe are mirror images except
    for their lettering, which is legible on both. If the pictures overlap too little at full size,
    the alignment is returned unchanged.
    """
    moved, transform = _flattened(first, np.array(best.matrix))
    pair = overlap.align_pair(moved, second, transform, MAX_SIDE)
    pair = pair.refined() if pair else None
    shared = pair.overlap() if pair else None
    if pair is None or shared is None:
        return best
    replaced = _replacement(shared)
    differs = replaced.share > 0 or best.disagreement > ANGLED_DISAGREEMENT
    if differs and moved is first:
        angled = pair.refined_at_an_angle()
        again = angled.overlap() if angled else None
        if angled is not None and again is not None:
            other = _replacement(again)
            realigned = _realigned(first, second, best, angled.matrix())
            if other.share < replaced.share or (
                other.share == replaced.share and realigned is not best
            ):
                best, pair, shared, replaced = realigned, angled, again, other
    fine = {"replaced": replaced.share, "replaced_balance": replaced.balance}
    if best.mirrored:
        fine["mirror_detail"] = agreement.detail_disagreement(shared)
    rounded = {name: round(value, 5) for name, value in fine.items()}
    box = None
    if replaced.box is not None:
        left, top, right, bottom = replaced.box
        corners = np.array([(x, y) for x in (left, right) for y in (top, bottom)], np.float64)
        around = perspective.transform_points(corners, pair.to_second())
        (x0, y0), (x1, y1) = around.min(axis=0).tolist(), around.max(axis=0).tolist()
        box = (round(x0, 1), round(y0, 1), round(x1, 1), round(y1, 1))
    return replace(best, details={**best.details, **rounded}, replaced_box=box)


def _replacement(shared: Overlap) -> Replacement:
    normal = normalise(shared)
    return measure_replacement(normal.tinted.predicted, normal.tinted.actual, normal.shared)


def _realigned(
    first: PictureView, second: PictureView, best: Alignment, matrix: Matrix
) -> Alignment:
    """Return the alignment measured again with a matrix (3 × 3) that fits better, if it agrees."""
    moved, transform = _flattened(first, matrix)
    pair = overlap.align_pair(moved, second, transform)
    shared = pair.overlap() if pair else None
    if shared is None:
        return best
    measures = agreement.measure(shared, (first.drawn_area, second.drawn_area))
    fit = TransformFit(
        transform,
        best.inliers,
        best.matches,
        best.details.get("residual"),
        best.details.get("spread"),
    )
    again = _alignment(first, second, fit, matrix, shared.coverage, measures)
    return again if again.agreement > best.agreement else best


def _flattened(view: PictureView, matrix: Matrix) -> tuple[PictureView, Matrix]:
    """Return the picture laid flat and the affine transform that is left (2 × 3).

    `matrix` (3 × 3) is returned as it is, without its last row, if nothing is at an angle.
    """
    if not matrix[2, :2].any():
        return view, matrix[:2]
    transform, warp = perspective.flatten(matrix, view.size)
    return view.warped(warp), transform


def _align_mirrored(first: PictureView, second: PictureView) -> Alignment | None:
    fit = matching.fit_transform(first.mirrored, second.keypoints)
    if fit is None:
        return None
    mirror = matching.mirror_transform(first.size[0])
    homography = fit.homography
    if homography is not None:
        homography = homography @ np.vstack([mirror, [0, 0, 1]])
        homography = homography / homography[2, 2]
    transform = matching.compose(fit.transform, mirror)
    return _align(first, second, replace(fit, transform=transform, homography=homography))


def _whole_picture_transforms(first: PictureView, second: PictureView) -> Iterator[Matrix]:
    """Yield transforms that map one whole picture onto the other, if their layouts are alike.

    Plain or badly blurred pictures have too few keypoints for a transform.
    """
    across, down = (b / a for a, b in zip(first.size, second.size, strict=True))
    stretch = np.array([[across, 0.0, 0.0], [0.0, down, 0.0]])
    if float((first.layout * second.layout).sum()) >= LAYOUT_CORRELATION:
        yield stretch
    if float((first.layout[:, ::-1] * second.layout).sum()) >= LAYOUT_CORRELATION:
        yield matching.compose(stretch, matching.mirror_transform(first.size[0]))
    grounds = first.ground_level, second.ground_level
    if grounds[0] is None or grounds[1] is None or abs(grounds[0] - grounds[1]) < PLAIN_LEVELS:
        return
    if first.goods_box is not None and second.goods_box is not None:
        yield from _box_transforms(first.goods_box, second.goods_box)


def _box_transforms(first: Box, second: Box) -> Iterator[Matrix]:
    """Yield the transform that maps goods on plain ground onto goods of the same proportions."""
    x, y = ((b[i + 2] - b[i]) / (a[i + 2] - a[i]) for a, b, i in
            ((first, second, 0), (first, second, 1)))  # fmt: skip
    if 1 / BOX_SQUEEZE < x / y < BOX_SQUEEZE:
        yield np.array([[x, 0.0, second[0] - x * first[0]], [0.0, y, second[1] - y * first[1]]])


def _better(first: Alignment | None, second: Alignment | None) -> Alignment | None:
    """Return the alignment with the larger product of inliers and agreement."""
    if first is None or second is None:
        return first or second
    return max((first, second), key=lambda a: (a.inliers + 4) * max(0.01, a.agreement))


def _align(first: PictureView, second: PictureView, fit: TransformFit | None) -> Alignment | None:
    if fit is None:
        return None
    matrix = fit.homography
    if matrix is None:
        matrix = np.vstack([fit.transform, [0.0, 0.0, 1.0]])
    moved, transform = _flattened(first, matrix)
    pair = overlap.align_pair(moved, second, transform)
    shared = pair.overlap() if pair else None
    if pair is None or shared is None:
        return None
    correlation = agreement.median_correlation(shared)
    if correlation is None or correlation < UNRELATED_CORRELATION:
        return None
    if not fit.is_exact:
        shared = pair.refined().overlap() or shared
    measures = agreement.measure(shared, (first.drawn_area, second.drawn_area))
    return _alignment(first, second, fit, matrix, shared.coverage, measures)


def _alignment(
    first: PictureView,
    second: PictureView,
    fit: TransformFit,
    matrix: Matrix,
    coverage: float,
    measures: OverlapMeasures,
) -> Alignment:
    a, b, c, d, e, f = (round(float(value), 5) for value in np.ravel(matrix[:2]))
    g, h = (round(float(value), 9) for value in matrix[2, :2])
    return Alignment(
        transform=(a, b, c, d, e, f),
        size=first.size,
        other_size=second.size,
        inliers=fit.inliers,
        matches=fit.matches,
        coverage=round(coverage, 4),
        agreement=round(measures.agreement, 4),
        disagreement=round(measures.disagreement, 4),
        details={
            **measures.rounded(),
            **{
                name: round(value, 4)
                for name, value in (("residual", fit.residual), ("spread", fit.spread))
                if value is not None
            },
        },
        perspective=(g, h),
    )
