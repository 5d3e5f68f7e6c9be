"""What was measured is worth what it says, and is read back as it was kept."""

import pytest

from features.base import ApproximateSearch
from mappings.catalogue.recall import (
    FORMAT,
    RECALL_KEY,
    RecallFigure,
    RecallTable,
    from_meta,
    lower_bound,
    to_meta,
)

TABLE = RecallTable(
    "2026-11-21T18:00:00+00:00",
    products=90,
    pictures=100,
    queries=7,
    figures={
        "look": (
            RecallFigure(1.0, None, 1.0, 0.99, 3, 5),
            RecallFigure(0.1, ApproximateSearch(200, 200), 0.9, 0.8, 1, 2),
            RecallFigure(0.1, ApproximateSearch(200, 2000, 10), 0.95, 0.85, 2, 4),
        )
    },
)


def test_table_is_read_back_as_it_was_kept() -> None:
    assert from_meta({"lookalike": {RECALL_KEY: to_meta(TABLE)}}) == TABLE


@pytest.mark.parametrize(
    "meta", [{}, None, {"lookalike": {RECALL_KEY: {**to_meta(TABLE), "format": FORMAT + 1}}}]
)
def test_another_format_counts_as_not_measured(meta: object) -> None:
    assert from_meta(meta) is None


@pytest.mark.parametrize(
    ("pictures", "outgrown"), [(100, False), (150, False), (151, True), (66, True)]
)
def test_table_is_outgrown_by_half_as_much_again(pictures: int, outgrown: bool) -> None:
    assert TABLE.is_outgrown(pictures) is outgrown


def test_bound_is_wilsons_where_neighbours_are_missed_one_by_one() -> None:
    # 2000 trials of which 1980 hit: the interval's lower end, by hand.
    recalls = [0.9, *[1.0] * 9] * 20
    assert lower_bound(recalls, 10) == pytest.approx(0.98563, abs=1e-4)


def test_neighbours_missed_together_prove_less() -> None:
    apart = [0.9] * 20 + [1.0] * 180
    together = [0.0] * 2 + [1.0] * 198
    assert sum(apart) == sum(together)
    assert lower_bound(together, 10) < lower_bound(apart, 10) - 0.01


def test_few_questions_prove_little_even_without_a_miss() -> None:
    assert lower_bound([], 10) == 0
    assert 0.78 < lower_bound([1.0], 10) < 0.8
    assert lower_bound([1.0] * 26, 10) < 0.99 < lower_bound([1.0] * 27, 10)
