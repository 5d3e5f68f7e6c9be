"""What every registered feature promises, built-in or not."""

import copy
import json
from collections.abc import Callable
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

import pytest

from core.environment import Environment
from features.base import ClauseContext, Feature, Json, Picture
from features.capabilities import (
    Conclusive,
    Deferred,
    Explaining,
    Faceted,
    Identified,
    Measurable,
    QueryExpanding,
    QueryPhotoAware,
    TextQueryable,
)
from features.registry import GROUP, NAME_PATTERN
from tests.features.nested_index import NestedIndex
from tests.features.pictures import load, plain

INSTALLED = sorted(entry_points(group=GROUP), key=lambda entry: entry.name)


@pytest.fixture(scope="module", params=INSTALLED, ids=lambda entry: entry.name)
def feature(request: pytest.FixtureRequest, tiny_clip: Path) -> Feature:
    entry: EntryPoint = request.param
    set_up = {"LOOKALIKE_CLIP_MODEL": str(tiny_clip)}
    made: Feature = entry.load()(Environment({**Environment.current().values, **set_up}))
    assert made.name == entry.name
    return made


@pytest.fixture(scope="module")
def pictures(shared_data: Path) -> list[Picture]:
    """Two photos that say something to every feature: they are sharp, colourful and lettered."""
    folder = shared_data / "ocr" / "images"
    return [load(folder / "easy_japanese.jpg"), load(folder / "easy_korean.png")]


def alike(a: Json, b: Json) -> bool:
    """Say whether two values are equal but for the last digits of a batch's arithmetic."""
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(alike(a[key], b[key]) for key in a)
    if isinstance(a, list):
        return len(a) == len(b) and all(alike(x, y) for x, y in zip(a, b, strict=True))
    return bool(a == pytest.approx(b, abs=1e-4)) if isinstance(a, float) else bool(a == b)


def test_it_is_a_feature_with_a_usable_name(feature: Feature) -> None:
    assert isinstance(feature, Feature)
    assert NAME_PATTERN.fullmatch(feature.name)
    assert feature.version >= 1


def test_mapping_is_fresh_on_every_call(feature: Feature) -> None:
    before = copy.deepcopy(feature.mapping())
    feature.mapping().clear()
    assert feature.mapping() == before


def test_no_pictures_give_no_values(feature: Feature) -> None:
    assert feature.extract([]) == []


def test_values_come_in_the_order_of_the_pictures(
    feature: Feature, pictures: list[Picture]
) -> None:
    forwards = feature.extract(pictures)
    backwards = feature.extract(pictures[::-1])
    assert len(forwards) == len(pictures)
    assert all(value is not None for value in forwards)
    assert alike(forwards, backwards[::-1])
    assert not alike(forwards, backwards)


def test_values_are_plain_json(feature: Feature, pictures: list[Picture]) -> None:
    values = feature.extract(pictures)
    assert json.loads(json.dumps(values, allow_nan=False)) == values


def test_a_picture_of_one_pixel_has_a_value_or_none(feature: Feature) -> None:
    assert len(feature.extract([plain("red", (1, 1))])) == 1


def test_a_ribbon_of_a_picture_has_a_value_or_none(feature: Feature) -> None:
    assert len(feature.extract([plain("red", (400, 1)), plain("red", (1, 400))])) == 2


def test_same_arguments_give_the_same_clause(feature: Feature, pictures: list[Picture]) -> None:
    value = feature.extract(pictures)[0]
    before = copy.deepcopy(value)
    ask = ClauseContext(f"images.{feature.name}")
    first, second = (json.dumps(feature.clause(value, ask)) for _ in range(2))
    assert first == second
    assert value == before


def test_the_server_scores_the_own_picture_highest(
    feature: Feature,
    pictures: list[Picture],
    nested_index: Callable[[Feature], NestedIndex],
) -> None:
    index = nested_index(feature)
    stored = feature.extract(pictures)
    index.put([("first", stored[0]), ("second", stored[1]), ("empty", None)])
    asked = feature.extract_query(pictures) if isinstance(feature, QueryExpanding) else stored
    for values in (stored, asked):
        for own, value in zip(("first", "second"), values, strict=True):
            scores = index.ask(feature.clause(value, ClauseContext(index.field)))
            assert own in scores
            assert "empty" not in scores
            assert all(0 <= score <= 1 for score in scores.values())
            assert all(score < scores[own] for id_, score in scores.items() if id_ != own)


def test_every_measure_holds_a_value_equal_to_itself(
    feature: Feature, pictures: list[Picture]
) -> None:
    if not isinstance(feature, Measurable):
        return
    first, second = feature.extract(pictures)
    for measure in (None, *feature.measures):
        assert feature.distance(first, first, measure) == pytest.approx(0, abs=1e-5)
        apart = feature.distance(first, second, measure)
        assert apart > 0
        assert feature.distance(second, first, measure) == pytest.approx(apart)


def test_evidence_of_a_full_score_is_the_evidence_of_equality(feature: Feature) -> None:
    if isinstance(feature, Explaining):
        evidence = feature.evidence(1.0)
        assert evidence
        assert json.dumps(evidence, allow_nan=False)


def test_words_without_letters_ask_nothing(feature: Feature) -> None:
    if isinstance(feature, TextQueryable):
        assert feature.query_from_text(" —  … ") is None
        assert feature.query_from_text("oat milk") is not None


def test_worthwhile_is_a_plain_yes_or_no(feature: Feature, pictures: list[Picture]) -> None:
    if isinstance(feature, Deferred):
        assert isinstance(feature.is_worthwhile(pictures[0]), bool)
        assert isinstance(feature.is_worthwhile(plain("red", (1, 1))), bool)


def test_identity_is_plain_json(feature: Feature) -> None:
    if isinstance(feature, Identified):
        identity = feature.identity()
        assert identity
        assert json.loads(json.dumps(identity)) == identity


def test_photos_are_asked_with_values_a_clause_takes(
    feature: Feature, pictures: list[Picture]
) -> None:
    if isinstance(feature, QueryPhotoAware):
        for accurate in (False, True):
            values = feature.extract_photo(pictures, accurate=accurate)
            assert len(values) == len(pictures)
            assert feature.clause(values[0], ClauseContext(f"images.{feature.name}"))
        assert feature.extract_photo([]) == []
        kept = feature.extract_stored_photo(pictures)
        assert len(kept) == len(pictures)
        assert feature.clause(kept[0], ClauseContext(f"images.{feature.name}"))


def test_proof_is_a_rung_of_the_evidence_ladder(feature: Feature) -> None:
    if isinstance(feature, Conclusive):
        assert feature.relation in {"same_file", "same_photo"}


def test_facet_is_a_keyword_of_the_mapping(feature: Feature) -> None:
    if isinstance(feature, Faceted):
        assert feature.mapping()["properties"][feature.facet]["type"] == "keyword"
