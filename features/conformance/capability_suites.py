"""What each capability promises, as tests."""

import json
from collections.abc import Mapping

import pytest

from features import contract
from features.base import Feature, Picture
from features.capabilities import (
    CAPABILITIES,
    Averaging,
    Conclusive,
    Confident,
    Deferred,
    ExpensiveQuery,
    Explaining,
    Faceted,
    Identified,
    Measurable,
    QueryExpanding,
    QueryPhotoAware,
    Relocatable,
    TextQueryable,
    TextReading,
)
from features.conformance.subjects import PictureFixtures, blank_picture, context_of, is_alike


class QueryExpandingConformance(PictureFixtures):
    """What `QueryExpanding` promises."""

    def test_query_values_come_one_a_picture(
        self, feature: Feature, pictures: list[Picture]
    ) -> None:
        assert isinstance(feature, QueryExpanding)
        values = feature.extract_query(pictures)
        assert len(values) == len(pictures)
        assert feature.extract_query([]) == []
        assert all(feature.clause(value, context_of(feature)) for value in values)


class QueryPhotoAwareConformance(PictureFixtures):
    """What `QueryPhotoAware` promises."""

    @pytest.mark.parametrize("accurate", [False, True], ids=["quick", "accurate"])
    def test_photos_have_values_that_a_clause_takes(
        self, feature: Feature, pictures: list[Picture], accurate: bool
    ) -> None:
        assert isinstance(feature, QueryPhotoAware)
        values = feature.extract_photo(pictures, accurate=accurate)
        assert len(values) == len(pictures)
        assert feature.extract_photo([], accurate=accurate) == []
        assert all(feature.clause(value, context_of(feature)) for value in values)

    def test_stored_photos_have_values_that_a_clause_takes(
        self, feature: Feature, pictures: list[Picture]
    ) -> None:
        assert isinstance(feature, QueryPhotoAware)
        values = feature.extract_stored_photo(pictures)
        assert len(values) == len(pictures)
        assert all(feature.clause(value, context_of(feature)) for value in values)


class AveragingConformance(PictureFixtures):
    """What `Averaging` promises."""

    def test_the_mean_of_equal_values_is_that_value(
        self, feature: Feature, pictures: list[Picture]
    ) -> None:
        assert isinstance(feature, Averaging)
        value = feature.extract(pictures)[0]
        assert is_alike(feature.average([value, value]), value)

    def test_a_clause_takes_a_mean(self, feature: Feature, pictures: list[Picture]) -> None:
        assert isinstance(feature, Averaging)
        assert feature.clause(feature.average(feature.extract(pictures)), context_of(feature))


class TextQueryableConformance:
    """What `TextQueryable` promises."""

    def test_text_without_letters_searches_nothing(self, feature: Feature) -> None:
        assert isinstance(feature, TextQueryable)
        assert feature.query_from_text(" —  … ") is None

    def test_a_clause_takes_the_value_of_a_text(self, feature: Feature) -> None:
        assert isinstance(feature, TextQueryable)
        value = feature.query_from_text("oat milk")
        assert value is not None
        assert feature.clause(value, context_of(feature))


class TextReadingConformance(PictureFixtures):
    """What `TextReading` promises."""

    def test_a_picture_of_nothing_has_no_text(self, feature: Feature) -> None:
        assert isinstance(feature, TextReading)
        assert feature.read_text(blank_picture((64, 64))) == ""

    def test_text_is_lines(self, feature: Feature, pictures: list[Picture]) -> None:
        assert isinstance(feature, TextReading)
        text = feature.read_text(pictures[0])
        assert all(line.strip() for line in text.splitlines())


class DeferredConformance(PictureFixtures):
    """What `Deferred` promises."""

    def test_worthwhile_is_a_plain_yes_or_no(
        self, feature: Feature, pictures: list[Picture]
    ) -> None:
        assert isinstance(feature, Deferred)
        assert feature.is_worthwhile(pictures[0]) is True
        assert feature.is_worthwhile(blank_picture((1, 1))) in (True, False)


class IdentifiedConformance:
    """What `Identified` promises."""

    def test_identity_is_plain_json(self, feature: Feature) -> None:
        assert isinstance(feature, Identified)
        identity = feature.identity()
        assert identity
        assert json.loads(json.dumps(identity, allow_nan=False)) == identity


class RelocatableConformance:
    """What `Relocatable` promises."""

    def test_a_copy_in_another_field_leaves_the_feature_where_it_is(self, feature: Feature) -> None:
        assert isinstance(feature, Relocatable)
        before = feature.field
        moved = feature.with_field("elsewhere")
        assert isinstance(moved, Relocatable)
        assert (moved.field, moved.name) == ("elsewhere", feature.name)
        assert feature.field == before
        assert moved.mapping() == feature.mapping()


class MeasurableConformance(PictureFixtures):
    """What `Measurable` promises."""

    def test_every_measure_is_a_distance(self, feature: Feature, pictures: list[Picture]) -> None:
        assert isinstance(feature, Measurable)
        first, second = feature.extract(pictures)
        for measure in (None, *feature.measures):
            between = feature.distance(first, second, measure)
            assert feature.distance(first, first, measure) == pytest.approx(0, abs=1e-5)
            assert between > 0
            assert feature.distance(second, first, measure) == pytest.approx(between)

    def test_no_measure_means_the_first(self, feature: Feature, pictures: list[Picture]) -> None:
        assert isinstance(feature, Measurable)
        first, second = feature.extract(pictures)
        default = feature.distance(first, second, feature.measures[0])
        assert feature.distance(first, second) == pytest.approx(default)


class ExplainingConformance:
    """What `Explaining` promises."""

    @pytest.mark.parametrize("score", [0.5, 1.0])
    def test_evidence_is_plain_numbers_by_name(self, feature: Feature, score: float) -> None:
        assert isinstance(feature, Explaining)
        evidence = feature.evidence(score)
        assert evidence
        assert json.dumps(evidence, allow_nan=False)
        assert all(isinstance(value, int | float) for value in evidence.values())


class ExpensiveQueryConformance:
    """What `ExpensiveQuery` promises."""

    def test_it_says_whether_its_clause_is_expensive(self, feature: Feature) -> None:
        assert isinstance(feature, ExpensiveQuery)
        assert feature.is_expensive_query in (True, False)


class ConfidentConformance:
    """What `Confident` promises."""

    def test_the_score_is_one_that_a_clause_can_give(self, feature: Feature) -> None:
        assert isinstance(feature, Confident)
        assert 0 <= feature.confident_score <= 1


class ConclusiveConformance:
    """What `Conclusive` promises."""

    def test_the_relation_is_a_rung_of_the_evidence_ladder(self, feature: Feature) -> None:
        assert isinstance(feature, Conclusive)
        assert feature.relation in contract.RELATIONS


class FacetedConformance(PictureFixtures):
    """What `Faceted` promises."""

    def test_facet_is_a_keyword_of_the_mapping(self, feature: Feature) -> None:
        assert isinstance(feature, Faceted)
        assert feature.mapping()["properties"][feature.facet]["type"] == "keyword"

    def test_stored_names_are_texts(self, feature: Feature, pictures: list[Picture]) -> None:
        assert isinstance(feature, Faceted)
        names = [value[feature.facet] for value in feature.extract(pictures) if value is not None]
        assert names
        assert all(isinstance(name, str) for several in names for name in several)


SUITES: Mapping[type, type] = dict(
    zip(
        CAPABILITIES,
        (
            QueryExpandingConformance,
            QueryPhotoAwareConformance,
            AveragingConformance,
            TextQueryableConformance,
            TextReadingConformance,
            DeferredConformance,
            IdentifiedConformance,
            RelocatableConformance,
            MeasurableConformance,
            ExplainingConformance,
            ExpensiveQueryConformance,
            ConfidentConformance,
            ConclusiveConformance,
            FacetedConformance,
        ),
        strict=True,
    )
)
"""The suite of each capability."""
