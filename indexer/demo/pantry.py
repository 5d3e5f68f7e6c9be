"""Tea and coffee tins, sauce bottles, boxes and pouches: things with labels."""

import numpy as np

from indexer.demo.canvas import Canvas, Patch
from indexer.demo.cloth import solid
from indexer.demo.design import Design
from indexer.demo.emblem import emblem
from indexer.demo.lathe import Profile, glaze, lathe_side, profile_through
from indexer.demo.lettering import imprint, words
from indexer.demo.outline import Array, rounded_rectangle, smooth, transform
from indexer.demo.paint import coverage, paint_over, rgb
from indexer.demo.palette import BRASS, CHALK, INK, STEEL, Colour, colour_named, mix, readable_on
from indexer.demo.surface import folds, normals, puff

BASE = 0.7
TILT = 0.13
"""Flat enough that a line of letters around a tin stays a line to read."""
GLASS: tuple[Colour, ...] = (
    (0.16, 0.08, 0.05),
    (0.18, 0.26, 0.12),
    (0.55, 0.30, 0.08),
    (0.75, 0.80, 0.76),
)


def label(
    design: Design, x: Array, y: Array, box: tuple[float, float], pixel: float, ground: Array
) -> Array:
    """Return `ground` with a paper label of `box` (width, height) units about (0, 0) on it.

    The label has a border, the design's emblem and, below it, its words.
    """
    main, second, third, fourth = design.colours
    roll = design.dice("label")
    paper = mix(roll.choice((CHALK, second, fourth, CHALK)), CHALK, 0.6)
    ink = readable_on(paper, INK, main, third)
    edge = np.maximum(np.abs(x) - box[0] / 2, np.abs(y) - box[1] / 2)

    coat = paint_over(ground, coverage(edge, pixel), paper)
    frame = coverage(np.abs(edge + 0.022) - 0.005, pixel)
    coat = paint_over(coat, frame, mix(main, paper, 0.45))
    # Words keep clear of the border: letters that touch a line are read by nobody.
    lines = (design.words or "HOUSE").split()
    room = (box[0] * 0.7, box[1] * (0.26 if len(lines) == 1 else 0.16))
    art, reach = (0.0, -box[1] * 0.23), min(box[0] * 0.3, box[1] * 0.18)
    for mask, index in emblem(design, (x - art[0]) / reach, (y - art[1]) / reach, pixel / reach):
        coat = paint_over(coat, mask, (ink, main, third, fourth)[index])
    for row, line in enumerate(lines):
        place = box[1] * (0.2 + 0.23 * (row - (len(lines) - 1) / 2))
        coat = paint_over(coat, imprint(words(line), x, y - place, room, pixel), ink)
    return coat


def _lid(canvas: Canvas, base: float, radius: float, tall: float, colour: Colour) -> None:
    flat = Profile(np.linspace(0, tall, 400), np.full(400, radius), base, TILT)
    edge = lathe_side(canvas, flat)
    canvas.cast(edge.patch, 0, 0.015, 0.012, 0.3)
    glaze(canvas, edge, colour, 0.5)
    top = canvas.cut(flat.ring(tall))
    canvas.lay(top, mix(colour, CHALK, 0.22))
    inner = canvas.cut(flat.ring(tall, radius * 0.88))
    canvas.lay(inner, mix(colour, CHALK, 0.12))


def draw_tin(canvas: Canvas, design: Design) -> None:
    """Draw a round tin with a lid, its pattern all round and a paper label in front."""
    roll = design.dice()
    main, second, _, _ = design.colours
    tall, radius = ((0.95, 0.4), (1.15, 0.34), (0.75, 0.5))[design.shape % 3]
    profile = profile_through([(0, radius), (tall, radius)], BASE, TILT, sharp=True)
    body = lathe_side(canvas, profile)
    coat = design.print_pattern(body.around, body.up, body.patch.pixel, roll.uniform(0.7, 1.1))
    for place in (0.02, tall - 0.02):
        seam = coverage(np.abs(body.up - place) - 0.008, body.patch.pixel)[..., None]
        coat = coat * (1 - 0.3 * seam)
    twist = roll.uniform(-0.08, 0.08)
    box = (radius * 1.55, tall * 0.66)
    y = tall * 0.48 - body.up
    coat = label(design, body.around - twist, y, box, body.patch.pixel, coat)
    glaze(canvas, body, coat, 0.4)
    metal = roll.choice((BRASS, STEEL, second, mix(main, INK, 0.3)))
    _lid(canvas, BASE - tall + 0.05, radius + 0.012, roll.uniform(0.12, 0.2), metal)


def draw_sauce(canvas: Canvas, design: Design) -> None:
    """Draw a glass bottle or jar with a label and a cap."""
    roll = design.dice()
    main, second, third, _ = design.colours
    shapes = (
        ((0, 0.27), (0.03, 0.29), (0.72, 0.29), (0.95, 0.12), (1.2, 0.1), (1.3, 0.11)),
        ((0, 0.34), (0.04, 0.36), (0.5, 0.35), (0.78, 0.1), (1.12, 0.09), (1.2, 0.1)),
        ((0, 0.36), (0.03, 0.39), (0.62, 0.39), (0.72, 0.33), (0.78, 0.33)),
        ((0, 0.22), (0.03, 0.24), (0.85, 0.24), (1.0, 0.12), (1.2, 0.11), (1.3, 0.11)),
    )
    profile = profile_through(shapes[design.shape % 4], 0.76, TILT)
    body = lathe_side(canvas, profile)
    glass = GLASS[roll.randrange(len(GLASS))]
    deep = np.clip(1 - body.normal[..., 2], 0, 1)[..., None]
    coat = rgb(glass) * (1.25 - 0.8 * deep) + 0.05
    widest = float(profile.radii.max())
    middle, tall = (0.42, 0.58) if design.shape % 4 != 1 else (0.29, 0.44)
    box = (widest * 1.8, tall)
    coat = label(design, body.around, middle - body.up, box, body.patch.pixel, coat)
    neck = np.abs(body.up - profile.height * 0.8) < 0.05
    if profile.height > 1 and roll.random() < 0.7:
        coat = np.where(neck[..., None], rgb(main), coat)
    glaze(canvas, body, coat, 0.65)
    cap = roll.choice((main, third, BRASS, colour_named("Ink"), second))
    _lid(canvas, profile.base - profile.height + 0.06, profile.mouth + 0.025, 0.14, cap)


def draw_box(canvas: Canvas, design: Design) -> None:
    """Draw a carton in two-point view, or every third time a soft pouch."""
    if design.shape % 3 == 2:
        _pouch(canvas, design)
        return
    roll = design.dice()
    _, second, _, _ = design.colours
    wide, tall = roll.uniform(0.74, 0.86), roll.uniform(1.05, 1.25)
    deep, hand = roll.uniform(0.2, 0.3), roll.choice((-1, 1))
    x0 = hand * deep / 2
    rise = 0.09
    front = np.array([(-wide / 2, 0), (wide / 2, 0), (wide / 2, -tall), (-wide / 2, -tall)])
    front = transform(front, -x0, BASE + 0.02)
    inner = -x0 + hand * wide / 2
    flank = np.array([(inner, BASE + 0.02), (inner + hand * deep, BASE + 0.02 - rise)])
    flank = np.vstack([flank, transform(flank[::-1], 0, -tall)])
    face, cheek = canvas.cut(front), canvas.cut(flank)
    run = np.abs(cheek.x - inner) / deep
    skew = cheek.y + run * rise
    bright = 0.62 if (hand > 0) == (canvas.light[0] < 0) else 0.86
    coat = design.print_pattern(cheek.x * hand * 1.4, skew, cheek.pixel, 0.9)
    canvas.lay(cheek, coat * bright)
    slope = np.array([(-wide / 2, 0), (wide / 2, 0)])
    slope = transform(slope, -x0, BASE + 0.02 - tall)
    top = np.vstack([slope, transform(slope[::-1], hand * deep, -rise)])
    canvas.lay(canvas.cut(top), mix(second, CHALK, 0.35))
    coat = design.print_pattern(face.x, face.y, face.pixel, roll.uniform(0.8, 1.2))
    box = (wide * 0.8, tall * roll.uniform(0.5, 0.62))
    coat = label(design, face.x + x0, face.y + tall * 0.46 - BASE, box, face.pixel, coat)
    fall = 1.04 - 0.1 * (face.y - BASE + tall) / tall
    edge = folds(face, design.number, 0.004)
    canvas.lay(face, coat * fall[..., None], normals(edge), 0.06)


def _pouch(canvas: Canvas, design: Design) -> None:
    roll = design.dice("pouch")
    _, second, third, _ = design.colours
    path = smooth(
        [
            (-0.4, -0.66),
            (0.4, -0.66),
            (0.43, -0.2),
            (0.46, 0.4),
            (0.42, BASE),
            (0, BASE + 0.03),
            (-0.42, BASE),
            (-0.46, 0.4),
            (-0.43, -0.2),
        ],
    )
    bag: Patch = canvas.cut(path)
    coat = design.print_pattern(bag.x, bag.y, bag.pixel, roll.uniform(0.8, 1.3))
    coat = label(design, bag.x, bag.y - 0.14, (0.64, 0.68), bag.pixel, coat)
    seal = coverage(bag.y + 0.54, bag.pixel)
    coat = paint_over(coat, seal, third)
    ridges = np.sin(bag.y * 190) * (bag.y < -0.54) * (0.004 * bag.unit)
    height = puff(bag, 0.3, 0.55) + folds(bag, design.number, 0.012, (0.8, 0.8)) + ridges
    canvas.lay(bag, coat.astype(np.float32), normals(height.astype(np.float32)), 0.25, 4)
    solid(
        canvas, rounded_rectangle(0, -0.47, 0.5, 0.035, 0.012), mix(second, STEEL, 0.5), 0.015, 0.4
    )
