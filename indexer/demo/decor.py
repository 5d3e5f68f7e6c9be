"""Vases and lamps."""

import random

import numpy as np

from indexer.demo.canvas import Canvas
from indexer.demo.design import Design
from indexer.demo.lathe import draw_mouth, glaze, lathe_side, profile_through
from indexer.demo.outline import ellipse, ribbon, smooth, transform
from indexer.demo.paint import coverage, paint_over, rgb, uniform_coat
from indexer.demo.palette import BRASS, CHALK, OAK, Colour, colour_named, mix
from indexer.demo.surface import normals, puff

BASE = 0.72
VASES = (
    ((0, 0.24), (0.2, 0.42), (0.5, 0.46), (0.8, 0.24), (0.95, 0.13), (1.1, 0.17)),
    ((0, 0.2), (0.5, 0.34), (0.95, 0.4), (1.15, 0.2), (1.2, 0.19)),
    ((0, 0.28), (0.06, 0.3), (0.9, 0.3), (1.0, 0.22), (1.12, 0.24)),
    ((0, 0.18), (0.25, 0.46), (0.45, 0.46), (0.62, 0.12), (0.95, 0.09), (1.12, 0.15)),
    ((0, 0.3), (0.25, 0.2), (0.5, 0.36), (0.75, 0.36), (1.0, 0.18), (1.1, 0.26)),
    ((0, 0.36), (0.2, 0.46), (0.5, 0.44), (0.72, 0.28), (0.8, 0.3)),
    ((0, 0.16), (0.4, 0.2), (0.8, 0.3), (1.1, 0.42)),
)
LAMPS = (
    ((0, 0.24), (0.03, 0.25), (0.06, 0.06), (0.6, 0.03), (0.75, 0.03)),
    ((0, 0.16), (0.15, 0.28), (0.35, 0.28), (0.55, 0.08), (0.75, 0.05)),
    ((0, 0.24), (0.1, 0.2), (0.35, 0.1), (0.55, 0.14), (0.75, 0.05)),
    ((0, 0.26), (0.3, 0.2), (0.55, 0.09), (0.75, 0.06)),
)
SHADES = (
    ((0, 0.56), (0.52, 0.34)),
    ((0, 0.46), (0.5, 0.45)),
    ((0, 0.58), (0.2, 0.52), (0.36, 0.36), (0.44, 0.06)),
    ((0, 0.2), (0.12, 0.37), (0.32, 0.43), (0.52, 0.36), (0.62, 0.16)),
    ((0, 0.62), (0.3, 0.24), (0.44, 0.14)),
)


def draw_vase(canvas: Canvas, design: Design) -> None:
    """Draw a vase, glazed, and often with a few stems in it."""
    roll = design.dice()
    main, second, _, fourth = design.colours
    profile = profile_through(VASES[design.shape % len(VASES)], BASE, roll.uniform(0.16, 0.22))
    body = lathe_side(canvas, profile)
    pixel = body.patch.pixel
    share = body.up / profile.height
    coat = design.print_pattern(body.around, body.up, pixel, roll.uniform(0.8, 1.3))
    style = roll.choice(("printed", "dip", "belt", "melt"))
    base = uniform_coat(main, share)
    if style == "dip":
        line = roll.uniform(0.35, 0.65) + 0.03 * np.sin(body.around * 5 + 1)
        coat = paint_over(base, coverage(share - line, pixel), coat)
    elif style == "belt":
        low, high = roll.uniform(0.15, 0.35), roll.uniform(0.6, 0.8)
        kept = coverage(np.maximum(low - share, share - high), pixel)
        coat = paint_over(base, kept, coat)
    elif style == "melt":
        fade = np.clip(share * 1.5 - 0.25, 0, 1)
        coat = paint_over(coat, fade, second)
    stems = roll.random() < 0.72 and profile.mouth < 0.36
    glaze(canvas, body, coat, roll.choice((0.1, 0.35, 0.6)))
    draw_mouth(
        canvas,
        profile,
        mix(main, second, 0.8) if style == "melt" else main,
        mix(main, colour_named("Ink"), 0.55),
    )
    if stems:
        _bouquet(canvas, design.dice("stems"), profile.mouth, BASE - profile.height, fourth)


def _bouquet(canvas: Canvas, roll: random.Random, width: float, top: float, bloom: Colour) -> None:
    """Draw stems fanning out of a mouth at height `top`, leafy or in flower."""
    green = mix(colour_named("Olive"), colour_named(roll.choice(("Forest", "Sage", "Sand"))), 0.6)
    kind = roll.choice(("leaves", "flowers", "berries", "grass"))
    count = roll.choice((3, 4, 5))
    for k in range(count):
        lean = (k - (count - 1) / 2) / count * roll.uniform(0.7, 1.1) + roll.uniform(-0.1, 0.1)
        tall = roll.uniform(0.3, 0.52)
        line = smooth(
            [
                (lean * width, top + 0.02),
                (lean * 0.5, top - 0.5 * tall),
                (lean * 0.9 + 0.02, top - tall),
            ],
            closed=False,
        )
        stem = canvas.cut(ribbon(line, 0.014))
        canvas.lay(stem, mix(green, (0, 0, 0), 0.25))
        places = line[4 :: 3 if kind == "leaves" else 4]
        for side_of, (x, y) in enumerate(places):
            hand = 1 if side_of % 2 else -1
            _sprig(canvas, kind, (x, y), hand, green, bloom, roll)
        if kind == "flowers":
            _blossom(canvas, line[-1, 0], line[-1, 1], roll.uniform(0.06, 0.1), bloom)


def _sprig(
    canvas: Canvas,
    kind: str,
    place: tuple[float, float],
    hand: int,
    green: Colour,
    bloom: Colour,
    roll: random.Random,
) -> None:
    """Draw one leaf, blade or berry beside a stem."""
    x, y = place
    if kind == "berries":
        berry = canvas.cut(ellipse(x + hand * 0.035, y - 0.01, 0.028, 0.028))
        canvas.lay(berry, bloom, normals(puff(berry, 0.028)), 0.5)
        return
    long, wide = {"leaves": (0.17, 0.04), "flowers": (0.12, 0.028), "grass": (0.13, 0.012)}[kind]
    leaf = smooth([(0, 0), (long * 0.45, -wide), (long, 0), (long * 0.45, wide)])
    profile_through = -0.6 if hand > 0 else np.pi + 0.6
    patch = canvas.cut(transform(leaf, x, y, profile_through + roll.uniform(-0.3, 0.3)))
    canvas.lay(patch, mix(green, CHALK, roll.uniform(0, 0.2)), normals(puff(patch, 0.05, 0.6)), 0.1)


def _blossom(canvas: Canvas, x: float, y: float, radius: float, bloom: Colour) -> None:
    """Draw a round, many-petalled flower."""
    petals = [
        transform(ellipse(radius * 0.55, 0, radius * 0.55, radius * 0.32), x, y, k * np.pi / 4)
        for k in range(8)
    ]
    for half in (petals[::2], petals[1::2]):
        patch = canvas.cut(*half)
        canvas.lay(patch, bloom, normals(puff(patch, radius * 0.4)))
    heart = canvas.cut(ellipse(x, y, radius * 0.27, radius * 0.27))
    canvas.lay(heart, colour_named("Mustard"), normals(puff(heart, radius * 0.25)))


def draw_lamp(canvas: Canvas, design: Design) -> None:
    """Draw a table lamp: a turned foot, a stem and a shade lit from within."""
    roll = design.dice()
    main, second, third, _ = design.colours
    foot = profile_through(LAMPS[design.shape % len(LAMPS)], 0.78, 0.18)
    metal = roll.choice((BRASS, OAK, main, third, colour_named("Charcoal")))
    stand = lathe_side(canvas, foot)
    glaze(canvas, stand, metal, 0.55 if metal == BRASS else 0.3)
    shade = profile_through(
        SHADES[(design.shape // 2 + roll.randrange(5)) % len(SHADES)],
        0.78 - foot.height + 0.06,
        0.12,
        sharp=design.shape % 2 == 0,
    )
    cover = lathe_side(canvas, shade)
    pixel = cover.patch.pixel
    cloth = design.print_pattern(cover.around, cover.up, pixel, roll.uniform(0.8, 1.2))
    pleats = roll.random() < 0.35
    if pleats:
        cloth = rgb(second) * (0.93 + 0.07 * np.sin(cover.around * 70))[..., None]
    glow = np.exp(-((cover.up - 0.2) ** 2) / 0.08 - cover.patch.x**2 / 0.16)[..., None]
    lit = cloth * (0.86 + 0.2 * glow) + glow * np.array((0.26, 0.19, 0.07), np.float32)
    for place in (0.0, shade.height):
        trim = coverage(np.abs(cover.up - place) - 0.018, pixel)[..., None]
        lit = lit * (1 - 0.22 * trim)
    glaze(canvas, cover, lit, 0.08)
    if shade.mouth > 0.1:
        draw_mouth(canvas, shade, mix(second, CHALK, 0.3), (1.0, 0.93, 0.74), 0.015)
