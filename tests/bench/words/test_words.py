"""The questions of the words bench say what they claim to."""

import random

import pytest

from bench.words import japanese_shop
from bench.words.demo_colours import ACCEPTED, is_surely
from bench.words.known_items import KINDS, KnownItems, mistyped, other_form
from bench.words.listing import Listing, plain_words
from bench.words.photo_colours import colour_pairs, shares
from bench.words.product_sets import ProductSet, product_sets, singular
from indexer.demo.palette import COLOURS_BY_NAME

KIND = ("Mugs", "Tote Bags", "Scarves", "Boxes")
SHADES = ("Navy", "Cobalt", "Tomato", "Mint", "Teal", "Plum", "Rose")


def listing(number: int) -> Listing:
    kind, shade = KIND[number % 4], SHADES[number % 7]
    return Listing(
        {
            "id": f"shop-{number:03}",
            "title": f"Quiet {singular(kind).title()} Number{number} in {shade}",
            "brand": f"Maker{number % 5}",
            "category": [f"Home > {kind}"],
            "color": shade,
            "size": "50 x 70 cm" if number % 2 else "M",
            "gtin": f"95200000{number:05}",
            "description": "Of linen.",
        }
    )


LISTINGS = [listing(number) for number in range(48)]


@pytest.mark.parametrize("kind", KINDS)
def test_questions_have_a_right_answer_and_come_again_for_a_seed(kind: str) -> None:
    questions = KnownItems(LISTINGS, 3).questions(kind, 30)
    assert len(questions) >= 20
    assert all(question.targets for question in questions)
    assert questions == KnownItems(LISTINGS, 3).questions(kind, 30)
    assert questions != KnownItems(LISTINGS, 4).questions(kind, 30)


def test_only_the_right_products_have_all_words() -> None:
    for question in KnownItems(LISTINGS, 1).questions("plain", 30):
        words = question.text.split()
        holders = {one.id for one in LISTINGS if one.words.issuperset(words)}
        assert holders == question.targets


def test_a_typo_is_no_word_of_the_shop() -> None:
    vocabulary = {word for one in LISTINGS for word in one.words}
    for question in KnownItems(LISTINGS, 1).questions("typo", 30):
        assert sum(word not in vocabulary for word in question.text.split()) == 1


def test_a_slip_keeps_the_first_letter() -> None:
    dice = random.Random(5)
    slips = {mistyped("cushion", dice) for _ in range(200)}
    assert len(slips) > 20
    assert all(slip.startswith("c") and 6 <= len(slip) <= 8 for slip in slips)


@pytest.mark.parametrize(("word", "forms"), [
    ("mugs", {"mug"}), ("box", {"boxes", "box's"}), ("berry", {"berries", "berry's"}),
    ("glass", {"glasses", "glass's"}), ("toy", {"toys", "toy's"}),
])  # fmt: skip
def test_nouns_change_their_form(word: str, forms: set[str]) -> None:
    assert {other_form(word, random.Random(seed)) for seed in range(40)} == forms


def test_sets_are_counted_by_the_feed() -> None:
    by_text = {one.text: one for one in product_sets(LISTINGS, 150, 2)}
    mugs = [one for one in LISTINGS if one.kind == "Mugs"]
    assert by_text["mug"] == ProductSet("mug", len(mugs), len(mugs))
    red = [one for one in mugs if is_surely(one.text("color"), "red")]
    rose = [one for one in mugs if one.text("color") == "Rose"]  # may be called red
    assert by_text["red mug"] == ProductSet("red mug", len(red), len(red) + len(rose))
    blue = by_text["blue mug"]
    assert blue.least < blue.most  # navy may be called black, teal green


@pytest.mark.parametrize(("total", "is_right"), [(18, True), (17, False), (33, True), (34, False)])
def test_totals_are_right_within_a_tenth(total: int, is_right: bool) -> None:
    assert ProductSet("mug", 20, 30).holds(total) is is_right


def test_a_pair_asks_for_another_colour_that_is_there() -> None:
    for pair in colour_pairs(LISTINGS, 20, 1):
        assert pair.basic not in ACCEPTED[pair.pictured.text("color")]
        there = [
            one
            for one in LISTINGS
            if one.kind == pair.pictured.kind and is_surely(one.text("color"), pair.basic)
        ]
        assert len(there) == pair.available
        assert shares(pair, there) == (1.0, 1.0)
        assert shares(pair, [pair.pictured] * 10) == (0.0, 1.0)


def test_every_colour_of_the_demo_may_be_called_something() -> None:
    assert ACCEPTED.keys() == COLOURS_BY_NAME.keys()


def test_japanese_questions_mean_goods_that_are_sold() -> None:
    ids = {row["id"] for row in japanese_shop.rows()}
    questions = japanese_shop.questions()
    assert len(questions) > 100
    assert all(question.targets <= ids for question in questions)


def test_words_are_cut_plainly() -> None:
    assert plain_words("A T-Shirt of the maker's, 2") == ["t", "shirt", "maker's", "2"]
