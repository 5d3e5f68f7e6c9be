"""Weights are fitted to clicks, and written only where they are better."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bench.errors import TooFewClicks
from bench.experiments.coec import grades
from bench.experiments.fit_weights import weights_line
from bench.experiments.plain_coec import plain_grades
from bench.experiments.shown_impressions import impressions_of
from bench.experiments.simulated_clicks import IN_SERVICE, PREFERRED, simulate_clicks
from bench.experiments.weight_check import check_weights
from bench.experiments.weight_fitting import Impressions, fit_weights, session_gains
from mappings.events.click_counts import ClickCount
from mappings.events.shown_hits import ShownHit, ShownPage
from tests.bench.conftest import Run


def test_bench_fits_what_shoppers_prefer(run: Run, tmp_path: Path) -> None:
    target, graded = tmp_path / "weights.env", tmp_path / "grades.csv"
    figures = run("fit-weights", "--sessions", 700, "--write", target, "--grades", graded)
    assert figures["preference.correlation"]["pass"]
    assert figures["preference.ndcg10_gain"]["pass"]
    assert figures["coec.largest_difference"]["pass"]
    assert figures["coec.pairs"]["pass"]
    assert target.read_text().startswith("LOOKALIKE_WEIGHTS=words:1,")
    assert graded.read_bytes().startswith(b"query,product,grade\r\n")


def test_order_of_the_preferences_is_found() -> None:
    fitted = fit_weights(simulate_clicks(2_000, 1).impressions).weights
    assert sorted(fitted, key=fitted.__getitem__) == sorted(PREFERRED, key=PREFERRED.__getitem__)


def test_later_positions_are_looked_at_less() -> None:
    examination = fit_weights(simulate_clicks(2_000, 2).impressions).examination
    assert examination[0] == 1
    assert examination[1] > 0.7 > examination[5] > examination[15]


def test_weights_that_are_not_better_are_told_from_those_that_are() -> None:
    shown = simulate_clicks(1_500, 3).impressions
    assert check_weights(shown, IN_SERVICE, 1).is_better
    assert not check_weights(shown, PREFERRED, 1).is_better


def test_clicks_at_random_are_no_reason_to_change_weights() -> None:
    shown = simulate_clicks(1_500, 4).impressions
    random = np.random.default_rng(4).permutation(shown.clicked)
    assert not check_weights(replace(shown, clicked=random), IN_SERVICE, 1).is_better


def test_too_few_sessions_are_refused() -> None:
    with pytest.raises(TooFewClicks, match="100 sessions with a click are not enough"):
        check_weights(simulate_clicks(100, 5).impressions, IN_SERVICE, 1)


def test_searches_without_a_click_are_left_out() -> None:
    hits = (ShownHit("a", 1, {"text": 0.5}), ShownHit("b", 2, {"colour": 0.25}))
    pages = [ShownPage("q", hits), ShownPage("unclicked", hits)]
    found = impressions_of(pages, {("q", "b"), ("other", "a")})
    assert found.clauses == ("colour", "text")
    assert found.scores.tolist() == [[0, 0.5], [0.25, 0]]
    assert found.clicked.tolist() == [0, 1]
    assert found.position.tolist() == [1, 2]


def test_nothing_clicked_is_said() -> None:
    with pytest.raises(TooFewClicks, match="no search with recorded scores was clicked"):
        impressions_of([], set())


def test_ndcg_is_that_of_the_textbook() -> None:
    shown = Impressions(
        ("text",), np.zeros((3, 1)), np.zeros(3, dtype=np.int64), np.array([1, 2, 3]), np.zeros(3)
    )
    found = session_gains(shown, np.array([0.1, 0.9, 0.5]), np.array([3.0, 0.0, 1.0]))
    best = 3 / np.log2(2) + 1 / np.log2(3)
    assert found.ndcg == pytest.approx((1 / np.log2(3) + 3 / np.log2(4)) / best)


def test_words_count_whole_in_the_written_line() -> None:
    assert weights_line({"embedding": 1, "text": 0.25}) == "words:1,embedding:1,text:0.25"


def test_grades_are_clicks_over_expected_clicks() -> None:
    counts = [
        ClickCount("mug", "a", 1, impressions=100),
        ClickCount("mug", "a", 1, clicks=30),
        ClickCount("mug", "b", 2, impressions=100),
        ClickCount("mug", "b", 2, clicks=15),
        ClickCount("cup", "a", 1, impressions=100),
        ClickCount("cup", "a", 1, clicks=10),
        ClickCount("cup", "c", 2, impressions=50),
        ClickCount("cup", "d", 7, impressions=50),
    ]
    # At position 1, 40 of 200 are clicked; at 2, 15 of 150; at 7 none ever.
    assert grades(counts) == {
        ("mug", "a"): 1.5,
        ("mug", "b"): 1.5,
        ("cup", "a"): 0.5,
        ("cup", "c"): 0.0,
        ("cup", "d"): 0.0,
    }


def test_products_that_moved_are_expected_what_each_position_brings() -> None:
    counts = [
        ClickCount("mug", "a", 1, impressions=10),
        ClickCount("mug", "a", 1, clicks=4),
        ClickCount("mug", "a", 2, impressions=10),
        ClickCount("mug", "a", 2, clicks=2),
        ClickCount("cup", "b", 2, impressions=10),
    ]
    # At position 1, 4 of 10; at position 2, 2 of 20.
    assert grades(counts)["mug", "a"] == pytest.approx(6 / (4 + 1))


def event(action: str, query: str, product: str, position: int) -> dict[str, object]:
    attributes = {"object": {"object_id": product}, "position": {"ordinal": position}}
    return {"action_name": action, "user_query": query, "event_attributes": attributes}


def test_plain_reference_reads_impressions_and_clicks_within_the_rank_alone() -> None:
    events = [
        *[event("impression", "mug", "a", 1)] * 4,
        event("click", "mug", "a", 1),
        event("view", "mug", "a", 1),
        event("impression", "mug", "b", 21),
        event("click", "mug", "b", 21),
    ]
    assert plain_grades(events, 20) == {("mug", "a"): 1.0}
