"""Draw pictures with little in them: tags, notices, icons, samples of colour, simple screens.

No two have anything in common but by chance.
"""

import random
from collections.abc import Callable

from PIL import Image, ImageDraw

from bench.edits.drawn_goods import SHAPES, Colour, draw_print, open_font

SYLLABLES = (
    "ba", "den", "for", "gil", "hu", "jo", "ka", "lem", "mon", "nu", "pra", "ral", "sto", "tin",
    "vu", "wes", "xo", "yar", "zen", "cli", "dru",
)  # fmt: skip

WHITE, BLACK = (255, 255, 255), (18, 18, 20)


def draw_flat_card(seed: str, font: str = "") -> Image.Image:
    """Return a low-detail picture of 360 to 900 pixels a side."""
    roll = random.Random(seed)
    size = (roll.randint(360, 900), roll.randint(360, 900))
    ground = WHITE if roll.random() < 0.4 else _colour(roll)
    card = Image.new("RGB", size, ground)
    roll.choice(LAYOUTS)(card, roll, ground, font)
    return card


def made_word(roll: random.Random) -> str:
    """Return a word that means nothing."""
    return "".join(roll.sample(SYLLABLES, roll.randint(2, 3)))


def _notice(card: Image.Image, roll: random.Random, ground: Colour, font: str) -> None:
    pen = ImageDraw.Draw(card)
    top = roll.uniform(0.1, 0.4) * card.height
    for _ in range(roll.randint(1, 4)):
        size = roll.randint(22, 68)
        words = " ".join(made_word(roll) for _ in range(roll.randint(1, 3)))
        words = words.upper() if roll.random() < 0.5 else words
        pen.text(
            (roll.uniform(0.04, 0.2) * card.width, top), words, _ink(ground), open_font(font, size)
        )
        top += size * 1.6


def _tag(card: Image.Image, roll: random.Random, ground: Colour, font: str) -> None:
    pen = ImageDraw.Draw(card)
    edge = roll.randint(4, 20)
    pen.rounded_rectangle(
        (edge, edge, card.width - edge, card.height - edge), roll.choice((0, 18)),
        outline=_colour(roll), width=roll.randint(2, 12),
    )  # fmt: skip
    price = f"{roll.randint(1, 400)}{roll.choice(('.00', '.50', '.99', ',-'))}"
    where = (card.width * roll.uniform(0.15, 0.3), card.height * roll.uniform(0.3, 0.5))
    pen.text(where, price, _colour(roll), open_font(font, roll.randint(60, 140)))
    number = f"{roll.choice('ABC')}-{roll.randrange(10**6)}"
    pen.text((card.width * 0.15, card.height * 0.8), number, _ink(ground), open_font(font, 24))


def _icon(card: Image.Image, roll: random.Random, ground: Colour, font: str) -> None:
    side = min(card.size) * roll.uniform(0.2, 0.6)
    x, y = roll.uniform(0.1, 0.4) * card.width, roll.uniform(0.1, 0.4) * card.height
    draw_print(card, roll.choice(SHAPES), _colour(roll), (x, y, x + side, y + side))
    _caption(card, roll, ground, font)


def _sample(card: Image.Image, roll: random.Random, ground: Colour, font: str) -> None:
    pen = ImageDraw.Draw(card)
    across = roll.randint(1, 3)
    for place in range(across):
        left, right = (card.width * (place + side) / across for side in (0.04, 0.96))
        pen.rectangle((left, 0.05 * card.height, right, 0.7 * card.height), fill=_colour(roll))
    _caption(card, roll, ground, font)


def _screen(card: Image.Image, roll: random.Random, ground: Colour, font: str) -> None:
    pen = ImageDraw.Draw(card)
    bar = roll.uniform(0.06, 0.14) * card.height
    pen.rectangle((0, 0, card.width, bar), fill=_colour(roll))
    pen.text((16, bar * 0.2), made_word(roll), WHITE, open_font(font, max(12, round(bar * 0.5))))
    top = bar * 1.6
    while top < card.height * 0.75:
        end = card.width * roll.uniform(0.3, 0.95)
        pen.rounded_rectangle((card.width * 0.05, top, end, top + 14), 4, fill=(196, 196, 202))
        top += roll.choice((26, 40, 90))
    button = (
        card.width * 0.05,
        card.height * 0.85,
        card.width * roll.uniform(0.4, 0.9),
        card.height * 0.95,
    )
    pen.rounded_rectangle(button, 12, fill=_colour(roll))


def _caption(card: Image.Image, roll: random.Random, ground: Colour, font: str) -> None:
    where = (card.width * roll.uniform(0.05, 0.3), card.height * roll.uniform(0.78, 0.88))
    ImageDraw.Draw(card).text(
        where, made_word(roll), _ink(ground), open_font(font, roll.randint(24, 44))
    )


def _colour(roll: random.Random) -> Colour:
    return (roll.randrange(256), roll.randrange(256), roll.randrange(256))


def _ink(ground: Colour) -> Colour:
    return BLACK if sum(ground) > 380 else WHITE


LAYOUTS: tuple[Callable[[Image.Image, random.Random, Colour, str], None], ...] = (
    _notice, _tag, _icon, _sample, _screen,
)  # fmt: skip
