"""Pairs of packs, tables and cards that differ in their words, and copies that do not."""

from dataclasses import replace

from PIL import Image, ImageDraw

from bench.edits.drawn_goods import draw_goods, open_font
from bench.edits.flat_cards import draw_flat_card, made_word
from bench.edits.stage import Pair, PairStage
from features.geometry.keypoints import detect
from features.geometry.matching import fit_transform
from features.geometry.view import shrink

LABELLED = ("tin", "sauce", "box")
"""Kinds of the demo's drawing that have a label."""

CELL = (124, 54)
"""Width and height of a table's cells, in pixels."""

CHANGED = 0.6
"""Share of a table's numbers that another version changes."""

CARDS = 8
"""Unrelated cards among which the two most alike are taken."""

Numbers = list[list[int]]


def other_words(stage: PairStage) -> Pair:
    """Return a pack with another word in one line, or a table with other numbers."""
    roll, lot = stage.roll, stage.roll.random()
    if lot < 0.3:
        design, take = stage.design(LABELLED), stage.seed()
        other = replace(design, words=made_word(roll).upper())
        return stage.served(stage.photo(design, take)), stage.photo(other, take)
    if lot < 0.55:
        numbers, look = _numbers(stage), (roll.randint(18, 28), stage.font())
        changed = [
            [roll.randint(10, 199) if roll.random() < CHANGED else number for number in row]
            for row in numbers
        ]
        return stage.served(_table(numbers, *look)), _table(changed, *look)
    goods = replace(stage.goods(), print_name="", words=stage.words())
    lines = list(goods.words)
    lines[roll.randrange(len(lines))] = made_word(roll).upper()
    return stage.served(draw_goods(goods)), draw_goods(replace(goods, words=tuple(lines)))


def words_overprinted(stage: PairStage) -> Pair:
    """Return a copy of a pack or table with a ribbon, price or watermark over it."""
    lot = stage.roll.random()
    if lot < 0.3:
        picture = stage.photo(stage.design(LABELLED), stage.seed())
    elif lot < 0.55:
        picture = _table(_numbers(stage), stage.roll.randint(18, 28), stage.font())
    else:
        picture = draw_goods(replace(stage.goods(), print_name="", words=stage.words()))
    return stage.served(stage.overprinted(picture)), picture


def unrelated_cards(stage: PairStage) -> Pair:
    """Return two low-detail pictures with nothing in common, the most alike by their keypoints."""
    cards = [draw_flat_card(stage.seed(), stage.font()) for _ in range(CARDS)]
    keypoints = [detect(shrink(card)) for card in cards]
    fits = [fit_transform(keypoints[0], other) for other in keypoints[1:]]
    inliers = [fit.inliers if fit else 0 for fit in fits]
    return cards[0], cards[1 + inliers.index(max(inliers))]


def card_edited(stage: PairStage) -> Pair:
    """Return a copy of a low-detail picture."""
    card = draw_flat_card(stage.seed(), stage.font())
    return stage.served(card), card


def _numbers(stage: PairStage) -> Numbers:
    roll = stage.roll
    rows, columns = roll.randint(4, 7), roll.randint(3, 6)
    return [[roll.randint(10, 199) for _ in range(columns)] for _ in range(rows)]


def _table(numbers: Numbers, size: int, font: str) -> Image.Image:
    """Draw a table of sizes with a heading."""
    width, height = CELL[0] * (len(numbers[0]) + 1) + 60, CELL[1] * len(numbers) + 120
    picture = Image.new("RGB", (width, height), (255, 255, 255))
    pen, letters = ImageDraw.Draw(picture), open_font(font, size)
    pen.text((30, 20), "Sizes (cm)", (0, 0, 0), open_font(font, size + 8))
    for down, row in enumerate(numbers):
        for across, text in enumerate((f"No. {down + 1}", *map(str, row))):
            left, top = 30 + CELL[0] * across, 80 + CELL[1] * down
            pen.rectangle((left, top, left + CELL[0], top + CELL[1]), outline=(110, 110, 110))
            pen.text((left + 14, top + 12), text, (10, 10, 10), letters)
    return picture
