"""The figures are right on cases worked out by hand."""

import pytest

from bench.statistics.metrics import average_precision, is_within, mean, percentile


@pytest.mark.parametrize(
    ("ranking", "relevant", "expected"),
    [
        ("abcd", "a", 1.0),
        ("abcd", "c", 1 / 3),
        ("abcd", "x", 0.0),
        ("abcd", "ac", (1 / 1 + 2 / 3) / 2),
        ("abcd", "bd", (1 / 2 + 2 / 4) / 2),
        ("abcd", "ax", (1 / 1) / 2),
        ("", "a", 0.0),
    ],
)
def test_average_precision(ranking: str, relevant: str, expected: float) -> None:
    assert average_precision(ranking, set(relevant)) == pytest.approx(expected)


def test_average_precision_needs_something_to_find() -> None:
    with pytest.raises(ValueError, match="relevant"):
        average_precision("abc", set())


@pytest.mark.parametrize(
    ("k", "expected"), [(1, False), (2, True), (5, True)], ids=["before", "at", "after"]
)
def test_item_is_within_its_rank_and_not_before(k: int, expected: bool) -> None:
    assert is_within(["a", "b", "c"], "b", k) is expected


def test_mean_of_answers_is_their_share() -> None:
    assert mean([True, False, False, True]) == 0.5


def test_mean_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one value"):
        mean([])


@pytest.mark.parametrize(
    ("percent", "expected"), [(50, 50), (95, 95), (99, 99), (100, 100), (0.5, 1), (94.1, 95)]
)
def test_percentile_of_one_to_hundred(percent: float, expected: int) -> None:
    assert percentile(range(100, 0, -1), percent) == expected


@pytest.mark.parametrize(("percent", "expected"), [(50, 2), (75, 3), (76, 4), (95, 4)])
def test_percentile_of_few_is_one_that_was_measured(percent: float, expected: int) -> None:
    assert percentile([4, 2, 1, 3], percent) == expected


@pytest.mark.parametrize(("values", "percent"), [([], 50), ([1], 0), ([1], 101)])
def test_percentile_that_is_none_is_refused(values: list[int], percent: float) -> None:
    with pytest.raises(ValueError, match="percentile"):
        percentile(values, percent)
