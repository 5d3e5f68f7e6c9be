"""Relief: what turns a flat shape into something with folds, thickness and grain."""

import functools

import cv2
import numpy as np

from indexer.demo.canvas import Patch
from indexer.demo.outline import Array

TILE = 256


def normals(height: Array) -> Array:
    """Return unit normals (rows, columns, 3) of a height field in pixels."""
    across = cv2.Sobel(height, cv2.CV_32F, 1, 0, ksize=3, scale=0.125, borderType=1)
    down = cv2.Sobel(height, cv2.CV_32F, 0, 1, ksize=3, scale=0.125, borderType=1)
    length = 1 / np.sqrt(across * across + down * down + 1)
    return np.stack([-across * length, -down * length, length], -1)


def soften(plane: Array, sigma: float) -> Array:
    """Return a Gaussian blur, `sigma` in pixels; wide ones are made on a quarter-size copy."""
    if sigma < 0.3:
        return plane
    if sigma < 5:
        return np.asarray(cv2.GaussianBlur(plane, (0, 0), sigma, borderType=1))
    rows, columns = plane.shape[:2]
    small = cv2.resize(plane, (columns // 4 + 1, rows // 4 + 1), interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(small, (0, 0), sigma / 4, borderType=1)
    return np.asarray(cv2.resize(small, (columns, rows), interpolation=cv2.INTER_LINEAR))


def puff(patch: Patch, radius: float, strength: float = 1.0, blur: float = 0.15) -> Array:
    """Return the height, in pixels, of the shape filled like a cushion.

    The edge rises as a quarter circle of `radius` units, then stays level.
    """
    inside = (patch.mask > 0.5).astype(np.uint8)
    away = cv2.distanceTransform(inside, cv2.DIST_L2, 5)
    rise = np.minimum(away / (radius * patch.unit), 1)
    height = np.sqrt(rise * (2 - rise)) * (radius * patch.unit * strength)
    return soften(height.astype(np.float32), blur * radius * patch.unit)


@functools.cache
def _tile(seed: int, cells: int) -> Array:
    generator = np.random.Generator(np.random.PCG64(seed))
    grid = generator.standard_normal((cells, cells)).astype(np.float32)
    wide = np.pad(grid, 4, mode="wrap")
    size = TILE * (cells + 8) // cells
    smooth = cv2.resize(wide, (size, size), interpolation=cv2.INTER_CUBIC)
    edge = (size - TILE) // 2
    return np.ascontiguousarray(smooth[edge : edge + TILE, edge : edge + TILE])


def noise(x: Array, y: Array, seed: int, cells: int = 16) -> Array:
    """Return smooth noise about 0 at object points; one bump is 1 unit / (`cells` / 16) wide.

    The tile repeats every 16 units at 16 cells, so no object shows the repeat.
    """
    tile = _tile(seed % 97, 16)
    scale = np.float32(cells)
    return np.asarray(
        cv2.remap(
            tile,
            np.asarray(x * scale + seed % 251, np.float32),
            np.asarray(y * scale + seed % 239, np.float32),
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_WRAP,
        )
    )


def folds(
    patch: Patch, seed: int, depth: float, stretch: tuple[float, float] = (1.0, 1.0)
) -> Array:
    """Return a height in pixels: soft creases `depth` units deep, longer along the small side."""
    x, y = patch.x * stretch[0], patch.y * stretch[1]
    broad = noise(x + 0.25 * y, y - 0.25 * x, seed, 18)
    fine = noise(x - 0.4 * y, y + 0.3 * x, seed + 31, 44)
    return (broad + 0.22 * fine) * np.float32(depth * patch.unit)


def weave(patch: Patch, pitch: float) -> Array:
    """Return the brightness, about 1, of a plain weave; it fades out where it would alias."""
    visible = min(1.0, max(0.0, pitch * patch.unit / 2.5 - 1))
    if not visible:
        return np.ones((1, 1, 1), np.float32)
    turn = np.float32(2 * np.pi / pitch)
    thread = np.sin(patch.x * turn) * np.sin(patch.y * turn)
    return (1 + np.float32(0.07 * visible) * thread)[..., None]
