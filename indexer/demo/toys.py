"""Soft animals and wooden toys."""

import numpy as np

from indexer.demo.canvas import Canvas
from indexer.demo.cloth import button, solid, stitch
from indexer.demo.design import Design
from indexer.demo.lathe import glaze, lathe_side, profile_through
from indexer.demo.outline import (
    Array,
    Points,
    ellipse,
    ribbon,
    rounded_rectangle,
    smooth,
    transform,
)
from indexer.demo.paint import coverage, paint_over, rgb, uniform_coat
from indexer.demo.palette import CHALK, INK, OAK, Colour, colour_named, mix
from indexer.demo.surface import noise, normals, puff, weave

BASE = 0.7


def draw_toy(canvas: Canvas, design: Design) -> None:
    """Draw one of the toys: an animal, a car, a rocket, a boat or stacking rings."""
    toys = (_bear, _car, _rabbit, _rings, _whale, _rocket, _elephant, _blocks)
    toys[design.shape % len(toys)](canvas, design)


def _plush(
    canvas: Canvas, design: Design, path: Points, colour: Colour, patterned: bool = False
) -> None:
    """Lay a stuffed part: rounded, softly furred."""
    patch = canvas.cut(path)
    canvas.cast(patch, 0.01, 0.02, 0.025, 0.25)
    coat: Colour | Array = colour
    if patterned:
        coat = design.print_pattern(patch.x, patch.y, patch.pixel, 0.6)
    fur = 1 + 0.05 * noise(patch.x, patch.y, design.number, 260)
    height = puff(patch, 0.26, 0.85, 0.18)
    canvas.lay(
        patch, np.asarray(coat, np.float32) * fur[..., None] * weave(patch, 0.02), normals(height)
    )


def _face(canvas: Canvas, x: float, y: float, spread: float) -> None:
    """Sew on two eyes and a nose."""
    for hand in (-1, 1):
        button(canvas, x + hand * spread, y, 0.032, INK)
        canvas.lay(canvas.cut(ellipse(x + hand * spread - 0.01, y - 0.012, 0.008, 0.008)), CHALK)
    solid(canvas, ellipse(x, y + 0.1, 0.045, 0.032), INK, 0.03, 0.4, 0.1)
    smile = smooth([(x - 0.06, y + 0.17), (x, y + 0.2), (x + 0.06, y + 0.17)], False)
    canvas.lay(canvas.cut(ribbon(smile, 0.012)), INK, opacity=0.8)


def _sitting(canvas: Canvas, design: Design, ears: list[Array], linings: list[Array]) -> None:
    """Draw an animal sitting: ears, limbs, patterned body, head, face and a scarf."""
    main, second, third, _ = design.colours
    roll = design.dice("sitting")
    pale = mix(main, CHALK, 0.55)
    for ear in ears:
        _plush(canvas, design, ear, main)
    for lining in linings:
        _plush(canvas, design, lining, mix(second, pale, 0.4))
    for hand in (-1, 1):
        _plush(canvas, design, ellipse(hand * 0.4, 0.22, 0.13, 0.26, -hand * 0.5), main)
    _plush(canvas, design, ellipse(0, 0.32, 0.38, 0.4), main, patterned=True)
    for hand in (-1, 1):
        _plush(canvas, design, ellipse(hand * 0.3, 0.58, 0.2, 0.15), main)
        _plush(canvas, design, ellipse(hand * 0.34, 0.6, 0.1, 0.085), pale)
    _plush(canvas, design, ellipse(0, -0.22, 0.4, 0.35), main)
    _plush(canvas, design, ellipse(0, -0.1, 0.19, 0.15), pale)
    _face(canvas, 0, -0.24, roll.uniform(0.13, 0.18))
    if roll.random() < 0.7:
        band = smooth([(-0.33, 0.06), (0, 0.15), (0.33, 0.06)], False)
        _plush(canvas, design, ribbon(band, 0.12), third)
        _plush(canvas, design, ribbon([(0.12, 0.12), (0.2, 0.42)], 0.13), third)


def _bear(canvas: Canvas, design: Design) -> None:
    size = design.dice("ears").uniform(0.11, 0.17)
    ears = [ellipse(hand * 0.3, -0.48, size, size) for hand in (-1, 1)]
    linings = [ellipse(hand * 0.3, -0.47, size * 0.6, size * 0.6) for hand in (-1, 1)]
    _sitting(canvas, design, ears, linings)


def _rabbit(canvas: Canvas, design: Design) -> None:
    lean = design.dice("ears").uniform(0.05, 0.5)
    ears = [
        transform(ellipse(0, -0.24, 0.105, 0.3), hand * 0.17, -0.42, hand * lean)
        for hand in (-1, 1)
    ]
    linings = [
        transform(ellipse(0, -0.24, 0.05, 0.22), hand * 0.17, -0.42, hand * lean)
        for hand in (-1, 1)
    ]
    _sitting(canvas, design, ears, linings)


def _elephant(canvas: Canvas, design: Design) -> None:
    ears = [ellipse(hand * 0.46, -0.26, 0.24, 0.3, hand * 0.2) for hand in (-1, 1)]
    linings = [ellipse(hand * 0.47, -0.25, 0.15, 0.2, hand * 0.2) for hand in (-1, 1)]
    _sitting(canvas, design, ears, linings)
    trunk = smooth([(0, -0.14), (0.01, 0.06), (-0.06, 0.2), (-0.2, 0.2)], False)
    _plush(canvas, design, ribbon(trunk, np.linspace(0.2, 0.12, len(trunk))), design.colours[0])


def _whale(canvas: Canvas, design: Design) -> None:
    main, second, third, _ = design.colours
    fluke = smooth(
        [(0.62, 0.0), (0.56, -0.3), (0.76, -0.24), (0.95, -0.32), (0.9, -0.05), (0.7, 0.2)]
    )
    _plush(canvas, design, fluke, third)
    body = smooth(
        [
            (-0.8, 0.3),
            (-0.74, -0.1),
            (-0.4, -0.32),
            (0.05, -0.26),
            (0.45, 0.05),
            (0.72, 0.0),
            (0.78, 0.18),
            (0.55, 0.5),
            (0.1, 0.7),
            (-0.5, 0.7),
            (-0.76, 0.55),
        ],
    )
    _plush(canvas, design, body, main, patterned=True)
    belly = smooth(
        [
            (-0.79, 0.36),
            (-0.3, 0.45),
            (0.3, 0.4),
            (0.55, 0.42),
            (0.1, 0.7),
            (-0.5, 0.7),
            (-0.76, 0.55),
        ]
    )
    _plush(canvas, design, belly, mix(second, CHALK, 0.4))
    _plush(canvas, design, smooth([(-0.1, 0.4), (0.12, 0.42), (0.2, 0.74), (0.0, 0.66)]), third)
    button(canvas, -0.5, 0.14, 0.045, INK)
    stitch(canvas, smooth([(-0.78, 0.38), (-0.62, 0.42), (-0.5, 0.36)], False), INK)


def _wood(canvas: Canvas, design: Design, path: Points, colour: Colour, edge: float = 0.04) -> None:
    """Lay a part of painted or plain wood."""
    patch = canvas.cut(path)
    canvas.cast(patch, 0.01, 0.015, 0.02, 0.25)
    grain = 1 + 0.05 * noise(patch.x * 0.25, patch.y, design.number, 120)
    height = puff(patch, edge, 0.8)
    canvas.lay(patch, rgb(colour) * grain[..., None], normals(height), 0.15)


def _wheel(canvas: Canvas, design: Design, x: float, radius: float, colour: Colour) -> None:
    y = BASE - radius
    _wood(canvas, design, ellipse(x, y, radius, radius), colour)
    _wood(canvas, design, ellipse(x, y, radius * 0.55, radius * 0.55), OAK)
    button(canvas, x, y, radius * 0.16, colour_named("Charcoal"))


def _car(canvas: Canvas, design: Design) -> None:
    main, second, third, _ = design.colours
    roll = design.dice("car")
    nose, roof = roll.uniform(0.0, 0.2), roll.uniform(-0.4, -0.2)
    _wood(
        canvas,
        design,
        smooth([(-0.5, 0.1), (-0.42, roof), (0.2, roof), (0.45, 0.1)], steps=6),
        second,
        0.08,
    )
    body = canvas.cut(rounded_rectangle(0, 0.28, 1.56, 0.46, 0.16))
    coat = design.print_pattern(body.x, body.y, body.pixel, 0.7)
    canvas.lay(body, coat, normals(puff(body, 0.08, 0.8)), 0.25)
    for x in (-0.2, 0.14):
        solid(
            canvas,
            rounded_rectangle(x, roof / 2 + 0.02, 0.24, 0.2, 0.05),
            colour_named("Sky"),
            0.02,
            0.6,
            0.2,
        )
    _wood(
        canvas,
        design,
        rounded_rectangle(0.66, 0.36 - nose, 0.12, 0.12, 0.06),
        colour_named("Butter"),
    )
    _wood(canvas, design, rounded_rectangle(0, 0.46, 1.6, 0.07, 0.03), main)
    for x in (-0.46, 0.46):
        _wheel(canvas, design, x, roll.uniform(0.19, 0.25), third)


def _rocket(canvas: Canvas, design: Design) -> None:
    main, second, third, fourth = design.colours
    for hand in (-1, 1):
        fin = smooth(
            [(hand * 0.2, 0.15), (hand * 0.5, 0.45), (hand * 0.46, BASE), (hand * 0.2, 0.5)]
        )
        _wood(canvas, design, fin, third)
    hull = profile_through([(0, 0.2), (0.2, 0.28), (0.6, 0.32), (1.0, 0.2), (1.3, 0.02)], 0.6, 0.12)
    body = lathe_side(canvas, hull)
    coat = design.print_pattern(body.around, body.up, body.patch.pixel, 0.8)
    tip = coverage(0.95 - body.up, body.patch.pixel)
    glaze(canvas, body, paint_over(coat, tip, second), 0.3)
    for y, radius in ((-0.12, 0.12), (0.18, 0.075)):
        solid(canvas, ellipse(0, y, radius * 1.3, radius * 1.3), mix(main, fourth, 0.5), 0.03, 0.3)
        solid(canvas, ellipse(0, y, radius, radius), colour_named("Navy"), 0.08, 0.7, 0)


def _rings(canvas: Canvas, design: Design) -> None:
    roll = design.dice("rings")
    colours = list(design.colours)
    roll.shuffle(colours)
    _wood(canvas, design, rounded_rectangle(0, BASE - 0.04, 0.95, 0.09, 0.04), OAK)
    count = roll.choice((4, 5, 6))
    tall = 1.0 / count
    for k in range(count):
        radius = 0.48 - 0.3 * k / count
        torus = profile_through(
            [
                (0, radius * 0.86),
                (tall * 0.25, radius),
                (tall * 0.7, radius),
                (tall * 0.95, radius * 0.86),
            ],
            BASE - 0.07 - k * tall * 0.92,
            0.2,
        )
        ring = lathe_side(canvas, torus)
        canvas.cast(ring.patch, 0, 0.015, 0.015, 0.25)
        coat: Array = uniform_coat(colours[k % 4], ring.patch.mask)
        if k % 2 == design.shape % 2:
            coat = design.print_pattern(ring.around, ring.up, ring.patch.pixel, 0.55)
        glaze(canvas, ring, coat, 0.3)
    y = BASE - 0.07 - count * tall * 0.92
    _wood(canvas, design, ellipse(0, y - 0.06, 0.13, 0.13), design.colours[2], 0.13)


def _blocks(canvas: Canvas, design: Design) -> None:
    """Stack alphabet blocks, each face its own colour, pattern or letter."""
    roll = design.dice("blocks")
    places = [(-0.42, 0.47), (0.06, 0.47), (0.52, 0.47), (-0.2, 0.0), (0.28, 0.0), (0.03, -0.47)]
    for k, (x, y) in enumerate(places):
        turn_by = roll.uniform(-0.08, 0.08) if k > 2 else 0
        path = transform(
            rounded_rectangle(0, 0, 0.46, 0.46, 0.035), x + roll.uniform(-0.03, 0.03), y, turn_by
        )
        patch = canvas.cut(path)
        canvas.cast(patch, 0.01, 0.015, 0.02, 0.3)
        coat: Array = uniform_coat(OAK, patch.mask)
        face = np.maximum(np.abs(patch.x - x), np.abs(patch.y - y)) < 0.18
        inner = (
            design.print_pattern(patch.x, patch.y, patch.pixel, 0.5)
            if k % 2
            else uniform_coat(design.colours[k // 2 + 1], patch.mask)
        )
        coat = np.where(face[..., None], inner, coat)
        if k % 2 == 0:
            heart = np.hypot(patch.x - x, patch.y - y)
            coat = np.where((heart < 0.1)[..., None], rgb(design.colours[0]), coat)
        canvas.lay(patch, coat.astype(np.float32), normals(puff(patch, 0.035, 0.8)), 0.15)
