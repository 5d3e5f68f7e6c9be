"""Input that nobody means is answered with 4xx and what to do, never with 500 or the catalogue."""

import base64
import io
import json
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.contract.check_parameters import CheckParameters
from app.search.search_parameters import SearchParameters
from tests.support.shop import Shop
from tests.support.uploads import form

SEARCH, CHECK = "/api/v1/search", "/api/v1/duplicates/check"
PAGE = {"Accept": "text/html"}
BOUNDARY = "multipart/form-data; boundary=x"

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(["\ud800", "\x00", "a" * 600, "brand", "embedding", "1,2,3,4", "..", "a/b"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=3,
)


def problem(answer: Any) -> tuple[int, str]:
    """Return status and detail of an answer that must be a problem of the caller's making."""
    assert 400 <= answer.status_code < 500, (answer.status_code, answer.text[:200])
    assert answer.content_type == "application/problem+json"
    assert len(answer.json["detail"]) > 20
    return answer.status_code, answer.json["detail"]


@pytest.mark.parametrize("path", [SEARCH, CHECK, "/api/v1/regions"])
@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"--x\r\nContent-Disposition: form-data; name=q\r\n\r\nmu", BOUNDARY, 400),
        (b"nothing of the kind", BOUNDARY, 400),
        (b"--x\r\nContent-Disposition: form-data\r\n\r\nmug\r\n--x--\r\n", BOUNDARY, 400),
        (
            b'--x\r\nContent-Disposition: form-data; filename="a.jpg"\r\n\r\nmug\r\n--x--\r\n',
            BOUNDARY,
            400,
        ),
        (b"--x--\r\n", "multipart/form-data", 400),
        (b"\xff\xd8\xff\xe0 a picture", "application/x-www-form-urlencoded", 400),
        (b"\xff\xd8\xff\xe0 a picture", "image/jpeg", 415),
        (b"mug", "text/plain", 415),
        (b"mug", "", 415),
        (b'{"q": "mug"', "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b'{"q": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "application/json", 400),
        (b'{"listing": {"title": "\\ud800"}}', "application/json", 400),
        (b'{"images": ["\xc3\xa9"]}', "application/json", 422),
        (b'{"images": ["YQ"]}', "application/json", 422),
    ],
)
def test_body_that_cannot_be_read_is_refused(
    client: FlaskClient, path: str, body: bytes, content_type: str, status: int
) -> None:
    answer = client.post(path, data=body, headers={"Content-Type": content_type})
    assert problem(answer)[0] == status


def test_page_refuses_an_unreadable_form_too(client: FlaskClient) -> None:
    answer = client.post("/search", data=b"?", headers={"Content-Type": BOUNDARY, **PAGE})
    assert answer.status_code == 400
    assert "text/html" in answer.content_type


def test_post_without_a_body_searches_by_its_address(client: FlaskClient) -> None:
    assert client.post(f"{SEARCH}?q=plimsolls").json["total"] > 0  # type: ignore[index]


@pytest.mark.parametrize("path", [SEARCH, CHECK])
@pytest.mark.parametrize("key", ["", "x" * 513])
def test_product_id_that_no_product_can_have_is_refused(
    client: FlaskClient, path: str, key: str
) -> None:
    value = key if path == CHECK else [key]
    status, detail = problem(client.post(path, json={"product_id": value}))
    assert (status, "product_id" in detail) == (422, True)


def test_path_and_short_form_check_their_product_id_too(client: FlaskClient) -> None:
    assert problem(client.get(f"/api/v1/products/{'x' * 513}/similar"))[0] == 422
    assert problem(client.get(f"/nns?product_id={'x' * 513}"))[0] == 422
    assert problem(client.get(f"/nns?product_id=a&limit={'9' * 5000}"))[0] == 422


@pytest.mark.parametrize("where", ["form", "query", "json"])
def test_crop_of_a_check_is_taken_wherever_it_is_sent(
    client: FlaskClient, shop: Shop, where: str
) -> None:
    picture = shop.picture("saleor-headless-omnichannel-book.png")
    crop = "0,0,1,0.9"
    if where == "form":
        answer = client.post(CHECK, **form(picture, crop=crop))
    elif where == "query":
        answer = client.post(f"{CHECK}?crop={crop}", **form(picture))
    else:
        encoded = base64.b64encode(picture).decode()
        answer = client.post(CHECK, json={"images": [encoded], "crop": crop})
    assert answer.status_code == 200, answer.text


def test_check_takes_one_product(client: FlaskClient) -> None:
    status, detail = problem(client.post(CHECK, data={"product_id": ["saleor-126", "saleor-127"]}))
    assert (status, "one value" in detail) == (422, True)


@pytest.mark.parametrize(
    "position", ["NaN", "Infinity", "-Infinity", "1e999", "null", '"1"', "true", "[1]"]
)
def test_cursor_with_a_position_that_is_no_number_is_refused(
    client: FlaskClient, position: str
) -> None:
    plain = f'[[{position},"a"],"digest",0,null,null,2,""]'
    cursor = base64.urlsafe_b64encode(plain.encode()).decode()
    assert "cursor" in problem(client.get(f"{SEARCH}?q=mug&cursor={cursor}"))[1]


@pytest.mark.parametrize("position", [1e308, -1e308, 10**30, 2**63, -1])
def test_forged_position_of_ones_own_search_is_no_error_of_ours(
    client: FlaskClient, position: float
) -> None:
    page = client.get(f"{SEARCH}?size=2").json
    assert page is not None
    parts = json.loads(base64.urlsafe_b64decode(page["next_cursor"] + "=="))
    parts[0] = [position, parts[0][1]]
    forged = base64.urlsafe_b64encode(json.dumps(parts).encode()).decode()
    assert client.get(f"{SEARCH}?size=2&cursor={forged}").status_code < 500


@pytest.mark.parametrize(("path", "model"), [(SEARCH, SearchParameters), (CHECK, CheckParameters)])
def test_no_json_makes_an_error_of_ours(client: FlaskClient, path: str, model: Any) -> None:
    @settings(
        max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True
    )
    @given(st.dictionaries(st.sampled_from(sorted(model.model_fields)), VALUES, max_size=2))
    def post(body: dict[str, Any]) -> None:
        answer = client.post(
            path, data=json.dumps(body), headers={"Content-Type": "application/json"}
        )
        assert answer.status_code < 500, (body, answer.text)

    post()


def test_empty_parts_of_a_form_are_no_parameters(client: FlaskClient, shop: Shop) -> None:
    picture = io.BytesIO(shop.picture("saleor-beanie-1.png")).getvalue()
    answer = client.post(SEARCH, **form(picture, q="", price_min="", filter=""))
    assert answer.status_code == 200, answer.text
