"""The verdict model: what it reads, how it explains itself, and that it never contradicts sense."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.trust.examination.verdict import BoostedTrees, Tree, VerdictModel, probability

MODEL = VerdictModel.load()

STUMP = Tree(
    signal=[0, -1, -1],
    threshold=[10.0, 0.0, 0.0],
    left_child=[1, -1, -1],
    right_child=[2, -1, -1],
    missing_left=[True, False, False],
    value=[0.5, -1.0, 2.0],
)

COPY = {
    "pdq_distance": 4.0, "phash_distance": 2.0, "embedding_distance": 0.02, "inliers": 200.0,
    "residual": 0.4, "spread": 0.95, "coverage": 0.98, "agreement": 0.99, "exactness": 0.99,
    "exactness_low": 0.98, "exactness_coarse": 0.99, "disagreement": 0.0,
    "disagreement_coarse": 0.0, "disagreement_weight": 0.0, "blob": 0.0, "drawn_in_both": 0.0,
    "drawn_in_one": 0.0, "overlap_colour": 1.0, "colour_blob": 0.0, "colour_share": 0.0,
    "recoloured": 0.0, "hue": 0.5, "chroma": 0.5, "tint_cast": 0.03, "tint_gain": 0.02,
    "tint_saturation": 1.0, "drawn": 0.6,
}  # fmt: skip
STRANGER = {"pdq_distance": 128.0, "phash_distance": 32.0, "embedding_distance": 0.8}


def test_tree_follows_the_signal_and_tells_what_it_moved() -> None:
    for row, leaf, moved in (([4.0], -1.0, -1.5), ([11.0], 2.0, 1.5), ([None], -1.0, -1.5)):
        shares = [0.0]
        assert STUMP.follow(row, shares) == leaf
        assert shares == [moved]


def test_contributions_add_up_to_the_log_odds() -> None:
    trees = BoostedTrees(baseline=0.25, trees=(STUMP, STUMP), slope=2.0, intercept=-1.0)
    total, shares = trees.log_odds([11.0])
    roots = sum(tree.value[0] for tree in trees.trees)
    assert total == pytest.approx(2.0 * (0.25 + roots) - 1.0 + sum(shares))


def test_copy_stranger_and_nothing_are_told_apart() -> None:
    copy, stranger, nothing = (MODEL.predict(s) for s in (COPY, STRANGER, {}))
    assert MODEL.label(copy) == "same_photo"
    assert MODEL.label(stranger) == "none"
    assert MODEL.label(nothing) == "none"
    assert copy.p_same_product >= copy.p_same_photo > stranger.p_same_photo


def test_contributions_are_of_signals_that_were_had_weightiest_first() -> None:
    judged = MODEL.predict(STRANGER)
    assert {one.signal for one in judged.contributions} <= STRANGER.keys()
    weights = [abs(one.log_odds) for one in judged.contributions]
    assert weights == sorted(weights, reverse=True)


SHARES = st.floats(0, 1)


@given(before=SHARES, more=SHARES, agreement=SHARES)
def test_more_disagreement_never_makes_a_photo_more_the_same(
    before: float, more: float, agreement: float
) -> None:
    base = {**COPY, "agreement": agreement}
    for name in ("disagreement", "blob", "colour_blob", "drawn_in_both", "embedding_distance"):
        low, high = sorted((before, more))
        likelier = MODEL.predict({**base, name: low}).p_same_photo
        assert likelier >= MODEL.predict({**base, name: high}).p_same_photo


@pytest.mark.parametrize("odds", [-1e6, -3.0, 0.0, 3.0, 1e6])
def test_probability_is_never_certain(odds: float) -> None:
    assert 0 <= probability(odds) <= 1
    assert probability(0) == 0.5
    assert math.isclose(probability(3) + probability(-3), 1)


def test_model_names_its_data_and_its_reliability() -> None:
    reliability = MODEL.facts["reliability"]
    assert {"recall", "false_matches", "expected_calibration_error"} <= reliability.keys()
    assert MODEL.facts["data"]
    assert MODEL.facts["pairs"]["test"] > 0


@pytest.mark.parametrize("signals", [COPY, STRANGER, {}], ids=["copy", "other", "nothing"])
def test_a_signal_that_the_model_does_not_know_changes_no_verdict(
    signals: dict[str, float],
) -> None:
    judged = MODEL.predict({**signals, "brightness_distance": 0.9, "acme": 1e9})
    assert judged == MODEL.predict(signals)


def test_the_model_names_the_features_it_knows() -> None:
    assert MODEL.features == {"embedding", "pdq", "phash"}
