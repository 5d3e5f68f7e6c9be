"""The tables count what they say they count."""

import pytest

from bench.verdict.confusion import Prediction, breakdown_table, confusion_table, markdown_report

PREDICTIONS = [
    Prediction("same_photo", "same_photo", 0.99, "edited", "attack:crop_5"),
    Prediction("same_photo", "same_file", 1.0, "edited", "attack:crop_5"),
    Prediction("same_photo", "same_product", 0.4, "edited", "attack:hflip"),
    Prediction("same_product", "same_photo", 0.9, "judged", ""),
    Prediction("different", "same_product", 0.1, "hard", ""),
    Prediction("different", "none", 0.0, "random", ""),
]


def test_table_counts_labels_per_truth() -> None:
    head, _, *rows = confusion_table(PREDICTIONS).splitlines()
    assert head == "| truth | same_file | same_photo | same_product | none | no_signal | right |"
    assert rows == [
        "| same_photo | 1 | 1 | 1 | 0 | 0 | 0.667 |",
        "| same_product | 0 | 1 | 0 | 0 | 0 | 0.000 |",
        "| different | 0 | 0 | 1 | 1 | 0 | 1.000 |",
    ]


def test_breakdown_tells_recall_and_false_matches_per_edit() -> None:
    rows = breakdown_table(PREDICTIONS, lambda one: one.edit, "edit").splitlines()
    assert rows[2:] == [
        "| as it is | 3 | 0 | – | 1 |",
        "| attack:crop_5 | 2 | 2 | 1.000 | 0 |",
        "| attack:hflip | 1 | 1 | 0.000 | 0 |",
    ]


def test_look_alike_is_a_fair_answer_for_different_pictures_and_same_photo_is_not() -> None:
    assert Prediction("different", "same_product", 0.1).is_right
    assert Prediction("different", "same_photo", 0.9).is_false_match
    assert not Prediction("same_photo", "same_photo", 0.9).is_false_match


def test_report_tells_calibration_beside_the_tables() -> None:
    told = markdown_report(PREDICTIONS)
    assert "| truth |" in told
    assert "| edit |" in told
    assert "expected calibration error" in told
    assert "6 pairs, 3 of them between 0.05 and 0.95" in told


def test_no_predictions_have_no_report() -> None:
    with pytest.raises(ValueError, match="at least one"):
        markdown_report([])
