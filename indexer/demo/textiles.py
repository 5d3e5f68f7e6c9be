"""Cushions, rugs and scarves: mostly pattern."""

import numpy as np

from indexer.demo.canvas import Canvas
from indexer.demo.cloth import drape, stitch
from indexer.demo.design import Design
from indexer.demo.outline import (
    Array,
    ellipse,
    ribbon,
    rotate_axes,
    rounded_rectangle,
    smooth,
    transform,
)
from indexer.demo.paint import coverage, paint_over
from indexer.demo.palette import CHALK, mix
from indexer.demo.surface import folds, normals, puff, soften, weave


def draw_cushion(canvas: Canvas, design: Design) -> None:
    """Draw a plump cushion: square, oblong or round, piped, sometimes with pompoms or a tuft."""
    roll = design.dice()
    _, second, third, _ = design.colours
    shape = ("square", "oblong", "square", "round")[design.shape % 4]
    if shape == "round":
        path = ellipse(0, 0, 0.66, 0.66)
    else:
        wide, tall = (0.64, 0.64) if shape == "square" else (0.78, 0.48)
        pinch = roll.uniform(0.05, 0.08)
        path = smooth(
            [
                (-wide, -tall),
                (-wide * 0.8, -tall + 0.4 * pinch),
                (0, -tall + pinch),
                (wide * 0.8, -tall + 0.4 * pinch),
                (wide, -tall),
                (wide - 0.4 * pinch, -tall * 0.8),
                (wide - pinch, 0),
                (wide - 0.4 * pinch, tall * 0.8),
                (wide, tall),
                (wide * 0.8, tall - 0.4 * pinch),
                (0, tall - pinch),
                (-wide * 0.8, tall - 0.4 * pinch),
                (-wide, tall),
                (-wide + 0.4 * pinch, tall * 0.8),
                (-wide + pinch, 0),
                (-wide + 0.4 * pinch, -tall * 0.8),
            ],
        )
    whole = canvas.cut(path)
    canvas.cast(whole, 0.05, 0.07, 0.07, 0.5)
    if roll.random() < 0.3 and shape != "round":
        for k in range(0, len(path), 6):
            ball = canvas.cut(transform(ellipse(0, 0, 0.04, 0.04), *path[k]))
            canvas.lay(ball, third, normals(puff(ball, 0.04)))
    piping = canvas.cut(path * 1.015)
    canvas.lay(piping, second, normals(puff(piping, 0.02)), 0.1)
    height = puff(whole, 0.55, 0.62, 0.12) + folds(whole, design.number, 0.009)
    if shape == "round" or roll.random() < 0.2:
        away = np.hypot(whole.x, whole.y)
        ray = 1 + 0.12 * np.cos(np.arctan2(whole.y, whole.x) * 16) * np.clip(1 - away, 0, 1)
        height = height * ray - (0.16 * whole.unit) * np.exp(-((away / 0.12) ** 2))
    coat = design.print_pattern(whole.x, whole.y, whole.pixel, roll.uniform(0.9, 1.8))
    canvas.lay(whole, coat * weave(whole, 0.012), normals(height.astype(np.float32)))
    if shape == "round":
        tuft = canvas.cut(ellipse(0, 0, 0.05, 0.05))
        canvas.lay(tuft, second, normals(puff(tuft, 0.04)), 0.2)


def draw_rug(canvas: Canvas, design: Design) -> None:
    """Draw a rug from above: field, borders, often a medallion, fringes at the short ends."""
    roll = design.dice()
    main, second, third, fourth = design.colours
    is_round = design.shape % 4 == 3
    wide, tall = (0.76, 0.76) if is_round else (0.84, roll.uniform(0.5, 0.6))
    path = (
        ellipse(0, 0, wide, tall) if is_round else rounded_rectangle(0, 0, 2 * wide, 2 * tall, 0.02)
    )
    if not is_round:
        for hand in (-1, 1):
            threads = [
                ribbon(
                    [
                        (hand * wide, y),
                        (hand * (wide + roll.uniform(0.05, 0.08)), y + roll.uniform(-0.01, 0.01)),
                    ],
                    0.012,
                )
                for y in np.arange(-tall + 0.02, tall, 0.026)
            ]
            fringe = canvas.cut(*threads)
            canvas.cast(fringe, 0.008, 0.01, 0.008, 0.25)
            canvas.lay(fringe, mix(CHALK, second, 0.2))
    rug = canvas.cut(path)
    canvas.cast(rug, 0.015, 0.02, 0.02, 0.4)
    x, y, pixel = rug.x, rug.y, rug.pixel
    edge = np.hypot(x, y) - wide if is_round else np.maximum(np.abs(x) - wide, np.abs(y) - tall)
    # Both halves mirror each other, as woven rugs do.
    coat = design.print_pattern(np.abs(x), np.abs(y), pixel, roll.uniform(0.9, 1.5))
    layout = roll.choice(("medallion", "field", "bands", "field"))
    if layout == "medallion":
        diamond = np.abs(x) / wide + np.abs(y) / tall - roll.uniform(0.5, 0.75)
        for grow, ink in ((0.06, second), (0.0, third)):
            keep = coverage(diamond - grow, pixel * 1.7)
            coat = paint_over(coat, keep, ink)
        inner = coverage(diamond + 0.12, pixel * 1.7)
        coat = paint_over(coat, inner, main)
    elif layout == "bands":
        pitch = roll.uniform(0.3, 0.45)
        band = coverage(np.abs(x / pitch - np.round(x / pitch)) * pitch - 0.1, pixel)
        coat = paint_over(coat, band, second)
    for inset, width, ink in ((0.0, 0.05, third), (0.09, 0.012, fourth), (0.13, 0.02, second)):
        line = coverage(np.abs(edge + inset) - width, pixel)
        coat = paint_over(coat, line, ink)
    drape(canvas, rug, coat, design.number, 0.02, 0.006, 0.02)


def draw_scarf(canvas: Canvas, design: Design) -> None:
    """Draw a scarf: looped, or folded into a flat stack, fringed."""
    roll = design.dice()
    (_loop if design.shape % 2 else _folded)(canvas, design, roll.uniform(0.8, 1.3))


def _fringe(canvas: Canvas, design: Design, start: Array, end: Array, along: Array) -> None:
    roll = design.dice("fringe")
    threads = []
    for share in np.linspace(0.04, 0.96, 17):
        root = start + share * (end - start)
        tip = root + along * roll.uniform(0.1, 0.15) + np.array([roll.uniform(-0.02, 0.02), 0])
        threads.append(ribbon([tuple(root), tuple(tip)], 0.018))
    patch = canvas.cut(*threads)
    canvas.cast(patch, 0.01, 0.012, 0.01, 0.3)
    canvas.lay(patch, mix(design.colours[0], design.colours[1], 0.35), normals(puff(patch, 0.01)))


def _tail(canvas: Canvas, design: Design, line: Array, width: float, scale: float) -> None:
    """Lay a strip of cloth along a line, its pattern following the line, creased along it."""
    patch = canvas.cut(ribbon(line, width))
    canvas.cast(patch, 0.025, 0.035, 0.035, 0.4)
    middle = line[len(line) // 2]
    run = line[-1] - line[0]
    turn = np.arctan2(run[1], run[0])
    x, y = patch.x - float(middle[0]), patch.y - float(middle[1])
    along, across = rotate_axes(x, y, float(turn))
    coat = design.print_pattern(across * 1.2, along, patch.pixel, scale)
    ridges = np.sin(across * (16 / width) * 0.5 + 1.5 * np.sin(along * 2)) * (0.014 * patch.unit)
    height = puff(patch, 0.07, 0.9) + ridges + folds(patch, design.number, 0.008)
    canvas.lay(patch, coat * weave(patch, 0.014), normals(height.astype(np.float32)))


def _loop(canvas: Canvas, design: Design, scale: float) -> None:
    roll = design.dice("loop")
    lean = roll.uniform(0.12, 0.28)
    for hand in (-1, 1):
        line = smooth([(-hand * 0.1, -0.2), (hand * 0.1, 0.25), (hand * lean, 0.68)], False)
        ends = ribbon(line, 0.34)
        half = len(line)
        _fringe(canvas, design, ends[half - 1], ends[half], np.array([hand * 0.2, 1.0]))
        _tail(canvas, design, line, 0.34, scale)
    hoop = ellipse(0, -0.3, 0.42, 0.32)
    _tail(canvas, design, hoop[34:74], 0.3, scale)
    _tail(canvas, design, np.vstack([hoop[-2:], hoop[:38]]), 0.33, scale)


def _folded(canvas: Canvas, design: Design, scale: float) -> None:
    roll = design.dice("fold")
    for k, top in enumerate((0.34, 0.1, -0.16)):
        slip = roll.uniform(-0.05, 0.05)
        path = transform(
            rounded_rectangle(0, 0, 1.3, 0.5, 0.1), slip, top + 0.1, roll.uniform(-0.04, 0.04)
        )
        if k == 0:
            start, end = np.array([-0.6 + slip, 0.68]), np.array([0.6 + slip, 0.68])
            _fringe(canvas, design, start, end, np.array([0.0, 1.0]))
        patch = canvas.cut(path)
        canvas.cast(patch, 0.02, 0.04, 0.04, 0.45)
        coat = design.print_pattern(patch.x - slip, patch.y + 0.37 * k, patch.pixel, scale)
        height = puff(patch, 0.12, 0.8) + folds(patch, design.number + k, 0.012, (0.4, 1.2))
        canvas.lay(patch, coat * weave(patch, 0.014), normals(soften(height, 1)))
    label = canvas.cut(rounded_rectangle(0.42, 0.22, 0.2, 0.1, 0.01))
    canvas.cast(label, 0.006, 0.008, 0.008, 0.3)
    canvas.lay(label, mix(CHALK, design.colours[0], 0.1))
    stitch(canvas, np.array([(0.33, 0.18), (0.51, 0.18)]), design.colours[0])
