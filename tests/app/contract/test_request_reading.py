"""One model reads query strings, forms and JSON alike."""

import base64
import io

import pytest
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import BadRequest
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from app.contract.request_reading import read_request
from app.search.search_parameters import SearchParameters
from app.search.search_request import SearchRequest
from core.errors import InvalidQuery, UnknownName
from features.base import Box


def query(text: str) -> SearchParameters:
    return read_request(Request(EnvironBuilder(query_string=text).get_environ()), SearchParameters)[
        0
    ]


def posted(json: object) -> tuple[SearchParameters, list[bytes]]:
    builder = EnvironBuilder(method="POST", json=json)
    return read_request(Request(builder.get_environ()), SearchParameters)


def test_query_string_and_json_mean_the_same() -> None:
    text = query(
        "q=mug&filter=brand:Acme&filter=brand:A:B&weight=pdq:2&similarity=embedding:l2&facets=brand"
    )
    body, _ = posted(
        {
            "q": "mug",
            "filter": {"brand": ["Acme", "A:B"]},
            "weight": {"pdq": 2},
            "similarity": {"embedding": "l2"},
            "facets": ["brand"],
        }
    )
    assert text == body
    assert text.filter == {"brand": ["Acme", "A:B"]}


def test_bare_measure_is_for_whoever_knows_it() -> None:
    assert query("similarity=l2").similarity == posted({"similarity": "l2"})[0].similarity
    assert query("similarity=l2").similarity == {"": "l2"}


def test_form_pictures_and_empty_file_fields() -> None:
    named = ((b"one", "a.jpg"), (b"", ""), (b"two", "b.jpg"))
    files = [FileStorage(io.BytesIO(data), name) for data, name in named]
    builder = EnvironBuilder(method="POST", data={"image": files, "q": ""})
    given, images = read_request(Request(builder.get_environ()), SearchParameters)
    assert (given.q, images) == ("", [b"one", b"two"])


def test_json_pictures_are_base64() -> None:
    _, images = posted({"images": [base64.b64encode(b"one").decode()]})
    assert images == [b"one"]


def test_steps_of_preparation_may_share_a_field() -> None:
    parameters = query("prepare=denoise,contrast&prepare=background&accurate=true")
    assert parameters.prepare == ["denoise", "contrast", "background"]
    assert parameters.accurate


def test_crops_become_boxes() -> None:
    assert query("crop=0,0.25,0.5,1").crop == [Box(0, 0.25, 0.5, 1)]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("size=0", "size"),
        ("size=1000000000", "size"),
        ("size=ten", "size"),
        ("min_score=2", "min_score"),
        ("price_min=-1", "price_min"),
        ("price_max=nan", "price_max"),
        ("weight=embedding", "weight"),
        ("weight=embedding:heavy", "weight"),
        ("filter=brand", "filter"),
        ("crop=0,0,0,1", "crop"),
        ("crop=0,0,2,1", "crop"),
        ("crop=a,b,c,d", "crop"),
        ("crop=nan,0,1,1", "crop"),
        ("crop=0,0,1,1&crop=0,0,1,1", "2 crops for 0 pictures"),
        ("q=" + "x" * 1001, "q"),
    ],
)
def test_value_out_of_range_is_refused_naming_its_field(text: str, named: str) -> None:
    with pytest.raises(InvalidQuery, match=named):
        SearchRequest(query(text))


def test_unknown_parameter_names_the_known_ones() -> None:
    with pytest.raises(UnknownName, match=r"unknown parameter 'colr'; known: .*filter.*price_max"):
        query("colr=red")


@pytest.mark.parametrize("body", [{"images": "x"}, {"images": ["not base64!"]}])
def test_json_pictures_of_another_shape_are_refused(body: object) -> None:
    with pytest.raises(InvalidQuery):
        posted(body)


@pytest.mark.parametrize("body", ["[]", '"text"', '{"q": "mug",', ""])
def test_json_that_is_no_object_is_malformed(body: str) -> None:
    builder = EnvironBuilder(method="POST", data=body, content_type="application/json")
    with pytest.raises(BadRequest, match="not a JSON object"):
        read_request(Request(builder.get_environ()), SearchParameters)
