"""Mugs, plates and drinking bottles."""

import numpy as np

from indexer.demo.canvas import Canvas
from indexer.demo.design import Design
from indexer.demo.lathe import Profile, draw_mouth, glaze, lathe_side, profile_through
from indexer.demo.lettering import imprint, words
from indexer.demo.outline import ellipse, ribbon, smooth
from indexer.demo.paint import coverage, paint_over, rgb, uniform_coat
from indexer.demo.palette import CHALK, STEEL, Colour, mix, readable_on
from indexer.demo.surface import normals, puff

BASE = 0.62
MUGS = (
    ((0, 0.40), (0.5, 0.41), (1.0, 0.42)),
    ((0, 0.30), (0.12, 0.40), (0.55, 0.47), (1.0, 0.44)),
    ((0, 0.33), (0.5, 0.41), (1.05, 0.50)),
    ((0, 0.42), (0.3, 0.48), (0.6, 0.42), (0.95, 0.45)),
    ((0, 0.46), (0.4, 0.45), (0.8, 0.44)),
)
BOTTLES = (
    ((0, 0.26), (0.04, 0.28), (0.95, 0.28), (1.12, 0.2), (1.2, 0.15), (1.28, 0.15)),
    ((0, 0.30), (0.04, 0.32), (0.8, 0.32), (1.05, 0.19), (1.25, 0.14), (1.32, 0.14)),
    ((0, 0.22), (0.3, 0.3), (0.7, 0.23), (1.0, 0.29), (1.18, 0.2), (1.25, 0.17)),
)
DRINKS: tuple[Colour, ...] = ((0.17, 0.09, 0.05), (0.52, 0.26, 0.08), (0.62, 0.45, 0.30))


def draw_mug(canvas: Canvas, design: Design) -> None:
    """Draw a mug: turned body, looped handle, printed all round, in a band, or with a word."""
    roll = design.dice()
    main, second, _, _ = design.colours
    profile = profile_through(MUGS[design.shape % len(MUGS)], BASE, roll.uniform(0.17, 0.25))
    hand = roll.choice((-1, 1))
    top, bottom = profile.height * roll.uniform(0.78, 0.9), profile.height * roll.uniform(0.16, 0.3)
    reach = roll.uniform(0.24, 0.36)
    edge = profile.radius_at(profile.height / 2) - 0.04
    loop = smooth(
        [
            (hand * (profile.radius_at(top) - 0.06), BASE - top),
            (hand * (edge + 0.8 * reach), BASE - top - 0.02),
            (hand * (edge + reach), BASE - (top + bottom) / 2),
            (hand * (edge + 0.65 * reach), BASE - bottom + 0.03),
            (hand * (profile.radius_at(bottom) - 0.06), BASE - bottom),
        ],
        closed=False,
    )
    handle = canvas.cut(ribbon(loop, 0.105))
    canvas.lay(handle, main if roll.random() < 0.6 else second, normals(puff(handle, 0.055)), 0.5)
    body = lathe_side(canvas, profile)
    canvas.cast(body.patch, 0.02, 0.02, 0.03, 0.18)
    style = roll.choice(("full", "band", "dip", "word"))
    pixel = body.patch.pixel
    coat = design.print_pattern(body.around, body.up, pixel, roll.uniform(0.7, 1.25))
    share = body.up / profile.height
    if style in ("band", "dip"):
        low = (0.0, roll.uniform(0.3, 0.6)) if style == "dip" else (0.28, roll.uniform(0.6, 0.8))
        kept = coverage(np.maximum(low[0] - share, share - low[1]), pixel)
        coat = paint_over(uniform_coat(main, kept), kept, coat)
    glaze(canvas, body, coat, roll.choice((0.2, 0.45, 0.6)))
    pale = mix(main, CHALK, 0.8)
    hollow = draw_mouth(canvas, profile, second if style == "dip" else main, pale, 0.035)
    if roll.random() < 0.6:
        deep = profile.mouth - 0.05
        pool = canvas.cut(ellipse(0, BASE - profile.height + 0.05, deep, deep * profile.tilt))
        canvas.lay(pool.intersection(hollow), DRINKS[design.shape % 3])
        shine = canvas.cut(ellipse(-0.12, BASE - profile.height + 0.04, 0.1, 0.018, -0.1))
        canvas.lay(shine.intersection(hollow), CHALK, opacity=0.35)


def draw_bottle(canvas: Canvas, design: Design) -> None:
    """Draw a drinking bottle: powder-coated steel, a cap, and a word up its side."""
    roll = design.dice()
    main, second, _, fourth = design.colours
    profile = profile_through(BOTTLES[design.shape % len(BOTTLES)], 0.78, 0.16)
    body = lathe_side(canvas, profile)
    share = body.up / profile.height
    pixel = body.patch.pixel
    coat = design.print_pattern(body.around, body.up, pixel, roll.uniform(0.8, 1.2))
    upper = coverage(roll.uniform(0.36, 0.48) - share, pixel)
    coat = paint_over(coat, upper, main)
    ring = coverage(np.abs(share - 0.9) - 0.008, pixel)
    coat = paint_over(coat, ring, STEEL)
    if design.words:
        ink = readable_on(main, second, fourth, CHALK)
        letters = imprint(words(design.words), body.up - 0.8, body.around, (0.36, 0.12), pixel)
        coat = paint_over(coat, letters, ink)
    glaze(canvas, body, coat, 0.3)
    radius, tall = profile.mouth + 0.02, roll.uniform(0.12, 0.2)
    cap = Profile(
        np.linspace(0, tall, 400), np.full(400, radius), profile.base - profile.height, 0.16
    )
    lid = lathe_side(canvas, cap)
    ridge = 1 + 0.1 * np.sin(lid.around * 120)[..., None]
    glaze(canvas, lid, rgb(mix(second, STEEL, 0.2)) * ridge, 0.4)
    canvas.lay(canvas.cut(cap.ring(tall)), mix(second, CHALK, 0.25))
    if roll.random() < 0.6:
        y = cap.base - tall
        loop = smooth(
            [(-radius * 0.7, y), (-0.08, y - 0.14), (0.08, y - 0.14), (radius * 0.7, y)], False
        )
        strap = canvas.cut(ribbon(loop, 0.05))
        canvas.lay(strap, mix(second, fourth, 0.3), normals(puff(strap, 0.025)), 0.2)


def draw_plate(canvas: Canvas, design: Design) -> None:
    """Draw a plate from above: a rim and a well, patterned on one or both."""
    roll = design.dice()
    main, second, third, _ = design.colours
    size, well = roll.uniform(0.7, 0.78), roll.uniform(0.58, 0.72)
    plate = canvas.cut(ellipse(0, 0, size, size))
    canvas.cast(plate, 0.03, 0.04, 0.05, 0.4)
    x, y = plate.x, plate.y
    away = np.hypot(x, y) / size
    angle = np.arctan2(y, x)
    pixel = plate.pixel
    rimmed = coverage(well - away, pixel)
    style = design.shape % 4
    centre = uniform_coat(main, away)
    rim = centre
    if style in (0, 2):
        # Whole repeats around the rim, so that the pattern closes.
        rim = design.print_pattern(
            angle * (4 / np.pi), away * 1.1, pixel * 1.3, roll.uniform(0.8, 1.0)
        )
    if style in (1, 2, 3):
        centre = design.print_pattern(x, y, pixel, roll.uniform(0.8, 1.3))
    if style == 3:
        petals = roll.choice((6, 8, 10, 12))
        kept = coverage(away - 0.5 - 0.1 * np.cos(angle * petals), pixel)
        centre = paint_over(uniform_coat(second, kept), kept, centre)
    coat = paint_over(centre, rimmed, rim)
    for place, width, ink in ((well, 0.008, third), (0.972, roll.choice((0.01, 0.028)), second)):
        line = coverage(np.abs(away - place) - width, pixel)
        coat = paint_over(coat, line, ink)
    step = np.exp(-(((away - well) / 0.03) ** 2))
    edge = np.exp(-(((away - 1.0) / 0.035) ** 2))
    lean = 0.12 + 0.75 * edge - 0.55 * step
    normal = np.stack([np.cos(angle) * lean, np.sin(angle) * lean, np.ones_like(lean)], -1)
    normal /= np.linalg.norm(normal, axis=-1, keepdims=True)
    canvas.lay(plate, coat, normal.astype(np.float32), 0.25, 4)
    glint = canvas.cut(ribbon(smooth([(-0.52, -0.2), (-0.4, -0.4), (-0.2, -0.53)], False), 0.03))
    canvas.lay(glint, CHALK, opacity=0.25)
