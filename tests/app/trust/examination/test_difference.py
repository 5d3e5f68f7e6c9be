"""What keeps two pictures of one layout apart has a name."""

import pytest

from app.trust.examination.difference import name_difference

COLOURWAY = {"exactness": 0.95, "recoloured_whole": 0.4}
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
