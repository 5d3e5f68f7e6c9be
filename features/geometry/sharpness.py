"""Brings two pictures to the same sharpness before they are compared."""

import cv2
import numpy as np

from features.geometry.structure import Map, Mask, grey

PRE_BLUR = 0.8
"""Sigma in pixels by which both are blurred first, against noise."""

BLUR_SIGMAS = (0.7, 1.1, 1.6, 2.3, 3.2)
"""Sigmas in pixels that are tried, in ascending order."""


def equalise_sharpness(first: Map, second: Map, shared: Mask) -> tuple[Map, Map]:
    """Return both pictures, the sharper one blurred until its edges are as weak as the other's.

    A reduced, blurred or strongly compressed copy has lost fine detail, which must not count as a
    difference.
    """
    first, second = _blur(first, PRE_BLUR), _blur(second, PRE_BLUR)
    greys = [grey(picture) for picture in (first, second)]
    strengths = [_edge_energy(levels, shared) for levels in greys]
    if strengths[0] == strengths[1] or min(strengths) <= 0:
        return first, second
    swapped = strengths[0] < strengths[1]
    sharp, soft = (second, first) if swapped else (first, second)
    sigma = _matching_blur(greys[swapped], shared, max(strengths), min(strengths))
    blurred = _blur(sharp, sigma)
    return (soft, blurred) if swapped else (blurred, soft)


def _matching_blur(levels: Map, shared: Mask, strength: float, goal: float) -> float:
    """Return the sigma (0 for none) whose blur brings edges of `strength` nearest to `goal`."""
    best, error = 0.0, strength - goal
    for sigma in BLUR_SIGMAS:
        strength = _edge_energy(_blur(levels, sigma), shared)
        if abs(strength - goal) < error:
            best, error = sigma, abs(strength - goal)
        if strength < goal:  # a stronger blur only moves further away
            break
    return best


def _blur(picture: Map, sigma: float) -> Map:
    return cv2.GaussianBlur(picture, (0, 0), sigma) if sigma else picture


def _edge_energy(levels: Map, shared: Mask) -> float:
    """Return the edge energy relative to the contrast, which no gain changes."""
    across, down = np.diff(levels, axis=1)[:-1], np.diff(levels, axis=0)[:, :-1]
    inside = shared[:-1, :-1]
    energy = float((across * across + down * down)[inside].mean())
    return energy / (float(levels[shared].std()) ** 2 + 1.0)
