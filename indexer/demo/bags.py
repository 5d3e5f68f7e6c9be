"""Tote bags and backpacks."""

import numpy as np

from indexer.demo.canvas import Canvas
from indexer.demo.cloth import button, drape, print_emblem, solid, stitch
from indexer.demo.design import Design
from indexer.demo.outline import ribbon, rounded_rectangle, smooth, transform
from indexer.demo.paint import coverage, paint_over, uniform_coat
from indexer.demo.palette import BRASS, OAK, STEEL, WALNUT, colour_named, mix


def draw_tote(canvas: Canvas, design: Design) -> None:
    """Draw a tote bag: two handles, a body printed with a motif and words or patterned."""
    roll = design.dice()
    main, second, third, _ = design.colours
    wide, flare = roll.uniform(0.5, 0.6), roll.uniform(-0.05, 0.06)
    for k, dy in ((0, -0.04), (1, 0.0)):
        grip = roll.uniform(0.22, 0.28)
        high = -0.82 + 0.07 * k
        loop = smooth(
            [
                (-grip, -0.2),
                (-grip + 0.01, -0.5),
                (-0.12, high),
                (0.12, high),
                (grip - 0.01, -0.5),
                (grip, -0.2),
            ],
            closed=False,
        )
        band = canvas.cut(ribbon(transform(loop, 0, dy), 0.075))
        canvas.cast(band, 0.015, 0.02, 0.015, 0.3)
        colour = mix(second, (0, 0, 0), 0.2) if k == 0 else second
        drape(canvas, band, colour, design.number, 0.02, 0)
        if k == 0:
            back = canvas.cut(
                smooth([(-wide + 0.02, -0.3), (0, -0.34), (wide - 0.02, -0.3), (0, -0.2)])
            )
            drape(canvas, back, mix(main, (0, 0, 0), 0.35), design.number, 0.02, 0)
    path = smooth(
        [
            (-wide, -0.26),
            (-wide + 0.06, -0.28),
            (0, -0.265),
            (wide - 0.06, -0.28),
            (wide, -0.26),
            (wide + 0.01, -0.2),
            (wide + flare, 0.25),
            (wide + flare, 0.66),
            (wide + flare - 0.05, 0.74),
            (0, 0.755),
            (-wide - flare + 0.05, 0.74),
            (-wide - flare, 0.66),
            (-wide - flare, 0.25),
            (-wide - 0.01, -0.2),
        ],
    )
    bag = canvas.cut(path)
    canvas.cast(bag, 0.03, 0.04, 0.05, 0.4)
    plain = uniform_coat(main, bag.mask)
    style = design.shape % 3
    coat = plain
    if style == 0:
        coat = print_emblem(design, bag, plain, (0, 0.15), roll.uniform(0.24, 0.32))
    else:
        coat = design.print_pattern(bag.x, bag.y, bag.pixel, roll.uniform(0.9, 1.4))
        if style == 2:
            low = roll.uniform(0.1, 0.4)
            kept = coverage(low - bag.y, bag.pixel)
            coat = paint_over(coat, kept, third)
    drape(canvas, bag, coat, design.number, 0.08, 0.02, 0.011, (0.9, 0.5))
    for hand in (-1, 1):
        tab = canvas.cut(rounded_rectangle(hand * 0.25, -0.2, 0.085, 0.14, 0.01))
        canvas.cast(tab, 0.006, 0.01, 0.01, 0.25)
        drape(canvas, tab, second, design.number, 0.015, 0)
        x = hand * 0.25
        stitch(canvas, np.array([(x - 0.03, -0.25), (x + 0.03, -0.15)]), mix(main, (1, 1, 1), 0.5))
        stitch(canvas, np.array([(x + 0.03, -0.25), (x - 0.03, -0.15)]), mix(main, (1, 1, 1), 0.5))
    stitch(
        canvas, np.array([(-wide + 0.03, -0.225), (wide - 0.03, -0.225)]), mix(main, second, 0.6)
    )


def draw_backpack(canvas: Canvas, design: Design) -> None:
    """Draw a backpack from the front: straps, body, flap or zip, pocket, leather and buckles."""
    roll = design.dice()
    main, second, third, _ = design.colours
    leather = roll.choice((OAK, WALNUT, second, colour_named("Charcoal")))
    metal = roll.choice((BRASS, STEEL))
    wide = roll.uniform(0.46, 0.54)
    loop = smooth([(-0.12, -0.66), (-0.11, -0.82), (0.11, -0.82), (0.12, -0.66)], False)
    solid(canvas, ribbon(loop, 0.06), leather, 0.03, 0.2)
    for hand in (-1, 1):
        strap = smooth(
            [(hand * 0.3, -0.6), (hand * (wide + 0.12), -0.3), (hand * (wide + 0.02), 0.5)], False
        )
        solid(canvas, ribbon(strap, 0.09), mix(main, (0, 0, 0), 0.3), 0.04, 0)
        if design.shape % 2:
            solid(canvas, rounded_rectangle(hand * wide, 0.4, 0.2, 0.42, 0.08), third, 0.1, 0)
    arch = roll.uniform(0.12, 0.3)
    path = smooth(
        [
            (-wide, 0.62),
            (-wide - 0.02, 0.1),
            (-wide + 0.03, -0.72 + arch),
            (-0.26, -0.7),
            (0.26, -0.7),
            (wide - 0.03, -0.72 + arch),
            (wide + 0.02, 0.1),
            (wide, 0.62),
            (0.25, 0.7),
            (-0.25, 0.7),
        ],
    )
    body = canvas.cut(path)
    canvas.cast(body, 0.02, 0.02, 0.04, 0.3)
    coat = design.print_pattern(body.x, body.y, body.pixel, roll.uniform(0.8, 1.2))
    drape(canvas, body, coat, design.number, 0.2, 0.012)
    pocket_top = roll.uniform(0.12, 0.25)
    pocket = solid(
        canvas,
        rounded_rectangle(0, (pocket_top + 0.62) / 2, wide * 1.5, 0.62 - pocket_top, 0.09),
        mix(main, second, roll.choice((0.0, 0.9))),
        0.09,
        0.0,
        0.35,
    )
    if pocket.mask.any():
        zipper = np.array([(-wide * 0.65, pocket_top + 0.07), (wide * 0.65, pocket_top + 0.07)])
        canvas.lay(canvas.cut(ribbon(zipper, 0.018)), colour_named("Ink"), opacity=0.7)
        solid(
            canvas,
            rounded_rectangle(wide * 0.5, pocket_top + 0.11, 0.03, 0.09, 0.012),
            metal,
            0.015,
            0.5,
        )
    if design.shape % 3 != 1:
        low = roll.uniform(-0.12, 0.02)
        flap = np.vstack(
            [
                smooth(
                    [(-wide - 0.02, -0.4), (-0.3, -0.73), (0.3, -0.73), (wide + 0.02, -0.4)], False
                ),
                smooth(
                    [(wide, low - 0.1), (wide * 0.5, low), (-wide * 0.5, low), (-wide, low - 0.1)],
                    False,
                ),
            ]
        )
        lid = canvas.cut(flap)
        canvas.cast(lid, 0.01, 0.04, 0.03, 0.4)
        drape(canvas, lid, third if roll.random() < 0.6 else main, design.number + 3, 0.1, 0.01)
        for hand in (-1, 1):
            x = hand * wide * 0.5
            solid(
                canvas, rounded_rectangle(x, low + 0.02, 0.07, 0.36, 0.02), leather, 0.02, 0.2, 0.3
            )
            solid(canvas, rounded_rectangle(x, low + 0.04, 0.1, 0.09, 0.015), metal, 0.02, 0.5, 0.3)
            canvas.lay(canvas.cut(rounded_rectangle(x, low + 0.04, 0.05, 0.045, 0.005)), leather)
    else:
        arc = smooth(
            [
                (-wide + 0.06, 0.0),
                (-wide + 0.1, -0.5),
                (0, -0.62),
                (wide - 0.1, -0.5),
                (wide - 0.06, 0.0),
            ],
            False,
        )
        canvas.lay(canvas.cut(ribbon(arc, 0.026)), colour_named("Ink"), opacity=0.75)
        solid(canvas, rounded_rectangle(wide - 0.06, 0.05, 0.035, 0.12, 0.015), metal, 0.015, 0.5)
        solid(canvas, rounded_rectangle(0, -0.2, 0.26, 0.16, 0.02), leather, 0.02, 0.2, 0.3)
        for hand in (-1, 1):
            button(canvas, hand * 0.1, -0.2, 0.02, metal)
    stitch(canvas, np.array([(-wide * 0.6, 0.57), (wide * 0.6, 0.57)]), mix(second, (1, 1, 1), 0.3))
