"""The geometric check: finds how one picture lies over another and whether they agree there."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from features.geometry import agreement, matching, overlap
from features.geometry.agreement import OverlapMeasures
from features.geometry.alignment import Alignment
from features.geometry.matching import Matrix, TransformFit
from features.geometry.view import MAX_SIDE, PictureView

CLEAR_AGREEMENT = 0.9
"""Agreement above which the mirror image is not tried."""

FEW_INLIERS, LOW_AGREEMENT = 8, 0.5
"""With fewer inliers or less agreement, the whole pictures are also laid over each other."""

LAYOUT_CORRELATION = 0.8
"""Correlation of two layouts above which that is worth the time."""

UNRELATED_CORRELATION = 0.25
"""Median local correlation below which two pictures are unrelated.

*Measured*: none of 922 edited copies is below .46; three in four pairs that a few keypoints align
by chance, which are most of a sweep's work, are below .25.
"""


def compare(first: PictureView, second: PictureView) -> Alignment | None:
    """Return the best alignment of the first picture with the second, or None if none fits.

    Tries the first picture both as it is and mirrored. A shirt's front view nearly fits its own
    mirror image, so the agreement decides as well as the number of keypoints.
    """
    best = _align(first, second, matching.fit_transform(first.keypoints, second.keypoints))
    if best is not None and best.agreement >= CLEAR_AGREEMENT:
        return best
    best = _better(best, _align_mirrored(first, second))
    if best is None or best.inliers < FEW_INLIERS or best.agreement < LOW_AGREEMENT:
        for transform in _whole_picture_transforms(first, second):
            best = _better(best, _align(first, second, TransformFit(transform, 0, 0)))
    if best is None or not best.mirrored or best.agreement < LOW_AGREEMENT:
        return best
    return _add_mirror_detail(first, second, best)


def _add_mirror_detail(first: PictureView, second: PictureView, best: Alignment) -> Alignment:
    """Add `mirror_detail`: the share of drawn details that differ at full size, 0 to 1.

    A mirrored copy has mirrored lettering. The left and right sides of a shoe are mirror images
    except for their lettering, which is legible on both. If the pictures overlap too little at
    full size, the alignment is returned unchanged.
    """
    transform = np.reshape(best.transform, (2, 3))
    pair = overlap.align_pair(first, second, transform, MAX_SIDE)
    shared = pair.refined().overlap() if pair else None
    if shared is None:
        return best
    detail = round(agreement.detail_disagreement(shared), 4)
    return replace(best, details={**best.details, "mirror_detail": detail})


def _align_mirrored(first: PictureView, second: PictureView) -> Alignment | None:
    fit = matching.fit_transform(first.mirrored, second.keypoints)
    if fit is None:
        return None
    transform = matching.compose(fit.transform, matching.mirror_transform(first.size[0]))
    return _align(first, second, replace(fit, transform=transform))


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


def _better(first: Alignment | None, second: Alignment | None) -> Alignment | None:
    """Return the alignment with the larger product of inliers and agreement."""
    if first is None or second is None:
        return first or second
    return max((first, second), key=lambda a: (a.inliers + 4) * max(0.01, a.agreement))


def _align(first: PictureView, second: PictureView, fit: TransformFit | None) -> Alignment | None:
    if fit is None:
        return None
    pair = overlap.align_pair(first, second, fit.transform)
    shared = pair.overlap() if pair else None
    if pair is None or shared is None:
        return None
    if agreement.median_correlation(shared) < UNRELATED_CORRELATION:
        return None
    if not fit.is_exact:
        shared = pair.refined().overlap() or shared
    return _alignment(first, second, fit, shared.coverage, agreement.measure(shared))


def _alignment(
    first: PictureView,
    second: PictureView,
    fit: TransformFit,
    coverage: float,
    measures: OverlapMeasures,
) -> Alignment:
    a, b, c, d, e, f = (round(float(value), 5) for value in np.ravel(fit.transform))
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
    )
