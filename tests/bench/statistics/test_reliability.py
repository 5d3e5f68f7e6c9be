"""Against figures worked out by hand."""

from collections.abc import Callable
from xml.etree import ElementTree as ET

import pytest

from bench.statistics.reliability import (
    ReliabilityBin,
    bins,
    brier,
    expected_calibration_error,
    plot,
)


def test_error_of_hand_computed_bins() -> None:
    # Bin 2 of 15 (0.133 – 0.2): says 0.15 on average, observes 1/2: gap 0.35, two pairs.
    # Bin 13 (0.8667 – 0.9333): says 0.9, observes 1: gap 0.1, two pairs. (2 · 0.35 + 2 · 0.1) / 4.
    error = expected_calibration_error([0.14, 0.16, 0.9, 0.9], [False, True, True, True])
    assert error == pytest.approx(0.225)


def test_certain_and_right_has_no_error() -> None:
    assert expected_calibration_error([0.0, 1.0], [False, True]) == 0


def test_certain_and_wrong_has_all_the_error() -> None:
    assert expected_calibration_error([0.0, 1.0], [True, False]) == 1


def test_constant_guess_at_the_true_share_is_calibrated_but_not_sharp() -> None:
    outcomes = [True, False, True, False]
    assert expected_calibration_error([0.5] * 4, outcomes) == 0
    assert brier([0.5] * 4, outcomes) == 0.25


def test_brier_of_hand_computed_errors() -> None:
    assert brier([0.8, 0.3], [True, False]) == pytest.approx((0.04 + 0.09) / 2)


def test_last_bin_holds_one_and_empty_bins_say_nothing() -> None:
    assert bins([1.0, 0.2], [True, False], count=2) == [
        ReliabilityBin(0.0, 0.5, 1, 0.2, 0.0),
        ReliabilityBin(0.5, 1.0, 1, 1.0, 1.0),
    ]
    assert bins([1.0], [True], count=2)[0] == ReliabilityBin(0.0, 0.5, 0, None, None)


@pytest.mark.parametrize("probability", [-0.1, 1.1, float("nan")])
def test_what_is_no_probability_is_refused(probability: float) -> None:
    with pytest.raises(ValueError, match="not a probability"):
        bins([probability], [True])


@pytest.mark.parametrize("figure", [expected_calibration_error, brier])
def test_nothing_has_no_figure(figure: Callable[..., float]) -> None:
    with pytest.raises(ValueError, match="at least one"):
        figure([], [])


def test_plot_is_well_formed_and_has_a_dot_for_each_filled_bin() -> None:
    drawn = ET.fromstring(plot(bins([0.1, 0.9, 0.92], [False, True, True]), "held out <35 %>"))
    name = "{http://www.w3.org/2000/svg}"
    assert drawn.findtext(f"{name}title") == "held out <35 %>"
    assert len(drawn.findall(f"{name}circle")) == 2
    assert "style" not in drawn.attrib
