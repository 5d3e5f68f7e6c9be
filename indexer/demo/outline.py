"""Outlines in object units: closed paths as (n, 2) arrays, x to the right and y down."""

import math
from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[Any]
Points: TypeAlias = Array | Sequence[tuple[float, float]]


def smooth(points: Points, closed: bool = True, steps: int = 10) -> Array:
    """Return a Catmull-Rom curve through `points`, `steps` points to each span."""
    nodes = np.asarray(points, np.float64)
    if closed:
        nodes = np.vstack([nodes[-1:], nodes, nodes[:2]])
    else:
        nodes = np.vstack([2 * nodes[0] - nodes[1], nodes, 2 * nodes[-1] - nodes[-2]])
    t = np.linspace(0, 1, steps, endpoint=False)[None, :, None]
    a, b, c, d = (nodes[k : len(nodes) - 3 + k, None, :] for k in range(4))
    curve = b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)))
    path = curve.reshape(-1, 2)
    return path if closed else np.vstack([path, nodes[-2]])


def ellipse(x: float, y: float, across: float, down: float, turn: float = 0.0) -> Array:
    """Return an ellipse of the given radii, turned by `turn` radians."""
    t = np.linspace(0, 2 * np.pi, 72, endpoint=False)
    return transform(np.stack([across * np.cos(t), down * np.sin(t)], 1), x, y, turn)


def rounded_rectangle(x: float, y: float, width: float, height: float, radius: float) -> Array:
    """Return a rectangle around (x, y) with round corners."""
    t = np.linspace(0, np.pi / 2, 9)
    corners = []
    for k, (sx, sy) in enumerate(((1, 1), (-1, 1), (-1, -1), (1, -1))):
        cx, cy = x + sx * (width / 2 - radius), y + sy * (height / 2 - radius)
        arc = t + k * np.pi / 2
        corners.append(np.stack([cx + radius * np.cos(arc), cy + radius * np.sin(arc)], 1))
    return np.vstack(corners)


def mirror_half(points: Points) -> Array:
    """Return a path of the right half's `points`, top to bottom, and their mirror image."""
    half = np.asarray(points, np.float64)
    return np.vstack([half, half[::-1] * (-1, 1)])


def ribbon(points: Points, width: float | Array) -> Array:
    """Return the outline of an open line drawn `width` wide (one width, or one per point)."""
    line = np.asarray(points, np.float64)
    along = np.gradient(line, axis=0)
    along /= np.maximum(np.linalg.norm(along, axis=1, keepdims=True), 1e-9)
    across = np.stack([-along[:, 1], along[:, 0]], 1) * np.broadcast_to(width, len(line))[:, None]
    return np.vstack([line + across / 2, (line - across / 2)[::-1]])


def rotate_axes(x: Array, y: Array, angle: float) -> tuple[Array, Array]:
    """Return coordinates along and across a direction `angle` radians from the x axis.

    Keeps float32 arrays float32, which NumPy's own cosines of Python numbers would not.
    """
    cos, sin = math.cos(angle), math.sin(angle)
    return cos * x + sin * y, cos * y - sin * x


def transform(points: Points, x: float, y: float, turn: float = 0.0, scale: float = 1.0) -> Array:
    """Return the points scaled, turned about the origin by `turn` radians, then shifted."""
    cos, sin = scale * np.cos(turn), scale * np.sin(turn)
    matrix = np.array([[cos, sin], [-sin, cos]])
    return np.asarray(np.asarray(points, np.float64) @ matrix + np.array([x, y]))
