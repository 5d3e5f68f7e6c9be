"""Painting on arrays: colours as arrays, smooth edges, one coat over another."""

import numpy as np

from indexer.demo.outline import Array
from indexer.demo.palette import Colour


def rgb(colour: Colour | Array) -> Array:
    """Return a colour as an array that keeps float32 arithmetic in float32."""
    return np.asarray(colour, np.float32)


def uniform_coat(colour: Colour, mask: Array) -> Array:
    """Return one colour at every point of a mask, read-only."""
    return np.broadcast_to(rgb(colour), (*mask.shape, 3))


def coverage(distance: Array, pixel: float) -> Array:
    """Return 1 where a signed distance is below 0, 0 above, smooth over a pixel."""
    return np.asarray(np.clip(0.5 - distance / pixel, 0, 1))


def paint_over(coat: Array, mask: Array, colour: Colour | Array) -> Array:
    """Return `coat` with `colour` over it where `mask` is 1."""
    return np.asarray(coat + mask[..., None] * (rgb(colour) - coat))
