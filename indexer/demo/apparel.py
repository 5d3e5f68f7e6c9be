"""T-shirts, socks and sneakers."""

import numpy as np

from indexer.demo.canvas import Canvas
from indexer.demo.cloth import drape, print_emblem, solid, stitch
from indexer.demo.design import Design
from indexer.demo.outline import (
    Array,
    Points,
    ellipse,
    mirror_half,
    ribbon,
    rotate_axes,
    smooth,
    transform,
)
from indexer.demo.paint import coverage, paint_over, uniform_coat
from indexer.demo.palette import CHALK, Colour, colour_named, mix, readable_on
from indexer.demo.surface import folds, normals, puff, weave


def _polyline(points: Points, steps: int = 8) -> Array:
    return smooth(points, closed=False, steps=steps)


def draw_shirt(canvas: Canvas, design: Design) -> None:
    """Draw a T-shirt laid flat: printed on the chest, striped, or patterned all over."""
    roll = design.dice()
    main, second, _, _ = design.colours
    cuff, drop = roll.uniform(0.72, 0.82), roll.uniform(-0.14, 0.0)
    neck = roll.choice((0.1, 0.16, 0.24))
    half = np.vstack(
        [
            _polyline([(0, -0.6 + neck), (0.13, -0.63 + neck * 0.7), (0.2, -0.7)]),
            _polyline([(0.2, -0.7), (0.4, -0.64), (0.5, -0.56), (cuff, drop - 0.14)]),
            _polyline(
                [(cuff, drop - 0.14), (cuff - 0.06, drop - 0.02), (cuff - 0.19, drop + 0.04)]
            ),
            _polyline([(0.45, -0.2), (0.43, 0.2), (0.46, 0.74)]),
            _polyline([(0.46, 0.74), (0.2, 0.765), (0, 0.77)]),
        ]
    )
    shirt = canvas.cut(mirror_half(half))
    canvas.cast(shirt, 0.03, 0.04, 0.04, 0.4)
    back = canvas.cut(ellipse(0, -0.66, 0.19, 0.075))
    drape(canvas, back, mix(main, (0, 0, 0), 0.25), design.number, 0.03, 0)
    style = ("print", "all", "yoke", "print")[design.shape % 4]
    plain = uniform_coat(main, shirt.mask)
    coat = plain
    if style != "print":
        coat = design.print_pattern(shirt.x, shirt.y, shirt.pixel, roll.uniform(0.9, 1.3))
        if style == "yoke":
            low, high = roll.choice(((-0.9, -0.25), (-0.35, 0.15), (0.2, 0.9)))
            kept = coverage(np.maximum(low - shirt.y, shirt.y - high), shirt.pixel)
            coat = paint_over(plain, kept, coat)
    else:
        coat = print_emblem(design, shirt, coat, (0, -0.1), roll.uniform(0.2, 0.3))
    sleeve = np.clip((np.abs(shirt.x) - 0.46) / 0.05, 0, 1)
    height = puff(shirt, 0.09, 0.7) + folds(shirt, design.number, 0.02, (1.0, 0.5))
    height = height - sleeve * (0.02 * shirt.unit)
    lit = coat * weave(shirt, 0.01)
    canvas.lay(shirt, lit.astype(np.float32), normals(height.astype(np.float32)))
    collar = _polyline([(-0.2, -0.7), (-0.13, -0.63 + neck * 0.7), (0, -0.6 + neck)])
    collar = np.vstack([collar, collar[::-1] * (-1, 1)])
    solid(canvas, ribbon(collar, 0.05), second if roll.random() < 0.5 else main, 0.02, 0)
    stitch(canvas, _polyline([(-0.44, 0.7), (0, 0.73), (0.44, 0.7)]), mix(main, CHALK, 0.4))


SOCK = (
    (-0.17, -0.72), (0.17, -0.72), (0.165, -0.2), (0.2, 0.14), (0.42, 0.36), (0.66, 0.46),
    (0.74, 0.6), (0.62, 0.72), (0.3, 0.68), (0.02, 0.6), (-0.15, 0.44), (-0.19, 0.2),
    (-0.165, -0.2),
)  # fmt: skip


def draw_socks(canvas: Canvas, design: Design) -> None:
    """Draw a pair of socks: patterned leg, plain heel, toe and ribbed cuff."""
    roll = design.dice()
    _, second, third, _ = design.colours
    spread, lean = roll.uniform(0.2, 0.32), roll.uniform(-0.12, 0.2)
    scale, tall = roll.uniform(0.6, 1.0), roll.choice((0.75, 1.0, 1.0))
    for k, hand in enumerate((-1, 1)):
        flip = -1 if roll.random() < 0.25 else 1
        shape = smooth(np.array(SOCK) * (1, 1)) * (flip, 1)
        shape[:, 1] = np.where(shape[:, 1] < 0, shape[:, 1] * tall, shape[:, 1])
        turn = hand * lean * 0.6
        shift = (hand * spread - flip * 0.2, 0.04 * hand)
        sock = canvas.cut(transform(shape, *shift, turn))
        canvas.cast(sock, 0.03, 0.035, 0.03, 0.4)
        x, y = sock.x - shift[0], sock.y - shift[1]
        x, y = rotate_axes(x, y, turn)
        x = x * flip
        coat = design.print_pattern(x, y, sock.pixel, scale)
        ends = (
            (np.hypot(x - 0.74, y - 0.6) - 0.24, second),
            (np.hypot(x + 0.2, y - 0.56) - 0.24, second),
            (y + 0.72 * tall - 0.15, third),
        )
        for distance, ink in ends:
            kept = coverage(distance, sock.pixel)
            coat = paint_over(coat, kept, ink)
        rib = np.sin(x * 150) * (y < -0.72 * tall + 0.15) * 0.003
        height = puff(sock, 0.14, 0.75) + folds(sock, design.number + k, 0.008) + rib * sock.unit
        lit = coat * weave(sock, 0.016)
        canvas.lay(sock, lit.astype(np.float32), normals(height.astype(np.float32)))


def draw_sneaker(canvas: Canvas, design: Design) -> None:
    """Draw a sneaker from the side: sole, patterned upper, toe cap, laces, a stripe."""
    roll = design.dice()
    main, second, third, fourth = design.colours
    high = design.shape % 3 == 0
    top = -0.42 if high else -0.2
    upper = smooth(
        [
            (-0.74, 0.28),
            (-0.76, 0.0),
            (-0.7, top),
            (-0.5, top - 0.02),
            (-0.3, top + 0.02),
            (-0.12, -0.12),
            (0.2, 0.04),
            (0.52, 0.1),
            (0.76, 0.2),
            (0.84, 0.34),
            (0.4, 0.4),
            (-0.5, 0.4),
        ],
    )
    tongue = smooth(
        [(-0.42, top - 0.14), (-0.25, top - 0.12), (-0.02, -0.02), (-0.2, 0.1), (-0.42, top)]
    )
    solid(canvas, tongue, mix(second, main, 0.3), 0.05, 0.05)
    body = canvas.cut(upper)
    x, y = body.x, body.y
    coat = design.print_pattern(x, y, body.pixel, roll.uniform(0.6, 0.9))
    lining = coverage(y - top - 0.045, body.pixel)
    coat = paint_over(coat, lining, second)
    height = puff(body, 0.2, 0.8) + folds(body, design.number, 0.005)
    canvas.lay(body, coat * weave(body, 0.012), normals(height.astype(np.float32)), 0.05)
    _panels(canvas, top, (main, second, third, fourth), roll.choice((0, 1, 2)))
    for k in range(6 if high else 4):
        lx, ly = 0.16 - 0.085 * k, 0.02 - 0.035 * k - (0.05 * max(0, k - 2) if high else 0)
        lace = smooth([(lx - 0.1, ly + 0.16), (lx, ly + 0.05), (lx + 0.06, ly - 0.02)], False)
        solid(canvas, ribbon(lace, 0.032), CHALK, 0.015, 0.1, 0.35)
        hole = canvas.cut(ellipse(lx - 0.1, ly + 0.165, 0.014, 0.014))
        canvas.lay(hole, colour_named("Ink"))
    sole = smooth(
        [
            (-0.8, 0.32),
            (-0.4, 0.34),
            (0.2, 0.36),
            (0.6, 0.34),
            (0.88, 0.3),
            (0.9, 0.4),
            (0.78, 0.5),
            (0.2, 0.52),
            (-0.5, 0.52),
            (-0.78, 0.5),
            (-0.83, 0.42),
        ],
    )
    base = solid(canvas, sole, readable_on(main, CHALK, mix(CHALK, fourth, 0.3)), 0.05, 0.15, 0.3)
    band = canvas.cut(ribbon([(-0.8, 0.445), (0.2, 0.455), (0.86, 0.42)], 0.022))
    canvas.lay(band.intersection(base), third, opacity=0.9)


def _panels(canvas: Canvas, top: float, colours: tuple[Colour, ...], style: int) -> None:
    """Sew the toe cap, the heel tab and a side stripe onto the upper."""
    _, second, third, fourth = colours
    toe = smooth([(0.56, 0.12), (0.76, 0.2), (0.85, 0.35), (0.5, 0.38), (0.47, 0.25)])
    solid(canvas, toe, second, 0.12, 0.2, 0.15)
    heel = smooth(
        [(-0.765, 0.3), (-0.78, 0.0), (-0.72, top + 0.04), (-0.62, top + 0.06), (-0.56, 0.3)]
    )
    solid(canvas, heel, third, 0.08, 0.12, 0.15)
    if style == 0:
        for k in (0, 1):
            stripe = ribbon([(-0.42 + 0.17 * k, 0.34), (-0.3 + 0.17 * k, 0.0)], 0.07)
            solid(canvas, stripe, second, 0.02, 0.15, 0.15)
    elif style == 1:
        curve = smooth([(-0.52, 0.1), (-0.3, 0.28), (0.0, 0.26), (0.2, 0.1)], False)
        solid(canvas, ribbon(curve, np.linspace(0.03, 0.13, len(curve))), fourth, 0.02, 0.15, 0.15)
    else:
        solid(canvas, ellipse(-0.3, 0.12, 0.13, 0.13), second, 0.03, 0.15, 0.2)
        star = [
            (r * np.cos(a), r * np.sin(a))
            for r, a in zip((0.1, 0.04) * 5, np.arange(10) * np.pi / 5 - np.pi / 2, strict=True)
        ]
        canvas.lay(canvas.cut(transform(star, -0.3, 0.12)), third)
