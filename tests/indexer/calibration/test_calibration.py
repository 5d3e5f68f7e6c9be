"""Calibration from queries whose product is known: fitted true, refused when too few."""

import random
from collections.abc import Sequence
from math import exp
from pathlib import Path

import pytest
from click.testing import CliRunner

from bench.statistics.reliability import expected_calibration_error
from core.environment import Environment
from features.base import Json
from features.checksum import Checksum
from features.embedding.errors import TooFewPhotos
from features.imaging.decode import UPLOAD_LIMITS
from features.imaging.sandbox import Sandbox
from features.registry import Registry
from indexer.__main__ import main
from indexer.calibration import examples, fitting, labelled_queries
from indexer.calibration.examples import CalibrationExample, LabelledQuery
from indexer.errors import FeedUnreadable
from mappings.catalogue.catalogue import Catalogue
from mappings.catalogue.cohort import CohortBackground
from mappings.engine.gateway import Gateway
from tests.support.plain_features import MeasuredArrow, Stamp

REGISTRY = Registry([MeasuredArrow(), Stamp()])


def drawn(
    count: int, seed: int, *, proof: bool = False, hits: int = 10
) -> list[CalibrationExample]:
    """Return queries whose hits are right as often as a known line says."""
    lots = random.Random(seed)
    found = []
    for number in range(count):
        background = lots.uniform(0.2, 0.6)
        rows: list[tuple[str, dict[str, float]]] = []
        right = f"p{number % 20}"
        for score in sorted((lots.uniform(0.5, 1) for _ in range(hits)), reverse=True):
            odds = -18 + 6 * background + 20 * score
            is_right = lots.random() < 1 / (1 + exp(-odds))
            rows.append((right if is_right else f"x{len(rows)}", {"arrow": score}))
        if proof:
            rows.insert(0, (right, {"arrow": 1.0, "stamp": 1.0}))
        found.append(CalibrationExample(right, background, background, tuple(rows)))
    return found


def said(
    line: fitting.ScoreModel, found: Sequence[CalibrationExample]
) -> tuple[list[float], list[bool]]:
    pairs = [
        (line.probability(one.background, scores), key == one.product_id)
        for one in found
        for key, scores in one.hits
    ]
    return [p for p, _ in pairs], [is_right for _, is_right in pairs]


def test_fitted_probabilities_are_true_of_other_queries() -> None:
    line = fitting.fit_score_model(drawn(1500, 1), REGISTRY)
    assert expected_calibration_error(*said(line, drawn(1500, 2))) < 0.03
    assert line.weights["arrow"] > 0


def test_constant_probability_would_not_pass_for_calibrated_where_it_matters() -> None:
    """The guard of the test above: one number for all is far off at the high end."""
    _, right = said(fitting.ScoreModel(0, 0, {}), drawn(1500, 2))
    assert expected_calibration_error([0.5] * len(right), right) > 0.05


def test_proof_gets_its_fixed_worth_and_teaches_the_line_nothing() -> None:
    line = fitting.fit_score_model(drawn(800, 3), REGISTRY)
    proved = fitting.fit_score_model(drawn(800, 3, proof=True), REGISTRY)
    assert line.weights["stamp"] == proved.weights["stamp"] == fitting.CONCLUSIVE_LOG_ODDS
    assert proved.weights["arrow"] > 0
    assert proved.probability(0.4, {"arrow": 1.0, "stamp": 1.0}) > 0.99


def test_feature_that_speaks_against_what_it_finds_gets_no_weight() -> None:
    lots = random.Random(4)
    found = [
        CalibrationExample(
            one.product_id,
            one.background,
            one.background,
            tuple(
                (key, {**scores, "noise": 0.0 if key == one.product_id else lots.random()})
                for key, scores in one.hits
            ),
        )
        for one in drawn(400, 4)
    ]
    assert "noise" not in fitting.fit_score_model(found, REGISTRY).weights


def test_few_strangers_pass_for_confident() -> None:
    fitted, others = drawn(1000, 5), drawn(1000, 6)
    line = fitting.fit_score_model(fitted, REGISTRY)
    cut = fitting.confidence_threshold(fitted, line)
    passing = sum(fitting.best_wrong_probability(one, line) > cut for one in others) / len(others)
    assert passing == pytest.approx(fitting.FALSE_CONFIDENCE_SHARE, abs=0.03)


def test_too_few_queries_are_refused_with_the_number_needed() -> None:
    with pytest.raises(TooFewPhotos, match="calibration needs 50, of at least 5 products"):
        fitting.fit_score_model(drawn(20, 7), REGISTRY)


def test_list_without_its_columns_is_named(tmp_path: Path) -> None:
    listed = tmp_path / "photos.csv"
    listed.write_text("file,label\na.jpg,p1\n", encoding="utf-8")
    with pytest.raises(FeedUnreadable, match="needs the columns image and product_id"):
        labelled_queries.read_photos(listed)


def test_photos_that_cannot_be_used_are_told_with_their_path(tmp_path: Path) -> None:
    (tmp_path / "broken.jpg").write_bytes(b"no picture")
    paths = [tmp_path / "broken.jpg", tmp_path / "missing.jpg"]
    photos = [labelled_queries.ProductPhoto(path, "p1") for path in paths]
    with Sandbox(1, UPLOAD_LIMITS) as decoder:
        queries = list(labelled_queries.extract_queries(photos, REGISTRY, decoder))
    skipped = [query for query in queries if isinstance(query, labelled_queries.SkippedPhoto)]
    assert [photo.path for photo in skipped] == paths
    assert all(photo.reason for photo in skipped)


def picture(image_id: str, arrow: list[float]) -> Json:
    return {"image_id": image_id, "arrow": arrow}


@pytest.fixture
def catalogue(gateway: Gateway, alias: str) -> Catalogue:
    """A product with two views, two with one, and one that shows the first's second view too."""
    catalogue = Catalogue(gateway, REGISTRY, alias)
    catalogue.prepare()
    catalogue.write(
        [
            {"id": "a", "images": [picture("a0", [1.0, 0.0]), picture("a1", [0.6, 0.8])]},
            {"id": "b", "images": [picture("b0", [0.0, 1.0])]},
            {"id": "c", "images": [picture("c0", [-1.0, 0.0])]},
            {"id": "d", "images": [picture("a1", [0.6, 0.8])]},
        ],
        refresh=True,
    )
    return catalogue


def test_further_picture_of_a_product_is_asked_with_and_not_found_itself(
    catalogue: Catalogue,
) -> None:
    (view,) = labelled_queries.catalogue_queries(catalogue, REGISTRY)
    assert (view.product_id, view.excluded_image_id) == ("a", "a1")
    cohort = CohortBackground(MeasuredArrow(), {"c": [-1.0, 0.0]})
    (example,) = examples.run_queries([view], catalogue, REGISTRY, {"arrow": 1.0}, cohort)
    assert example is not None
    scores = {key: scores["arrow"] for key, scores in example.hits}
    assert scores == pytest.approx({"b": 0.9, "a": 0.8, "c": 0.2}, abs=1e-4)


def test_picture_that_the_deciding_feature_saw_nothing_in_is_no_example(
    catalogue: Catalogue,
) -> None:
    cohort = CohortBackground(MeasuredArrow(), {"c": [-1.0, 0.0]})
    shown = LabelledQuery({"stamp": "gold"}, "a")
    assert list(examples.run_queries([shown], catalogue, REGISTRY, {"stamp": 1.0}, cohort)) == [
        None
    ]


def test_calibration_without_the_feature_it_rests_on_says_so(
    environment: Environment, gateway: Gateway
) -> None:
    settings = {**environment.values, "LOOKALIKE_FEATURES": "checksum"}
    features = Registry([Checksum()])
    Catalogue(gateway, features, environment.values["LOOKALIKE_INDEX"]).prepare()
    run = CliRunner().invoke(main, ["calibrate"], env=settings)
    assert run.exit_code == 2
    assert "calibration needs the feature embedding" in run.output
