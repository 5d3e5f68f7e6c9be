"""Parameters are declared once; form, address, digest and event follow from the declaration."""

from typing import Any

import pytest
from werkzeug.datastructures import MultiDict

from app.contract.openapi import INPUTS
from app.contract.request_reading import form_values, validate
from app.pages.address import address_of, page_defaults
from app.search.cursor import Cursor
from app.search.parameter_types import form_texts, recorded, repeated, uses
from app.search.search_parameters import SearchParameters
from app.search.search_request import SearchRequest
from core.errors import InvalidQuery
from features.base import Box
from mappings.events.event_documents import RecordedQuery

EVERY: dict[str, Any] = {
    "q": "red & blue",
    "product_id": ["a", "b:c"],
    "picture": "p" * 22,
    "crop": [Box(0, 0.25, 0.5, 1)],
    "combine": "any",
    "unlike_product_id": ["d"],
    "unlike_picture": "u" * 22,
    "unlike_weight": 0.25,
    "filter": {"brand": ["A&B", "C"], "size": ["9:30"]},
    "exclude": {"color": ["red"]},
    "price_min": 10.0,
    "price_max": 1234567.5,
    "currency": "JPY",
    "prepare": ["denoise", "contrast"],
    "accurate": True,
    "read_text": "yes",
    "ignore_text": ["sale"],
    "features": ["embedding"],
    "weight": {"colour": 1.0, "words": 2.5},
    "similarity": {"": "l2", "colour": "intersection"},
    "model": "next",
    "min_score": 0.125,
    "alike_only": True,
    "sort": "price_up",
    "collapse": "photo",
    "page": 3,
    "keep_photo": True,
    "picture_number": [2],
    "size": 7,
    "facets": ["brand"],
    "literal": True,
    "explain": True,
    "cursor": Cursor((0.5, "a"), "digest"),
}
"""A value for every parameter, none of them its default."""


def test_every_parameter_is_tried_here() -> None:
    parameters = SearchParameters(**EVERY)
    assert EVERY.keys() == SearchParameters.model_fields.keys()
    assert all(getattr(parameters, n) != getattr(SearchParameters(), n) for n in EVERY)


@pytest.mark.parametrize("name", sorted(EVERY.keys() - {"cursor"}))
def test_form_texts_are_read_as_the_value_they_were_written_from(name: str) -> None:
    value = getattr(SearchParameters(**{name: EVERY[name]}), name)
    form = MultiDict((name, text) for text in form_texts(value))
    read = validate(form_values(form, SearchParameters), SearchParameters)
    assert getattr(read, name) == value


@pytest.mark.parametrize(
    "name", sorted(n for n, u in uses(SearchParameters).items() if u.in_address)
)
def test_address_carries_the_parameter(name: str) -> None:
    picture = EVERY["picture"]
    given = SearchParameters(**{name: EVERY[name], "picture": picture})
    if name == "collapse":
        given = given.model_copy(update={"collapse": "none"})
    if name == "alike_only":
        given = given.model_copy(update={"alike_only": False})
    names = [field for field, _ in address_of(given, picture).fields]
    assert name in names


def test_address_leaves_out_what_a_page_shows_by_itself() -> None:
    assert address_of(page_defaults({}), None).fields == ()


@pytest.mark.parametrize("name", ["photo_group", "item_group_id"])
def test_page_of_one_group_shows_all_of_it(name: str) -> None:
    group = {name: ["x"]}
    in_group = page_defaults(group).model_copy(update={"filter": group})
    assert in_group.collapse == "none"
    assert address_of(in_group, None).fields == (("filter", f"{name}:x"),)


def test_pages_of_one_search_may_differ_only_in_what_moves_no_hit() -> None:
    digest = SearchRequest(SearchParameters(**EVERY)).digest("scale")
    for name, use in uses(SearchParameters).items():
        changed = {**EVERY, name: getattr(SearchParameters(), name)}
        same = SearchRequest(SearchParameters(**changed)).digest("scale") == digest
        assert same is not use.ranks, name


def test_log_records_a_search_under_its_own_keys() -> None:
    record = recorded(SearchParameters(**EVERY))
    assert RecordedQuery(id="q", **record).words == "red & blue"
    assert record == {
        "words": "red & blue",
        "crops": (Box(0, 0.25, 0.5, 1),),
        "filters": {
            "brand": ["A&B", "C"],
            "size": ["9:30"],
            "exclude:color": ["red"],
            "price_min": 10.0,
            "price_max": 1234567.5,
            "currency": "JPY",
        },
        "size": 7,
    }


def test_description_names_every_parameter_and_says_what_it_means() -> None:
    for model in INPUTS.values():
        for name, schema in model.model_json_schema()["properties"].items():
            assert schema.get("description"), name
    assert {"filter", "weight", "crop"} <= repeated(SearchParameters)


def test_a_narrow_crop_stays_one_in_the_next_pages_address() -> None:
    crop = Box(0.50001, 0.25, 0.50002, 1)
    fields = dict(address_of(SearchParameters(crop=[crop]), "id").fields)
    assert Box.parse(fields["crop"]) == crop


def test_more_crops_than_pictures_are_refused() -> None:
    with pytest.raises(InvalidQuery, match="2 crops for 1 pictures"):
        SearchRequest(SearchParameters(crop=[Box(0, 0, 1, 1)] * 2), (b"one",))
