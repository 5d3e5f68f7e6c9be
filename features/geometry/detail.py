"""Counts the detail that agrees, and how much of each whole picture it explains.

Two plain pictures agree over plain ground, which is no evidence. A copy's detail lies in the other
picture too: all of it, or all of what the smaller picture shows.
"""

from dataclasses import dataclass

import numpy as np

from features.geometry.structure import PATCH_SIDE, Mask

PATCH_AREA = PATCH_SIDE * PATCH_SIDE


@dataclass(frozen=True)
class MatchedDetail:
    """`patches` is the number of drawn patches that agree. `explained` (0 to 1) is the share of a
    whole picture's drawn area that they make up, for the picture of which it is larger, and
    `explained_less` for the other.
    """

    patches: float
    explained: float
    explained_less: float


def matched_detail(
    agreeing: Mask, drawn_areas: tuple[float, float], scales: tuple[float, float]
) -> MatchedDetail:
    """Return the detail for the drawn pixels of an overlap that agree.

    `drawn_areas` are those of the whole pictures, in their own pixels squared; `scales` are the
    overlap's pixels per pixel of each.
    """
    agreed = float(np.count_nonzero(agreeing))
    shares = sorted(
        min(1.0, agreed / max(1.0, area * scale**2))
        for area, scale in zip(drawn_areas, scales, strict=True)
    )
    return MatchedDetail(agreed / PATCH_AREA, shares[1], shares[0])
