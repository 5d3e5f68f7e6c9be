"""What scores are worth: kept with the index, and rising with the engine's own score."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.base import Json
from features.registry import Registry
from mappings.catalogue import calibration, cohort
from mappings.catalogue.calibration import Calibration
from mappings.catalogue.catalogue import Catalogue
from mappings.catalogue.scale import UNCALIBRATED, Scale
from mappings.engine.gateway import Gateway
from tests.support.plain_features import MeasuredArrow, Stamp

KEPT = Calibration(
    bias=-6.0,
    lift=2.0,
    weights={"arrow": 8.0, "stamp": 4.0},
    feature="arrow",
    cohort=("a", "b"),
    confident_from=0.4,
    source="photos",
    queries=120,
    products=40,
    at="2026-11-21T18:00:00+00:00",
)


@given(st.floats(-20, 20), st.floats(0.1, 100), st.floats(0, 1), st.floats(0, 1))
def test_shown_score_rises_with_the_engines_and_goes_back(
    bias: float, total: float, a: float, b: float
) -> None:
    scale = Scale("probability", bias, total)
    assert (scale.displayed_score(a) <= scale.displayed_score(b)) == (
        a <= b
    ) or scale.displayed_score(a) == scale.displayed_score(b)
    assert 0 <= scale.displayed_score(a) <= 1
    if 1e-6 < scale.displayed_score(a) < 1 - 1e-6:
        assert scale.engine_score(scale.displayed_score(a)) == pytest.approx(a, abs=1e-4)


@pytest.mark.parametrize("engine", [-1e9, 1e9])
def test_no_score_leaves_the_unit_interval(engine: float) -> None:
    for scale in (UNCALIBRATED, Scale("probability", -5.0, 10.0)):
        assert 0 <= scale.displayed_score(engine) <= 1


def test_plain_scale_is_the_engines_own() -> None:
    assert (
        UNCALIBRATED.displayed_score(0.3),
        UNCALIBRATED.engine_score(0.3),
        UNCALIBRATED.kind,
    ) == (
        0.3,
        0.3,
        "similarity",
    )


def test_farther_from_everything_a_likeness_is_worth_more() -> None:
    assert KEPT.scale(0.9).displayed_score(0.5) > KEPT.scale(0.1).displayed_score(0.5)


def test_catalogues_own_pictures_give_no_probability_but_an_estimate() -> None:
    assert KEPT.scale(0.5).kind == "probability"
    assert replace(KEPT, source="views").scale(0.5).kind == "estimate"


def test_calibration_survives_the_index_and_leaves_its_other_notes(
    catalogue: Catalogue, gateway: Gateway, registry: Registry
) -> None:
    assert catalogue.calibration() is None
    gateway.update_meta(catalogue.alias, lambda meta: {**meta, "other": {"a": 1}})
    catalogue.store_calibration(KEPT)
    assert catalogue.calibration() == KEPT
    (meta,) = gateway.index_meta(catalogue.alias).values()
    assert meta["lookalike"]["other"] == {"a": 1}
    catalogue.check_features()


def test_calibration_of_another_format_is_none() -> None:
    block = {**calibration.to_meta(KEPT), "format": 99}
    assert calibration.from_meta({"lookalike": {"calibration": block}}) is None


def product(key: str, arrow: list[float]) -> Json:
    return {"id": key, "images": [{"image_id": f"{key}-0", "arrow": arrow}]}


def test_cohort_is_of_products_with_a_picture_and_always_the_same(
    gateway: Gateway, alias: str
) -> None:
    catalogue = Catalogue(gateway, Registry([MeasuredArrow(), Stamp()]), alias)
    catalogue.prepare()
    shapes = [product(f"p{n}", [1.0, n / 100]) for n in range(cohort.COHORT_SIZE + 6)]
    twin = {**shapes[0], "id": "twin"}
    bare: Json = {"id": "bare", "images": []}
    catalogue.write([*shapes, twin, bare], refresh=True)
    ids = cohort.choose_cohort(catalogue)
    assert len(set(ids)) == cohort.COHORT_SIZE
    assert not {"bare", "twin"} & set(ids)
    assert cohort.choose_cohort(catalogue) == ids
    read = cohort.read_background(catalogue, [*ids, "gone"], MeasuredArrow())
    assert set(read.values) == set(ids)


def test_distance_to_the_background_is_that_of_its_nearest() -> None:
    values = {f"p{n}": [1.0, 0.0] if n < 2 else [-1.0, 0.0] for n in range(32)}
    background = cohort.CohortBackground(MeasuredArrow(), values)
    assert background.distance([1.0, 0.0]) == pytest.approx(0)
    assert background.distance([1.0, 0.0], without="p0") == pytest.approx(1)
    assert cohort.CohortBackground(MeasuredArrow(), {}).distance([1.0, 0.0]) is None
