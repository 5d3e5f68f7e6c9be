"""Limits on distances, against cases counted by hand."""

import math

import numpy as np
import pytest

from bench.statistics.thresholds import (
    best_f1,
    figures_at,
    widest_at_precision,
    widest_without_mistakes,
)

SAME = np.array([0.1, 0.2, 0.3, 0.5, math.inf])
DIFFERENT = np.array([0.4, 0.6, 0.6, math.inf])


def test_cut_counts_what_lies_at_the_limit_or_below() -> None:
    found = figures_at(SAME, DIFFERENT, 0.5)
    assert (found.recall, found.precision) == (4 / 5, 4 / 5)


def test_pair_without_a_signal_is_reached_by_no_limit() -> None:
    found = figures_at(SAME, DIFFERENT, math.inf)
    assert (found.recall, found.precision) == (4 / 5, 4 / 7)


def test_limit_without_mistakes_is_the_last_before_another_picture() -> None:
    found = widest_without_mistakes(SAME, DIFFERENT)
    assert (found.limit, found.recall, found.precision) == (0.3, 3 / 5, 1.0)


def test_no_limit_will_do_where_another_picture_is_nearest() -> None:
    found = widest_without_mistakes(SAME, np.array([0.05]))
    assert (found.limit, found.recall, found.precision) == (-math.inf, 0.0, 1.0)


def test_another_picture_as_near_as_a_copy_is_a_mistake() -> None:
    assert widest_without_mistakes(SAME, np.array([0.2])).limit == 0.1


def test_precision_allows_few_mistakes_among_many() -> None:
    assert widest_at_precision(SAME, DIFFERENT, 0.8).limit == 0.5
    assert widest_at_precision(SAME, DIFFERENT, 0.81).limit == 0.3


def test_precision_must_hold_all_the_way() -> None:
    # Precision falls to 1/2 at .1 and is back at 4/5 by .5: the dip ends it.
    assert widest_at_precision(SAME, np.array([0.05]), 0.8).recall == 0.0


def test_best_f1_weighs_recall_and_precision() -> None:
    # F1 at .3: 6/8; at .5: 8/10.
    assert best_f1(SAME, DIFFERENT).limit == 0.5
    # Eight strangers at .25: F1 at .2 is 4/7, at .5 8/17.
    assert best_f1(SAME, np.full(8, 0.25)).limit == 0.2


def test_contestant_without_any_signal_has_no_recall() -> None:
    nothing = np.array([math.inf, math.inf])
    assert best_f1(nothing, DIFFERENT).recall == 0.0
    assert widest_without_mistakes(nothing, DIFFERENT).recall == 0.0


def test_recall_of_nothing_is_an_error() -> None:
    with pytest.raises(ValueError, match="at least one true pair"):
        figures_at(np.array([]), DIFFERENT, 1.0)
