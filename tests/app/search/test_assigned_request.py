"""A search takes its variant's overrides, and says more than its variant does."""

import pytest

from app.experiments.assignment import Assignment
from app.experiments.experiment import Overrides
from app.search.assigned_request import assigned_request
from app.search.search_parameters import SearchParameters
from app.search.search_request import SearchRequest
from core.environment import Environment
from features.registry import Registry, load


@pytest.fixture(scope="module")
def registry() -> Registry:
    return load(Environment({"LOOKALIKE_FEATURES": "pdq,colour,ocr"}))


def assignment(*, is_about_words: bool = False, **overrides: object) -> Assignment:
    return Assignment("e", "v", Overrides(**overrides), is_about_words)  # type: ignore[arg-type]


def request(**parameters: object) -> SearchRequest:
    return SearchRequest(SearchParameters(**parameters))  # type: ignore[arg-type]


def test_without_a_variant_nothing_changes(registry: Registry) -> None:
    asked = request(q="mug")
    assert assigned_request(asked, None, registry) is asked


def test_control_changes_nothing_but_is_named(registry: Registry) -> None:
    asked, control = request(q="mug"), assignment()
    found = assigned_request(asked, control, registry)
    assert found.parameters is asked.parameters
    assert (found.assignment, found.recall) == (control, None)


def test_weights_recall_and_model_are_taken_over(registry: Registry) -> None:
    variant = assignment(weights={"colour": 0.3}, recall=0.9, model="next")
    found = assigned_request(request(q="mug"), variant, registry)
    assert found.parameters.weight == {"colour": 0.3}
    assert found.parameters.model == "next"
    assert found.recall == 0.9


def test_what_the_search_says_itself_counts_more(registry: Registry) -> None:
    variant = assignment(weights={"colour": 0.3, "pdq": 1.0}, model="next")
    asked = request(weight={"colour": 2.0}, model="current")
    found = assigned_request(asked, variant, registry).parameters
    assert found.weight == {"colour": 2.0, "pdq": 1.0}
    assert found.model == "current"


def test_without_visual_words_rank_alone(registry: Registry) -> None:
    variant = assignment(has_visual=False, is_about_words=True)
    found = assigned_request(request(q="mug"), variant, registry).parameters
    assert found.weight == {"pdq": 0.0, "colour": 0.0}


def test_search_by_photo_alone_takes_no_part_where_words_are_compared(registry: Registry) -> None:
    asked = request(product_id=["p"])
    for has_visual in (True, False):
        variant = assignment(has_visual=has_visual, is_about_words=True)
        assert assigned_request(asked, variant, registry) is asked
