"""Products are put, patched and deleted over HTTP, found at once, and never half changed."""

from collections.abc import Iterator

import pytest

from tests.app.api.live_shop import WAIT, LiveShop, data_url, open_live_shop, picture
from tests.conftest import node_environment
from tests.support.engine import Engine
from tests.support.uploads import form


@pytest.fixture(scope="module")
def live(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveShop]:
    folder = tmp_path_factory.mktemp("live")
    with open_live_shop(engine, folder, dict(node_environment(folder).values)) as shop:
        yield shop


def test_a_put_is_found_by_words_picture_and_duplicate_check(live: LiveShop) -> None:
    answer = live.put("put-1", picture(1), title="Teapot of clay", price="15.00 EUR")
    assert answer.status_code == 201, answer.text
    assert answer.json["outcome"] == "created"
    assert answer.headers["ETag"] == f'"{answer.json["etag"]}"'
    assert live.found("q=teapot") == ["put-1"]
    hits = live.client.post("/api/v1/search", **form(picture(1))).json["hits"]  # type: ignore[index]
    assert hits[0]["id"] == "put-1"
    check = live.client.post("/api/v1/duplicates/check", **form(picture(1))).json
    assert check is not None
    assert check["verdict"] == "same_file"


def test_a_put_again_replaces_the_product_and_reuses_its_picture(live: LiveShop) -> None:
    live.put("again", picture(2), title="Jug", brand="Puddle")
    added = live.client.get("/api/v1/products/again").json
    answer = live.put("again", picture(2), title="Jug", price="3 EUR")
    assert (answer.status_code, answer.json["outcome"]) == (200, "updated")
    product = live.product("again")
    assert product is not None
    assert "brand" not in product
    assert product["price"] == 3.0
    assert live.put("again", picture(2), title="Jug", price="3 EUR").json["outcome"] == "unchanged"
    assert added is not None


def test_files_of_a_form_are_the_pictures(live: LiveShop) -> None:
    answer = live.upload("form-1", picture(3), picture(4), title="Two views", price="4 EUR")
    assert answer.status_code == 201, answer.text
    shown = live.client.get("/api/v1/products/form-1").json
    assert shown is not None
    assert len(shown["images"]) == 2


def test_a_put_without_a_usable_picture_says_what_to_do_and_leaves_what_was_there(
    live: LiveShop,
) -> None:
    live.put("stays", picture(5), title="Old title")
    for cells, reason in (
        ({"image_link": data_url(b"no picture")}, "unsupported|picture"),
        ({"image_link": "data:image/png;base64,###"}, "base64"),
        ({"image_link": "/etc/passwd"}, "a link"),
        ({"image_link": "http://127.0.0.1:9/a.jpg"}, "public|address"),
        ({}, "needs a picture"),
    ):
        answer = live.put("stays", None, title="New title", **cells)
        assert answer.status_code == 422, answer.text
        assert answer.content_type == "application/problem+json"
        assert any(part in answer.json["detail"] for part in reason.split("|")), answer.json
    product = live.product("stays")
    assert product is not None
    assert product["title"] == "Old title"


def test_one_bad_picture_of_two_is_named_and_the_product_goes_in(live: LiveShop) -> None:
    shown = [data_url(picture(6)), data_url(b"broken")]
    answer = live.put("partly", None, title="Half", image_link=shown, price="N/A")
    assert answer.status_code == 201, answer.text
    assert {cell["field"] for cell in answer.json["left_out"]} == {"image_link", "price"}


def test_a_patch_changes_fields_and_touches_no_picture(live: LiveShop) -> None:
    live.put("patched", picture(7), title="Mug", price="5 EUR", color="red", stock=3)
    before = live.client.get("/api/v1/products/patched").json
    answer = live.send(
        "PATCH",
        "/api/v1/products/patched?refresh=wait_for",
        {"price": "4.50 EUR", "stock": 0, "color": None},
    )
    assert (answer.status_code, answer.json["outcome"]) == (200, "updated")  # type: ignore[index]
    product = live.product("patched")
    assert product is not None
    assert (product["price"], product["stock"], product["availability"]) == (4.5, 0, "out_of_stock")
    assert "color" not in product
    after = live.client.get("/api/v1/products/patched").json
    assert before is not None
    assert after is not None
    assert after["images"] == before["images"]
    assert live.found("price_min=4&price_max=5&filter=availability:out_of_stock") == ["patched"]


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"price": "N/A"}, "15.00 USD"),
        ({"image_link": "http://x/a.jpg"}, "PUT"),
        ({"colur": "red"}, "no column"),
        ({}, "at least one field"),
        ({"id": "other", "price": 1}, "one id"),
    ],
)
def test_a_patch_that_cannot_be_used_does_nothing(
    live: LiveShop, cells: dict[str, str], reason: str
) -> None:
    live.put("same", picture(8), title="Same", price="1 EUR")
    answer = live.send("PATCH", "/api/v1/products/same", cells)
    assert answer.status_code == 422
    assert reason in answer.json["detail"]  # type: ignore[index]
    product = live.product("same")
    assert product is not None
    assert product["price"] == 1.0


def test_a_patch_of_a_product_that_is_not_there_says_so(live: LiveShop) -> None:
    answer = live.send("PATCH", "/api/v1/products/nowhere", {"price": 1})
    assert answer.status_code == 404
    assert "PUT" in answer.json["detail"]  # type: ignore[index]


def test_statistics_that_were_read_before_hide_no_change(live: LiveShop) -> None:
    question = "q=quern&filter=brand:Novelty&facets=brand"
    assert live.found(question) == []
    assert live.found("filter=brand:Novelty") == []
    live.put("quern-1", picture(20), title="Quern", brand="Novelty")
    assert live.found(question) == ["quern-1"]
    assert live.found("filter=brand:Novelty") == ["quern-1"]
    sent = form(picture(20), filter="brand:Novelty")
    hits = live.client.post("/api/v1/search", **sent).json["hits"]  # type: ignore[index]
    assert [hit["id"] for hit in hits] == ["quern-1"]
    live.send("PATCH", f"/api/v1/products/quern-1{WAIT}", {"brand": "Novel"})
    assert live.found("filter=brand:Novelty") == []
    assert live.found("filter=brand:Novel") == ["quern-1"]


def test_changes_are_described_for_programs(live: LiveShop) -> None:
    spec = live.client.get("/openapi.json").json
    assert spec is not None
    product = spec["paths"]["/api/v1/products/{key}"]
    names = {parameter["name"] for parameter in product["put"]["parameters"]}
    assert {"key", "version", "source", "refresh", "If-Match", "Idempotency-Key"} <= names
    assert {"200", "201", "202", "401", "403", "412", "422"} <= product["put"]["responses"].keys()
    assert (
        "application/x-ndjson"
        in spec["paths"]["/api/v1/products:bulk"]["post"]["requestBody"]["content"]
    )


def test_a_deleted_product_is_gone_and_nothing_older_brings_it_back(live: LiveShop) -> None:
    live.put("gone", picture(9), "?refresh=wait_for&version=5", title="Gone soon")
    answer = live.send("DELETE", "/api/v1/products/gone?refresh=wait_for&version=7")
    assert (answer.status_code, answer.json["outcome"]) == (200, "deleted")  # type: ignore[index]
    assert live.product("gone") is None
    assert live.found("q=gone soon") == []
    late = live.put("gone", picture(9), "?version=6", title="Gone soon")
    assert (late.status_code, late.json["outcome"]) == (200, "superseded")
    assert live.product("gone") is None
    again = live.send("DELETE", "/api/v1/products/gone?version=7")
    assert again.json["outcome"] == "absent"  # type: ignore[index]
    assert live.put("gone", picture(9), "?version=8", title="Back").status_code == 201


def test_a_change_for_an_earlier_state_is_refused(live: LiveShop) -> None:
    tag = live.put("tagged", picture(10), title="Tagged", price="1 EUR").headers["ETag"]
    assert live.client.get("/api/v1/products/tagged").headers["ETag"] == tag
    url = "/api/v1/products/tagged"
    first = live.send("PATCH", url, {"price": "2 EUR"}, If_Match=tag)
    assert first.status_code == 200
    second = live.send("PATCH", url, {"price": "3 EUR"}, If_Match=tag)
    assert second.status_code == 412
    assert second.headers["ETag"] == first.headers["ETag"]
    assert live.send("DELETE", url, If_Match=tag).status_code == 412
    assert live.send("DELETE", url, If_Match=first.headers["ETag"]).status_code == 200
    assert live.put("tagged-not", picture(10)).status_code == 201


def test_a_request_with_its_key_again_is_answered_as_before(live: LiveShop) -> None:
    live.put("keyed", picture(11), title="Keyed", price="1 EUR")
    url = "/api/v1/products/keyed"
    first = live.send("PATCH", url, {"price": "2 EUR"}, Idempotency_Key="key-1")
    live.send("PATCH", url, {"price": "9 EUR"})
    again = live.send("PATCH", url, {"price": "2 EUR"}, Idempotency_Key="key-1")
    assert again.headers["Idempotency-Replayed"] == "true"
    assert (again.status_code, again.json) == (first.status_code, first.json)
    product = live.product("keyed")
    assert product is not None
    assert product["price"] == 9.0
    other = live.send("PATCH", url, {"price": "3 EUR"}, Idempotency_Key="key-1")
    assert (other.status_code, other.json["code"]) == (422, "key_reused")  # type: ignore[index]
    # What was refused may be sent again.
    missing = live.send("PATCH", "/api/v1/products/not-yet", {"price": 2}, Idempotency_Key="key-2")
    assert missing.status_code == 404


def test_a_form_with_its_key_again_is_answered_as_before(live: LiveShop) -> None:
    first = live.upload("keyed-form", picture(21), idempotency_key="key-3", title="Form")
    again = live.upload("keyed-form", picture(21), idempotency_key="key-3", title="Form")
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.headers["Idempotency-Replayed"] == "true"
    other = live.upload("keyed-form", picture(22), idempotency_key="key-3", title="Form")
    assert other.status_code == 422
