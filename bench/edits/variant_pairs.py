"""Pairs of variants made from one photo, and copies that are easily taken for them."""

from dataclasses import replace

import numpy as np
from PIL import Image, ImageChops, ImageFilter

from bench.edits import random_edits
from bench.edits.drawn_goods import SHAPES, draw_goods, draw_print
from bench.edits.flat_cards import made_word
from bench.edits.stage import LEAST_INK, Pair, PairStage
from indexer.demo.motif import PATTERNS
from indexer.demo.palette import SCHEMES

DYED = ("mug", "bottle", "vase", "cushion", "shirt", "tote", "backpack", "socks", "sauce")
PRINTED = ("mug", "cushion", "plate", "shirt")
"""Kinds of the demo's drawing that are dyed, and that carry a pattern or print."""

PRINT_SHAPES = (0, 3, 4, 7)
"""Shapes of the demo's shirt that carry a print on the chest."""

GROUNDS = ((255, 255, 255), (0, 0, 0), (128, 128, 128), (225, 205, 180), (30, 44, 84))


def dyed(stage: PairStage) -> Pair:
    """Return goods in two dyes."""
    if stage.roll.random() < 0.3:
        first, second = stage.roll.sample(SCHEMES, 2)
        design, take = stage.design(DYED), stage.seed()
        photos = [stage.photo(replace(design, scheme=each), take) for each in (first, second)]
        return stage.served(photos[0]), photos[1]
    goods = stage.goods()
    other = replace(goods, colour=stage.other_colour(goods.colour))
    return stage.served(draw_goods(goods)), draw_goods(other)


def same_dye_edited(stage: PairStage) -> Pair:
    """Return a copy of dyed goods after an edit of the whole picture."""
    picture = _photo_of_goods(stage)
    name = stage.roll.choice(
        ("exposure", "contrast", "saturation", "haze", "shrink", "squeeze", "trim")
    )
    return random_edits.EDITS[name](picture, stage.roll), picture


def other_trim(stage: PairStage) -> Pair:
    """Return goods with a lid, handle or hem in two colours."""
    goods = replace(stage.goods(), trim=stage.colour())
    other = replace(goods, trim=stage.other_colour(goods.trim or (0, 0, 0), LEAST_INK))
    return stage.served(draw_goods(goods)), draw_goods(other)


def other_print(stage: PairStage) -> Pair:
    """Return one blank with two prints, in one place."""
    roll = stage.roll
    lot = roll.random()
    if lot < 0.25:
        design, take = stage.design(PRINTED), stage.seed()
        patterns, shapes = roll.sample(sorted(PATTERNS), 2), roll.sample(PRINT_SHAPES, 2)
        if design.kind == "shirt":
            designs = [replace(design, shape=shape) for shape in shapes]
        else:
            designs = [replace(design, pattern=name) for name in patterns]
        photos = [stage.photo(each, take) for each in designs]
        return stage.served(photos[0]), photos[1]
    names = _two_prints(stage)
    if lot < 0.5:
        photos = _printed_on_real(stage, names)
    else:
        goods = replace(stage.goods(), words=())
        photos = [draw_goods(replace(goods, print_name=name)) for name in names]
    return stage.served(photos[0]), photos[1]


def print_overprinted(stage: PairStage) -> Pair:
    """Return a copy of printed goods with a ribbon, price or watermark over it."""
    names = _two_prints(stage)
    if stage.roll.random() < 0.4:
        picture = _printed_on_real(stage, names)[0]
    else:
        picture = draw_goods(replace(stage.goods(), words=(), print_name=names[0]))
    return stage.served(stage.overprinted(picture)), picture


def other_ground(stage: PairStage) -> Pair:
    """Return goods that were cut out and laid on two plain grounds."""
    goods = stage.goods()
    cut = [draw_goods(goods, ground) for ground in ((255, 255, 255), (255, 0, 255))]
    mask = same_pixels(cut[0], cut[1]).filter(ImageFilter.GaussianBlur(0.6))
    laid = []
    for colour in stage.roll.sample(GROUNDS, 2):
        ground = Image.new("RGB", cut[0].size, colour)
        ground.paste(cut[0], mask=mask)
        laid.append(ground)
    return stage.served(laid[0]), laid[1]


def bars(stage: PairStage) -> Pair:
    """Return a real picture between two sorts of bars."""
    picture = stage.real()
    across = stage.roll.random() < 0.7
    share = stage.roll.uniform(0.3, 1.2)
    first, second = stage.roll.sample(("black", "white", "blurred", "none"), 2)
    return _between_bars(picture, first, share, across=across), _between_bars(
        picture, second, share, across=across
    )


def same_pixels(first: Image.Image, second: Image.Image) -> Image.Image:
    """Return a mask of the pixels that two pictures of one size share, 0 or 255."""
    bands = ImageChops.difference(first, second).split()
    most = ImageChops.lighter(ImageChops.lighter(bands[0], bands[1]), bands[2])
    return most.point(lambda level: 255 if level < 3 else 0)


def _between_bars(picture: Image.Image, kind: str, share: float, *, across: bool) -> Image.Image:
    if kind == "none":
        return picture
    width, height = picture.size
    size = (round(width * (1 + share)), height) if across else (width, round(height * (1 + share)))
    if kind == "blurred":
        sheet = picture.resize(size).filter(ImageFilter.GaussianBlur(max(size) / 40))
    else:
        sheet = Image.new("RGB", size, kind)
    sheet.paste(picture, ((size[0] - width) // 2, (size[1] - height) // 2))
    return sheet


def _photo_of_goods(stage: PairStage) -> Image.Image:
    if stage.roll.random() < 0.3:
        return stage.photo(stage.design(DYED), stage.seed())
    return draw_goods(stage.goods())


def _two_prints(stage: PairStage) -> tuple[str, str]:
    if stage.roll.random() < 0.35:
        return made_word(stage.roll).upper(), made_word(stage.roll).upper()
    first, second = stage.roll.sample(SHAPES, 2)
    return first, second


def _printed_on_real(stage: PairStage, names: tuple[str, str]) -> list[Image.Image]:
    """Return a real picture with each of the prints, in one place."""
    roll, blank = stage.roll, stage.real()
    size = roll.choice((0.14, 0.2, 0.3)) * min(blank.size)
    left = blank.width * roll.uniform(0.4, 0.5) - size / 2
    top = blank.height * roll.uniform(0.4, 0.55) - size / 2
    box = (round(left), round(top), round(left + size), round(top + size))
    mean = np.asarray(blank.crop(box).resize((1, 1), Image.Resampling.BOX))[0, 0]
    red, green, blue = (int(level) for level in mean)
    colour, font = stage.other_colour((red, green, blue), LEAST_INK), stage.font()
    pictures = [blank.copy() for _ in names]
    for picture, name in zip(pictures, names, strict=True):
        draw_print(picture, name, colour, box, font)
    return pictures
