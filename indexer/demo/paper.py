"""Posters and notebooks."""

import numpy as np

from indexer.demo.canvas import Canvas
from indexer.demo.cloth import print_words, solid, stitch
from indexer.demo.design import Design
from indexer.demo.outline import ellipse, ribbon, rounded_rectangle
from indexer.demo.paint import coverage, paint_over, rgb, uniform_coat
from indexer.demo.palette import CHALK, INK, OAK, STEEL, WALNUT, mix
from indexer.demo.prints import artwork
from indexer.demo.surface import folds, noise, normals


def draw_poster(canvas: Canvas, design: Design) -> None:
    """Draw a framed print hanging on a wall."""
    roll = design.dice()
    wood = roll.choice((OAK, WALNUT, INK, CHALK, design.colours[2]))
    wide, tall = roll.choice(((0.56, 0.76), (0.62, 0.62), (0.5, 0.76), (0.76, 0.54)))
    rim, mat = roll.uniform(0.03, 0.05), roll.choice((0.0, 0.07, 0.11))
    outer = canvas.cut(rounded_rectangle(0, 0, 2 * wide, 2 * tall, 0.008))
    away = 0.05 if canvas.light[0] < 0 else -0.05
    canvas.cast(outer, away, 0.07, 0.05, 0.42)
    x, y = np.abs(outer.x), np.abs(outer.y)
    grain = 1 + 0.05 * noise(outer.x * 0.3, outer.y, design.number, 90)
    bevel = np.where(
        (wide - x < tall - y)[..., None],
        np.stack([np.sign(outer.x) * 0.45, x * 0, x * 0 + 0.9], -1),
        np.stack([x * 0, np.sign(outer.y) * 0.45, x * 0 + 0.9], -1),
    )
    canvas.lay(outer, rgb(wood) * grain[..., None], bevel.astype(np.float32), 0.15)
    paper = canvas.cut(rounded_rectangle(0, 0, 2 * (wide - rim), 2 * (tall - rim), 0.002))
    canvas.lay(paper, CHALK)
    wide, tall = wide - rim - mat, tall - rim - mat
    art = canvas.cut(rounded_rectangle(0, 0, 2 * wide, 2 * tall, 0.002))
    canvas.lay(
        art, artwork(design, art, wide, tall) * (1 + 0.015 * noise(art.x, art.y, 7, 150))[..., None]
    )
    # The frame's inner edge shades the paper on the side of the light.
    inset = np.minimum(paper.y - paper.y.min(), (paper.x - paper.x.min()) * 1.2)
    rows = canvas.pixels[paper.region]
    rows *= 1 - 0.22 * (np.exp(-inset / 0.02) * paper.mask)[..., None]
    glare = paper.x * 0.8 + paper.y - (0.5 if away > 0 else -0.6)
    rows += (0.05 * np.exp(-((glare / 0.22) ** 2)) * paper.mask)[..., None]


def draw_notebook(canvas: Canvas, design: Design) -> None:
    """Draw a notebook from above: pages at the edge, patterned cover, spine, band or spiral."""
    roll = design.dice()
    main, second, third, fourth = design.colours
    wide, tall = roll.choice(((0.48, 0.68), (0.52, 0.7), (0.56, 0.56)))
    binding = ("spine", "spiral", "band", "spine")[design.shape % 4]
    block = canvas.cut(rounded_rectangle(0.02, 0.022, 2 * wide, 2 * tall, 0.03))
    canvas.cast(block, 0.03, 0.045, 0.04, 0.45)
    leaves = 1 - 0.12 * (np.sin((block.x + block.y) * 500) > 0)
    canvas.lay(block, rgb(mix(CHALK, (1, 1, 1), 0.3)) * leaves[..., None].astype(np.float32))
    cover = canvas.cut(rounded_rectangle(0, 0, 2 * wide, 2 * tall, 0.035))
    coat = design.print_pattern(cover.x, cover.y, cover.pixel, roll.uniform(0.9, 1.6))
    if binding == "spine":
        cloth = coverage(cover.x + wide * 0.72, cover.pixel)
        coat = paint_over(coat, cloth, third)
    groove = np.exp(-(((cover.x + wide * 0.72) / 0.014) ** 2))
    coat = coat * (1 - 0.25 * groove)[..., None]
    bend = folds(cover, design.number, 0.003)
    canvas.lay(cover, coat.astype(np.float32), normals(bend), 0.15)
    _title(canvas, design, roll.uniform(-0.35, -0.1), wide)
    if binding == "spiral":
        for y in np.arange(-tall + 0.06, tall - 0.03, 0.075):
            hole = canvas.cut(ellipse(-wide + 0.06, y, 0.016, 0.016))
            canvas.lay(hole, INK)
            ring = ribbon([(-wide - 0.035, y - 0.012), (-wide + 0.06, y)], 0.022)
            solid(canvas, ring, STEEL, 0.011, 0.6, 0.3)
    elif binding == "band":
        elastic = rounded_rectangle(wide * 0.74, 0, 0.05, 2 * tall + 0.012, 0.004)
        solid(canvas, elastic, second, 0.02, 0.0, 0.3)
    else:
        line = np.array([(-wide * 0.78, -tall + 0.03), (-wide * 0.78, tall - 0.03)])
        stitch(canvas, line, mix(fourth, CHALK, 0.4))
    if design.shape % 3 == 0:
        mark = rounded_rectangle(wide * 0.3, tall + 0.05, 0.035, 0.16, 0.003)
        solid(canvas, mark, second if binding != "band" else main, 0.01, 0, 0.2)


def _title(canvas: Canvas, design: Design, y: float, wide: float) -> None:
    """Paste a paper label with the notebook's title on the cover."""
    plate = canvas.cut(rounded_rectangle(0, y, wide * 1.2, 0.3, 0.015))
    canvas.cast(plate, 0.004, 0.006, 0.006, 0.3)
    canvas.lay(plate, CHALK)
    dark = Design(
        design.kind,
        design.seed,
        design.shape,
        "plain",
        ("Chalk", "Ink", "Navy", "Ink"),
        design.words,
    )
    canvas.lay(
        plate, print_words(dark, plate, uniform_coat(CHALK, plate.mask), (0, y), (wide * 1.0, 0.12))
    )
