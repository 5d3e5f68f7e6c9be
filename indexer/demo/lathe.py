"""Turned things: mugs, vases, bottles, lamps, tins. A profile, spun about an upright axis."""

import math
from dataclasses import dataclass

import numpy as np

from indexer.demo.canvas import Canvas, Patch
from indexer.demo.outline import Array, Points, ellipse, smooth
from indexer.demo.paint import rgb
from indexer.demo.palette import Colour
from indexer.demo.surface import noise

STEPS = 400


@dataclass(frozen=True)
class Profile:
    """Radius by height, both in units, the base at object y `base`; `tilt` is the sine of how
    far the camera looks down."""

    heights: Array
    radii: Array
    base: float
    tilt: float

    @property
    def height(self) -> float:
        """Return how tall the thing is."""
        return float(self.heights[-1])

    @property
    def mouth(self) -> float:
        """Return the radius at the top."""
        return float(self.radii[-1])

    def radius_at(self, height: float) -> float:
        """Return the radius at a height."""
        return float(np.interp(height, self.heights, self.radii))

    def ring(self, height: float, radius: float | None = None) -> Array:
        """Return the ellipse a ring around the axis is seen as."""
        across = self.radius_at(height) if radius is None else radius
        return ellipse(0, self.base - height, across, across * self.tilt)


def profile_through(points: Points, base: float, tilt: float = 0.2, sharp: bool = False) -> Profile:
    """Return the profile through (height, radius) points from the base up."""
    nodes = np.asarray(points, np.float64)
    curve = nodes if sharp else smooth(nodes, closed=False, steps=16)
    heights = np.maximum.accumulate(curve[:, 0])
    even = np.linspace(0, heights[-1], STEPS)
    return Profile(even, np.maximum(np.interp(even, heights, curve[:, 1]), 0.004), base, tilt)


@dataclass
class LatheSide:
    """The visible side of a turned thing: where it is, and what can be printed on it."""

    patch: Patch
    around: Array
    """Distance along the surface from the front, in units at the widest ring."""
    up: Array
    """Height above the base, in units."""
    normal: Array


def lathe_side(
    canvas: Canvas, profile: Profile, low: float = 0.0, high: float | None = None
) -> LatheSide:
    """Return the side between two heights, unpainted."""
    top = profile.height if high is None else high
    levels = np.linspace(low, top, 60)
    radii = np.interp(levels, profile.heights, profile.radii)
    y = profile.base - levels
    hull = np.vstack([np.stack([radii, y], 1), np.stack([-radii, y], 1)[::-1]])
    patch = canvas.cut(hull, profile.ring(low), profile.ring(top))
    x, drop = patch.x, profile.base - patch.y
    scale = (STEPS - 1) / profile.height
    table = profile.radii.astype(np.float32)
    up = drop
    # A ring's front edge hangs tilt·depth below its axis: found by walking towards it.
    for _ in range(4):
        radius = table[np.clip(up * scale, 0, STEPS - 1).astype(np.int32)]
        depth = np.sqrt(np.maximum(radius * radius - x * x, 0))
        up = 0.3 * up + 0.7 * (drop + profile.tilt * depth)
    radius = np.interp(up, profile.heights, profile.radii).astype(np.float32)
    sine = np.clip(x / radius, -0.999, 0.999)
    cosine = np.sqrt(1 - sine * sine)
    slopes = np.gradient(profile.radii, profile.heights)
    slope = np.clip(np.interp(up, profile.heights, slopes), -6, 6).astype(np.float32)
    rise = 1 / np.sqrt(1 + slope * slope)
    lean = -slope * rise
    level = math.sqrt(1 - profile.tilt**2)
    normal = np.stack(
        [
            sine * rise,
            -lean * level + cosine * rise * profile.tilt,
            cosine * rise * level + lean * profile.tilt,
        ],
        -1,
    ).astype(np.float32)
    around = np.arcsin(sine) * table.max()
    return LatheSide(patch, around.astype(np.float32), up.astype(np.float32), normal)


def glaze(canvas: Canvas, turned: LatheSide, colour: Colour | Array, gloss: float = 0.35) -> None:
    """Lay the side with the reflections of two studio lamps, sharper the glossier it is."""
    lit = np.broadcast_to(np.asarray(colour, np.float32), (*turned.patch.mask.shape, 3))
    across = turned.normal[..., 0]
    side_light = -0.5 if canvas.light[0] < 0 else 0.5
    width = 0.2 - 0.1 * min(gloss, 1)
    key = np.exp(-(((across - side_light) / width) ** 2))
    rim = np.exp(-(((across + side_light * 1.75) / (width * 0.55)) ** 2))
    wobble = 1 + 0.15 * noise(across, turned.up, 5, 12)
    edge = np.maximum(1 - turned.normal[..., 2], 0) ** 3
    light = gloss * wobble * (0.42 * key + 0.2 * rim)
    shaded = lit * (1 - 0.25 * edge)[..., None] + light[..., None].astype(np.float32)
    canvas.lay(turned.patch, shaded, turned.normal, gloss * 0.35, 5)


def draw_mouth(
    canvas: Canvas, profile: Profile, rim: Colour, within: Colour, wall: float = 0.03
) -> Patch:
    """Draw the open top: a rim as thick as `wall`, and the inside falling into shade."""
    height = profile.height
    outer = canvas.cut(profile.ring(height))
    canvas.lay(outer, tuple(min(1.0, 1.12 * c) for c in rim))  # type: ignore[arg-type]
    inner_radius = profile.mouth - wall
    inner = canvas.cut(ellipse(0, profile.base - height, inner_radius, inner_radius * profile.tilt))
    away = (inner.y - (profile.base - height)) / max(inner_radius * profile.tilt, 1e-3)
    lit_side = inner.x / inner_radius * (1 if canvas.light[0] < 0 else -1)
    shade = np.clip(0.62 + 0.2 * lit_side + 0.22 * away, 0.3, 1.0)
    canvas.lay(inner, rgb(within) * shade[..., None])
    return inner
