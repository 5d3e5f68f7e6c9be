"""The parts of a photo come in reading order and are named after their matches."""

import pytest

from app.pages.language import language
from app.pages.looks import part_names
from app.search.look.part_names import shared_category
from app.search.look.reading_order import in_reading_order
from features.base import Box, Region
from mappings.search.results import Hit


def region(left: float, top: float, right: float, bottom: float) -> Region:
    return Region(Box(left, top, right, bottom), 0.5)


def hit(*categories: str) -> Hit:
    return Hit("1", 0.9, {}, None, {"category": list(categories)} if categories else {})


def test_parts_are_read_row_by_row_from_the_left() -> None:
    upper_right, upper_left = region(0.6, 0.05, 0.9, 0.4), region(0.1, 0.1, 0.4, 0.45)
    lower_right, lower_left = region(0.6, 0.6, 0.9, 0.95), region(0.05, 0.55, 0.4, 0.9)
    mixed = [lower_right, upper_right, lower_left, upper_left]
    assert in_reading_order(mixed) == [upper_left, upper_right, lower_left, lower_right]
    assert in_reading_order([]) == []


@pytest.mark.parametrize(
    ("hits", "category"),
    [
        ([hit("Home", "Home > Mugs"), hit("Home", "Home > Mugs"), hit("Toys")], "Home > Mugs"),
        ([hit("Home", "Home > Mugs"), hit("Home", "Home > Rugs"), hit("Toys")], "Home"),
        ([hit("Home"), hit("Toys"), hit("Shoes")], ""),
        ([hit("Home")], "Home"),
        ([hit(), hit(), hit("Home")], ""),
        ([], ""),
    ],
    ids=["deepest", "common", "no majority", "one match", "mostly none", "no match"],
)
def test_a_category_that_most_matches_share_names_a_part(hits: list[Hit], category: str) -> None:
    assert shared_category(hits) == category


def test_parts_have_different_names() -> None:
    categories = ["Home > Mugs", "", "Home > Mugs", "Home > Rugs"]
    assert part_names(categories, language("en")) == ["Mugs 1", "Part 2", "Mugs 2", "Rugs"]
    assert part_names(["", ""], language("ja")) == ["部分1", "部分2"]
