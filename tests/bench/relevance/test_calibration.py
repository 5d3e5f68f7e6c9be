"""Calibration is judged on what it was not fitted on, and on the hits people see."""

from pathlib import Path

import pytest

from bench.relevance import calibration
from bench.relevance.calibration import JudgedScores, SearchedPhoto
from indexer.calibration.examples import CalibrationExample
from indexer.calibration.fitting import ScoreModel
from indexer.calibration.labelled_queries import ProductPhoto

LINE = ScoreModel(bias=-4.0, lift=1.0, weights={"embedding": 6.0})


def asked(product: str, part: str = "train") -> SearchedPhoto:
    hits = ((product, {"embedding": 0.9}), ("other", {"embedding": 0.5}))
    return SearchedPhoto(
        ProductPhoto(Path("a.jpg"), product), part, CalibrationExample(product, 0.2, 0.1, hits)
    )


def test_split_by_product_has_no_product_on_both_sides() -> None:
    photos = [asked(f"p{n % 7}", "val" if n % 5 == 0 else "train") for n in range(50)]
    for name in ("by_product", "by_product_back"):
        is_fitted = calibration.splits(photos)[name]
        fitted = {one.photo.product_id for one in photos if is_fitted(one)}
        judged = {one.photo.product_id for one in photos if not is_fitted(one)}
        assert fitted
        assert judged
        assert not fitted & judged


def test_split_by_source_needs_both_parts() -> None:
    assert "by_source" not in calibration.splits([asked("p1"), asked("p2")])
    both = [asked("p1"), asked("p2", "val")]
    is_fitted = calibration.splits(both)["by_source"]
    assert [is_fitted(one) for one in both] == [True, False]


def test_hits_are_judged_by_probability_and_strangers_without_their_product() -> None:
    judged = calibration.judge_scores([asked("p1").example], LINE)
    (first, second), *_ = judged.hits
    assert first == (pytest.approx(1 / (1 + 2.718281828 ** -(0.2 - 4 + 5.4))), True)
    assert second[1] is False
    assert judged.best_unrelated == [pytest.approx(1 / (1 + 2.718281828 ** -(0.1 - 4 + 3.0)))]


def test_first_hits_are_those_of_every_query() -> None:
    judged = JudgedScores([[(0.9, True), (0.2, False)], [(0.4, False)]], [])
    assert judged.first_hits(1) == ([0.9, 0.4], [True, False])
    assert judged.first_hits(5) == ([0.9, 0.2, 0.4], [True, False, False])


def test_reliability_of_the_first_pages_is_drawn(tmp_path: Path) -> None:
    calibration.draw_reliability(
        tmp_path / "plot.svg", JudgedScores([[(0.9, True), (0.2, False)]], [])
    )
    assert "P(relevant), first page" in (tmp_path / "plot.svg").read_text(encoding="utf-8")
