"""The frame being drawn: a viewport, shapes cut from it, and lit layers laid on each other."""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from indexer.demo.outline import Array, Points
from indexer.demo.palette import Colour

LIGHT = np.array([-0.46, -0.52, 0.72], np.float32)
AMBIENT = 0.46


@dataclass(frozen=True)
class Viewport:
    """Where object units fall in a frame of `width` × `height` pixels.

    The frame's shorter side is two units long at `zoom` 1; object point (x, y) is at its centre.
    `turn` is in radians.
    """

    width: int
    height: int
    zoom: float = 1.0
    x: float = 0.0
    y: float = 0.0
    turn: float = 0.0

    @property
    def unit(self) -> float:
        """Return how many pixels one object unit is."""
        return self.zoom * min(self.width, self.height) / 2

    def project(self, points: Points) -> Array:
        """Return object points as pixels."""
        cos, sin = np.cos(self.turn) * self.unit, np.sin(self.turn) * self.unit
        turned = (np.asarray(points, np.float64) - (self.x, self.y)) @ [[cos, sin], [-sin, cos]]
        return np.asarray(turned + np.array([self.width / 2, self.height / 2]))

    def grid(self, left: int, top: int, width: int, height: int) -> tuple[Array, Array]:
        """Return the object x and y of every pixel of a rectangle, two (height, width) arrays."""
        across = (np.arange(left, left + width, dtype=np.float32) + 0.5 - self.width / 2)[None, :]
        down = (np.arange(top, top + height, dtype=np.float32) + 0.5 - self.height / 2)[:, None]
        cos, sin = float(np.cos(self.turn)) / self.unit, float(np.sin(self.turn)) / self.unit
        x = cos * across + sin * down + self.x
        y = cos * down - sin * across + self.y
        return x.astype(np.float32), y.astype(np.float32)


@dataclass
class Patch:
    """A shape cut from the frame: its mask (0 to 1) and the object x and y of its pixels."""

    column: int
    row: int
    mask: Array
    x: Array
    y: Array
    unit: float

    @property
    def pixel(self) -> float:
        """Return the size of a pixel in object units."""
        return 1 / self.unit

    @property
    def region(self) -> tuple[slice, slice]:
        """Return where the patch lies in the frame."""
        height, width = self.mask.shape
        return slice(self.row, self.row + height), slice(self.column, self.column + width)

    def intersection(self, other: "Patch") -> "Patch":
        """Return this patch where `other` also is."""
        rows, columns = other.region
        wide = np.zeros(
            (max(rows.stop, self.region[0].stop), max(columns.stop, self.region[1].stop))
        )
        wide[other.region] = other.mask
        mask = self.mask * wide[self.region].astype(np.float32)
        return Patch(self.column, self.row, mask, self.x, self.y, self.unit)


class Canvas:
    """A float picture, and the viewport that sees objects in it."""

    def __init__(self, pixels: Array, viewport: Viewport, mirrored_light: bool = False) -> None:
        self.pixels = pixels
        self.viewport = viewport
        self.light = LIGHT * (-1, 1, 1) if mirrored_light else LIGHT
        self.light = (self.light / np.linalg.norm(self.light)).astype(np.float32)

    def cut(self, *paths: Points) -> Patch:
        """Return the union of closed paths; a path outside the frame leaves an empty mask."""
        height, width = self.pixels.shape[:2]
        drawn = [self.viewport.project(path) for path in paths]
        every = np.vstack(drawn)
        left, top = (int(max(0, np.floor(low) - 2)) for low in every.min(0))
        right, bottom = (int(np.ceil(high) + 3) for high in every.max(0))
        left, top = min(left, width - 2), min(top, height - 2)
        right, bottom = max(left + 2, min(right, width)), max(top + 2, min(bottom, height))
        mask = np.zeros((bottom - top, right - left), np.uint8)
        for path in drawn:
            # Sixteenths of a pixel, and the half pixel between its corner and its centre.
            fixed = np.round((path - (left + 0.5, top + 0.5)) * 16).astype(np.int32)
            cv2.fillPoly(mask, [fixed], 255, cv2.LINE_AA, 4)
        x, y = self.viewport.grid(left, top, right - left, bottom - top)
        return Patch(left, top, mask.astype(np.float32) / 255, x, y, self.viewport.unit)

    def cast(self, patch: Patch, x: float, y: float, blur: float, strength: float) -> None:
        """Darken what lies under `patch` moved by (x, y) and blurred; all lengths in units."""
        height, width = self.pixels.shape[:2]
        small = np.zeros((height // 4 + 1, width // 4 + 1), np.float32)
        rows, columns = patch.mask.shape
        thumb = cv2.resize(patch.mask, (max(1, columns // 4), max(1, rows // 4)), interpolation=3)
        a, b = patch.row // 4, patch.column // 4
        small[a : a + thumb.shape[0], b : b + thumb.shape[1]] = thumb[
            : small.shape[0] - a, : small.shape[1] - b
        ]
        shift = np.array([[1, 0, x * patch.unit / 4], [0, 1, y * patch.unit / 4]], np.float32)
        small = cv2.warpAffine(small, shift, small.shape[::-1])
        small = cv2.GaussianBlur(small, (0, 0), max(0.4, blur * patch.unit / 4))
        shade = cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR)
        # Shadows of daylight are a little blue: blue darkens least.
        for channel, share in enumerate((1.0, 0.95, 0.86)):
            self.pixels[..., channel] *= 1 - (strength * share) * shade

    def lay(
        self,
        patch: Patch,
        colour: Colour | Array,
        normal: Array | None = None,
        gloss: float = 0.0,
        shine: int = 5,
        opacity: float = 1.0,
    ) -> None:
        """Lay a lit layer over the frame.

        `normal` is a (height, width, 3) array of unit normals, z towards the viewport; None is
        flat. `gloss` is the highlight's strength and 2 to the power `shine` its sharpness.
        """
        lit: Any = np.asarray(colour, np.float32)
        if normal is not None:
            facing = normal @ self.light
            shade = AMBIENT + (1 - AMBIENT) / self.light[2] * np.maximum(facing, 0)
            tinted = np.stack([1.05 * shade - 0.05, shade, 0.94 * shade + 0.06], -1)
            lit = lit * tinted
            if gloss:
                half = self.light + np.array([0, 0, 1], np.float32)
                spark = np.maximum(normal @ (half / np.linalg.norm(half)), 0)
                for _ in range(shine):
                    spark = spark * spark
                lit = lit + (gloss * spark)[..., None]
        under = self.pixels[patch.region]
        under += (patch.mask * np.float32(opacity))[..., None] * (lit - under)
