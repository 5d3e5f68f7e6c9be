"""What every feature promises, as tests."""

import copy
import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from features import contract
from features.base import ApproximateSearch, ClauseContext, Feature, Picture
from features.conformance.capability_suites import SUITES
from features.conformance.subjects import PictureFixtures, blank_picture, find_key, is_alike

FILTERS = ({"term": {"brand": "Acme"}},)


class FeatureConformance(PictureFixtures):
    """What every feature promises. A subclass has a fixture `feature`, of the scope class."""

    @pytest.fixture(scope="class")
    @classmethod
    def feature(cls) -> Feature:
        raise NotImplementedError("write a fixture `feature` that returns the plug-in's feature")

    def test_it_breaks_nothing_that_is_checked_at_start(self, feature: Feature) -> None:
        assert contract.feature_violations(feature, feature.name) == []

    def test_every_capability_is_tested_and_no_other(self, feature: Feature) -> None:
        present = {suite.__name__ for kind, suite in SUITES.items() if isinstance(feature, kind)}
        tested = {suite.__name__ for suite in SUITES.values() if isinstance(self, suite)}
        assert tested == present, "derive the test class from the suites of its capabilities"

    def test_mapping_is_fresh_on_every_call(self, feature: Feature) -> None:
        before = copy.deepcopy(feature.mapping())
        feature.mapping().clear()
        assert feature.mapping() == before

    def test_no_pictures_give_no_values(self, feature: Feature) -> None:
        assert feature.extract([]) == []

    def test_values_come_in_the_order_of_the_pictures(
        self, feature: Feature, pictures: list[Picture]
    ) -> None:
        forwards, backwards = feature.extract(pictures), feature.extract(pictures[::-1])
        assert len(forwards) == len(pictures)
        assert None not in forwards, "override the fixture `pictures` with some it sees"
        assert is_alike(forwards, backwards[::-1])
        assert not is_alike(forwards, backwards)

    def test_values_are_the_same_from_several_threads(
        self, feature: Feature, pictures: list[Picture]
    ) -> None:
        expected = feature.extract(pictures)
        with ThreadPoolExecutor(4) as threads:
            found = list(threads.map(lambda _: feature.extract(pictures), range(8)))
        assert all(is_alike(values, expected) for values in found)

    def test_values_are_plain_json(self, feature: Feature, pictures: list[Picture]) -> None:
        values = feature.extract(pictures)
        assert json.loads(json.dumps(values, allow_nan=False)) == values

    @pytest.mark.parametrize("size", [(1, 1), (400, 1), (1, 400)], ids=str)
    def test_a_picture_of_any_shape_has_a_value_or_none(
        self, feature: Feature, size: tuple[int, int]
    ) -> None:
        assert len(feature.extract([blank_picture(size)])) == 1

    @pytest.mark.parametrize("approximate", [None, ApproximateSearch(10, 100)], ids=["exact", "k"])
    def test_same_arguments_give_the_same_clause(
        self, feature: Feature, pictures: list[Picture], approximate: ApproximateSearch | None
    ) -> None:
        value = feature.extract(pictures)[0]
        before = copy.deepcopy(value)
        context = ClauseContext(f"images.{feature.name}", approximate, FILTERS)
        first, second = (json.dumps(feature.clause(value, context)) for _ in range(2))
        assert first == second
        assert value == before, "a clause must leave its value as it is"

    def test_a_clause_that_picks_neighbours_filters_inside(
        self, feature: Feature, pictures: list[Picture]
    ) -> None:
        context = ClauseContext(f"images.{feature.name}", ApproximateSearch(10, 100), FILTERS)
        clause = feature.clause(feature.extract(pictures)[0], context)
        assert all(knn.get("filter") == list(FILTERS) for knn in find_key(clause, "knn"))
