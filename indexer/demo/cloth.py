"""Soft things: cloth laid over a shape, with thickness, creases, threads and stitches."""

import numpy as np

from indexer.demo.canvas import Canvas, Patch
from indexer.demo.design import Design
from indexer.demo.emblem import emblem
from indexer.demo.lettering import imprint, words
from indexer.demo.outline import Array, Points, ellipse, ribbon, transform
from indexer.demo.paint import paint_over
from indexer.demo.palette import Colour, mix, readable_on
from indexer.demo.surface import folds, normals, puff, weave


def drape(
    canvas: Canvas,
    patch: Patch,
    colour: Colour | Array,
    seed: int,
    edge: float = 0.06,
    creases: float = 0.014,
    thread: float = 0.012,
    stretch: tuple[float, float] = (1.0, 0.55),
) -> None:
    """Lay cloth: `edge` units of rounding, `creases` units deep, threads `thread` units apart."""
    height = puff(patch, edge, 0.8)
    if creases:
        height = height + folds(patch, seed, creases, stretch)
    lit = np.asarray(colour, np.float32) * weave(patch, thread)
    canvas.lay(patch, lit, normals(height))


def solid(
    canvas: Canvas,
    path: Points,
    colour: Colour | Array,
    edge: float = 0.04,
    gloss: float = 0.1,
    shadow: float = 0.2,
) -> Patch:
    """Lay a rounded part with a small shadow under it, and return where it lies."""
    patch = canvas.cut(path)
    if shadow:
        away = 0.012 if canvas.light[0] < 0 else -0.012
        canvas.cast(patch, away, 0.02, 0.02, shadow)
    canvas.lay(patch, colour, normals(puff(patch, edge, 0.8)), gloss)
    return patch


def stitch(canvas: Canvas, line: Array, colour: Colour, length: float = 0.022) -> None:
    """Sew a dashed line along a path of object points."""
    steps = np.linalg.norm(np.diff(line, axis=0), axis=1)
    along = np.concatenate([[0], np.cumsum(steps)])
    starts = np.arange(0, along[-1] - length, length * 1.8)
    if not len(starts):
        return
    dashes = []
    for start in starts:
        at = np.array([start, start + length])
        ends = np.stack([np.interp(at, along, line[:, k]) for k in (0, 1)], 1)
        dashes.append(ribbon(ends, 0.008))
    canvas.lay(canvas.cut(*dashes), colour, opacity=0.8)


def print_emblem(
    design: Design, patch: Patch, coat: Array, centre: tuple[float, float], size: float
) -> Array:
    """Return `coat` with the design's motif, `size` units from middle to edge, and its words."""
    x, y = (patch.x - centre[0]) / size, (patch.y - centre[1]) / size
    for mask, index in emblem(design, x, y, patch.pixel / size):
        coat = paint_over(coat, mask, design.colours[index])
    return print_words(
        design, patch, coat, (centre[0], centre[1] + size * 1.3), (size * 2.1, size * 0.3)
    )


def print_words(
    design: Design, patch: Patch, coat: Array, centre: tuple[float, float], box: tuple[float, float]
) -> Array:
    """Return `coat` with the design's words, if it has any, in a box about `centre`."""
    if not design.words:
        return coat
    main, second, third, fourth = design.colours
    x, y = patch.x - centre[0], patch.y - centre[1]
    letters = imprint(words(design.words), x, y, box, patch.pixel)
    return paint_over(coat, letters, readable_on(main, second, third, fourth))


def button(canvas: Canvas, x: float, y: float, radius: float, colour: Colour) -> None:
    """Sew on a round, shiny button or rivet."""
    solid(canvas, ellipse(x, y, radius, radius), colour, radius, 0.5)
    hole = mix(colour, (0, 0, 0), 0.5)
    canvas.lay(
        canvas.cut(
            *(
                transform(ellipse(0, 0, radius * 0.13, radius * 0.13), x + k * radius * 0.3, y)
                for k in (-1, 1)
            )
        ),
        hole,
    )
