"""The outputs of three generations of detectors mean the same boxes."""

import numpy as np
import pytest

from features.errors import ModelUnavailable
from features.regions import yolo

SIDE = (640, 320)


def test_columns_of_newer_detectors() -> None:
    output = np.zeros((1, 6, 2100), np.float32)
    output[0, :, 7] = [320, 160, 64, 32, 0.1, 0.9]
    found = yolo.parse(output, SIDE)
    assert found.edges[7] == pytest.approx([0.45, 0.45, 0.55, 0.55])
    assert (found.scores[7], found.classes[7]) == (pytest.approx(0.9), 1)


def test_rows_of_older_detectors_weigh_classes_by_objectness() -> None:
    output = np.zeros((1, 6300, 7), np.float32)
    output[0, 5] = [320, 160, 64, 32, 0.5, 0.8, 0.2]
    found = yolo.parse(output, SIDE)
    assert found.edges[5] == pytest.approx([0.45, 0.45, 0.55, 0.55])
    assert (found.scores[5], found.classes[5]) == (pytest.approx(0.4), 0)


def test_older_detectors_of_one_class_are_not_taken_for_end_to_end() -> None:
    output = np.zeros((1, 6300, 6), np.float32)
    output[0, 5] = [320, 160, 64, 32, 0.5, 0.8]
    found = yolo.parse(output, SIDE)
    assert found.edges[5] == pytest.approx([0.45, 0.45, 0.55, 0.55])
    assert found.scores[5] == pytest.approx(0.4)


def test_rows_of_end_to_end_detectors_hold_edges() -> None:
    output = np.zeros((1, 300, 6), np.float32)
    output[0, 2] = [64, 32, 640, 320, 0.7, 3]
    found = yolo.parse(output, SIDE)
    assert found.edges[2] == pytest.approx([0.1, 0.1, 1, 1])
    assert (found.scores[2], found.classes[2]) == (pytest.approx(0.7), 3)


def test_shares_are_taken_as_they_are() -> None:
    output = np.zeros((1, 5, 2100), np.float32)
    output[0, :, 7] = [0.5, 0.5, 0.1, 0.1, 0.9]
    assert yolo.parse(output, SIDE).edges[7] == pytest.approx([0.45, 0.45, 0.55, 0.55])


@pytest.mark.parametrize("shape", [(1, 1000), (1, 4, 100), (2, 84, 8400), (1, 3, 80, 80, 85)])
def test_any_other_output_is_refused_with_its_shape(shape: tuple[int, ...]) -> None:
    with pytest.raises(ModelUnavailable, match="tiny puts out"):
        yolo.check_shape(shape, "tiny")
