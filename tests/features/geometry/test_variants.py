"""What variants made from one photo look like to the geometric check, beside copies of it."""

import io
from dataclasses import replace

import pytest
from PIL import Image, ImageDraw, ImageEnhance

from bench.edits.drawn_goods import DrawnGoods, draw_goods
from bench.edits.flat_cards import draw_flat_card
from features.geometry.comparison import compare
from features.geometry.view import PictureView
from tests.features.geometry.pictures import align

LABELLED = DrawnGoods("towel-3", (150, 60, 40), words=("SALSA", "TOMATO BASIL", "500 ML"))
PRINTED = DrawnGoods("towel-3", (40, 60, 120), print_name="moon")
PLAIN = DrawnGoods("towel-3", (40, 60, 120), trim=(230, 200, 40))


def saved(picture: Image.Image) -> Image.Image:
    """Return the picture as another shop serves it."""
    file = io.BytesIO()
    picture.resize((500, 500)).save(file, "JPEG", quality=75)
    return Image.open(file).convert("RGB")


def with_price(picture: Image.Image) -> Image.Image:
    copy = picture.copy()
    pen = ImageDraw.Draw(copy)
    pen.rounded_rectangle((60, 60, 250, 130), 12, fill="#d3282f")
    pen.text((80, 70), "12.99", "white", font_size=50)
    return copy


@pytest.mark.parametrize(
    ("goods", "other"),
    [
        (LABELLED, replace(LABELLED, words=("SALSA", "GARLIC CHILI", "500 ML"))),
        (PRINTED, replace(PRINTED, print_name="house")),
    ],
)
def test_another_word_or_print_replaces_and_a_price_covers(
    goods: DrawnGoods, other: DrawnGoods
) -> None:
    picture = draw_goods(goods)
    replaced = align(saved(draw_goods(other)), picture).details["replaced"]
    covered = align(saved(with_price(picture)), picture).details["replaced"]
    assert replaced > 3 * covered


def test_a_dye_leaves_the_label_as_it_was_and_a_tint_does_not() -> None:
    picture = draw_goods(LABELLED)
    dyed = align(saved(draw_goods(replace(LABELLED, colour=(60, 130, 190)))), picture).details
    tinted = align(saved(ImageEnhance.Brightness(picture).enhance(0.7)), picture).details
    marks = ("tint_kept", "repainted")
    assert sum(dyed[name] for name in marks) > 0.05
    assert sum(tinted[name] for name in marks) < 0.02


def test_a_strap_in_another_colour_keeps_its_outline_and_a_sticker_has_its_own() -> None:
    picture = draw_goods(PLAIN)
    strap = align(saved(draw_goods(replace(PLAIN, trim=(200, 30, 40)))), picture)
    sticker = align(saved(with_price(picture)), picture)
    assert strap.details["repainted"] > 2 * sticker.details["repainted"]


def test_unrelated_plain_cards_explain_little_of_each_other() -> None:
    cards = [PictureView.of(draw_flat_card(f"card {number}")) for number in range(14)]
    explained = [
        found.details["explained_less"]
        for place, card in enumerate(cards)
        for other in cards[:place]
        if (found := compare(card, other)) is not None
    ]
    assert max(explained, default=0.0) < 0.4


def test_nothing_drawn_aligns_with_nothing() -> None:
    plain = [Image.new("RGB", (400, 300), colour) for colour in ("white", "#f0f0f0")]
    assert compare(*map(PictureView.of, plain)) is None
