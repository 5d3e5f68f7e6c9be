"""The geometric check: can one picture be laid over the other, and do they agree there?"""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from features.geometry import agreement, matching, overlap
from features.geometry.agreement import OverlapMeasures
from features.geometry.alignment import Alignment
from features.geometry.matching import Matrix, TransformFit
from features.geometry.view import MAX_SIDE, PictureView

CLEAR_AGREEMENT = 0.9
"""Agreement from which the mirror image need not be tried as well."""

FEW_INLIERS, LOW_AGREEMENT = 8, 0.5
"""Fewer inliers, or less agreement, and the pictures are also laid over each other whole."""

LAYOUT_CORRELATION = 0.8
"""Correlation of two glances from which that is worth the time."""

UNRELATED_CORRELATION = 0.25
"""Median local correlation below which the drawings have nothing to do with each other.

*Measured*: of 922 edited copies none is below .46; of two photos that some keypoints bring together
by chance, which is most of a sweep's work, three in four are.
"""


def compare(first: PictureView, second: PictureView) -> Alignment | None:
    """Return the best way to lay the first picture over the second, or None where there is none.

    Tries the picture as it is and mirrored: a front view of a shirt nearly fits its own mirror
    image, so the better agreement decides, not the number of keypoints.
    """
    best = _align(first, second, matching.fit_transform(first.keypoints, second.keypoints))
    if best is not None and best.agreement >= CLEAR_AGREEMENT:
        return best
    best = _better(best, _align_mirrored(first, second))
    if best is None or best.inliers < FEW_INLIERS or best.agreement < LOW_AGREEMENT:
        for path in _whole_picture_transforms(first, second):
            best = _better(best, _align(first, second, TransformFit(path, 0, 0)))
    if best is None or not best.mirrored or best.agreement < LOW_AGREEMENT:
        return best
    return _add_mirror_detail(first, second, best)


def _add_mirror_detail(first: PictureView, second: PictureView, best: Alignment) -> Alignment:
    """Add what two mirror images differ in, seen as large as they are: `mirror_detail`, 0 to 1.

    A mirrored copy has its lettering mirrored, too. The left and the right side of one shoe are
    mirror images of each other but for the lettering, which is to be read on both. Where the rest
    does not agree, details tell nothing.
    """
    path = np.reshape(best.transform, (2, 3))
    placed = overlap.align_pair(first, second, path, MAX_SIDE)
    laid = placed.refined().overlap() if placed else None
    if laid is None:
        return best
    detail = round(agreement.detail_disagreement(laid), 4)
    return replace(best, details={**best.details, "mirror_detail": detail})


def _align_mirrored(first: PictureView, second: PictureView) -> Alignment | None:
    turned = matching.fit_transform(first.mirrored, second.keypoints)
    if turned is None:
        return None
    path = matching.compose(turned.transform, matching.mirror_transform(first.size[0]))
    return _align(first, second, replace(turned, transform=path))


def _whole_picture_transforms(first: PictureView, second: PictureView) -> Iterator[Matrix]:
    """Yield the ways to lay all of one picture over all of the other, where both look so laid out.

    Plain or badly blurred pictures have too few keypoints to find their own place.
    """
    across, down = (b / a for a, b in zip(first.size, second.size, strict=True))
    stretch = np.array([[across, 0.0, 0.0], [0.0, down, 0.0]])
    if float((first.layout * second.layout).sum()) >= LAYOUT_CORRELATION:
        yield stretch
    if float((first.layout[:, ::-1] * second.layout).sum()) >= LAYOUT_CORRELATION:
        yield matching.compose(stretch, matching.mirror_transform(first.size[0]))


def _better(one: Alignment | None, other: Alignment | None) -> Alignment | None:
    """Return the one more keypoints agree on, as far as they agree."""
    if one is None or other is None:
        return one or other
    return max((one, other), key=lambda a: (a.inliers + 4) * max(0.01, a.agreement))


def _align(first: PictureView, second: PictureView, fit: TransformFit | None) -> Alignment | None:
    if fit is None:
        return None
    placed = overlap.align_pair(first, second, fit.transform)
    laid = placed.overlap() if placed else None
    if placed is None or laid is None or agreement.median_correlation(laid) < UNRELATED_CORRELATION:
        return None
    if not fit.is_exact:
        laid = placed.refined().overlap() or laid
    return _alignment(first, second, fit, laid.coverage, agreement.measure(laid))


def _alignment(
    first: PictureView,
    second: PictureView,
    fit: TransformFit,
    coverage: float,
    agreed: OverlapMeasures,
) -> Alignment:
    a, b, c, d, e, f = (round(float(value), 5) for value in np.ravel(fit.transform))
    return Alignment(
        transform=(a, b, c, d, e, f),
        size=first.size,
        other_size=second.size,
        inliers=fit.inliers,
        matches=fit.matches,
        coverage=round(coverage, 4),
        agreement=round(agreed.agreement, 4),
        disagreement=round(agreed.disagreement, 4),
        details={
            **agreed.rounded(),
            **{
                name: round(value, 4)
                for name, value in (("residual", fit.residual), ("spread", fit.spread))
                if value is not None
            },
        },
    )
