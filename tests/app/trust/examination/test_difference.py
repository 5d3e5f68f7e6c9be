"""What keeps two pictures of one layout apart has a name."""

import pytest

from app.trust.examination.difference import name_difference, text_lines
from features.geometry.alignment import Alignment

COLOURWAY = {"exactness": 0.95, "recoloured_whole": 0.4}
OTHER_WORDS = {"exactness": 0.99, "replaced": 0.002, "replaced_balance": 0.6}
PLACE = Alignment(
    (1.0, 0.0, 0.0, 0.0, 1.0, 0.0), (200, 100), (200, 100), 90, 99, 1.0, 1.0, 0.0,
    replaced_box=(20.0, 40.0, 80.0, 60.0),
)  # fmt: skip
LINE = {"text": "GARLIC", "box": [0.1, 0.4, 0.4, 0.6], "confidence": 0.9}
ELSEWHERE = {"text": "SALSA", "box": [0.6, 0.7, 0.9, 0.9], "confidence": 0.9}
OTHER_PRINT = {"exactness": 0.95, "drawn_in_both": 0.05}


@pytest.mark.parametrize(
    ("signals", "name"), [(COLOURWAY, "recoloured"), (OTHER_PRINT, "other_print"), ({}, None)]
)
def test_the_difference_of_one_layout_is_named(signals: dict[str, float], name: str | None) -> None:
    assert name_difference("same_product", signals) == name


@pytest.mark.parametrize("label", ["same_file", "same_photo"])
def test_one_photo_has_no_difference(label: str) -> None:
    assert name_difference(label, COLOURWAY) is None


def test_another_layout_has_no_difference() -> None:
    assert name_difference("none", {**OTHER_PRINT, "exactness": 0.2}) is None


def test_what_replaces_a_line_that_was_read_is_other_words() -> None:
    assert name_difference("none", OTHER_WORDS, PLACE, [ELSEWHERE, LINE]) == "other_words"
    assert name_difference("none", OTHER_WORDS, PLACE, [ELSEWHERE]) == "other_print"
    assert (
        name_difference("none", OTHER_WORDS, PLACE, [{**LINE, "confidence": 0.2}]) == "other_print"
    )


def test_lines_are_those_of_the_stored_reading() -> None:
    assert list(text_lines({"ocr": {"text": "GARLIC", "lines": [LINE]}})) == [LINE]
    assert list(text_lines({})) == []


def test_a_replaced_place_is_found_again_from_the_other_side() -> None:
    moved = Alignment(
        (0.5, 0.0, 10.0, 0.0, 0.5, 5.0), (200, 100), (120, 60), 90, 99, 1.0, 1.0, 0.0,
        replaced_box=(20.0, 15.0, 50.0, 25.0),
    )  # fmt: skip
    assert moved.inverted().replaced_box == pytest.approx((20, 20, 80, 40))
    assert Alignment.from_json(moved.to_json()) == moved
