"""The pages as any browser gets them, without a script: on a real feed and a real server."""

import io
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

from app.pages import language
from app.pages.language import CODES, FOLDER
from tests.support.shop import Shop

SHOE = "saleor-white-plimsolls-1.png"
TITLE = re.compile(r'class="card-title"><a href="/products/([^"]+)"')
BADGE = re.compile(r'class="badge badge-(\w+)"')
FROM_A_BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.fixture
def browser(client: FlaskClient) -> Iterator[FlaskClient]:
    """A browser without cookies of earlier tests."""
    with client.application.test_client() as browser:
        yield browser


def text(answer: TestResponse, status: int = 200) -> str:
    assert (answer.status_code, answer.mimetype) == (status, "text/html"), answer.text
    return answer.text


def upload(browser: FlaskClient, image: bytes, /, **fields: Any) -> TestResponse:
    # Encoded here: the client's own encoder leaves its temporary files open.
    named = FileStorage(io.BytesIO(image), "photo.png")
    boundary, body = encode_multipart({"image": named, **fields})
    kind = f'multipart/form-data; boundary="{boundary}"'
    return browser.post("/search", data=body, content_type=kind, headers=FROM_A_BROWSER)


def links(html: str, label: str) -> list[str]:
    """Return the addresses of the links with this text or label."""
    anchors = re.findall(r"<a ([^>]*)>(.*?)</a>", html, re.DOTALL)
    return [
        unescape(re.search(r'href="([^"]*)"', attributes)[1])  # type: ignore[index]
        for attributes, inner in anchors
        if label in attributes or label in inner
    ]


def test_front_is_a_shop(browser: FlaskClient) -> None:
    html = text(browser.get("/"))
    assert 8 <= len(TITLE.findall(html)) <= 12
    assert "It is deleted after 1 hour." in html
    assert 'capture="environment"' in html
    assert links(html, "Apparel") == ["/search?filter=category:Apparel"]
    assert all("/search?product_id=saleor-" in link for link in links(html, "Find similar"))


def test_upload_without_scripts_finds_its_product_and_says_why(
    browser: FlaskClient, shop: Shop
) -> None:
    html = text(upload(browser, shop.picture(SHOE)))
    assert (TITLE.findall(html)[0], BADGE.findall(html)[0]) == ("saleor-127", "same_photo")
    again = text(browser.get(links(html, "Link to this search")[0]))
    assert TITLE.findall(again) == TITLE.findall(html)


def test_words_are_sent_on_to_an_address(browser: FlaskClient) -> None:
    answer = browser.post("/search", data={"q": "blue plimsolls", "image": (io.BytesIO(), "")})
    assert (answer.status_code, answer.location) == (303, "/search?q=blue+plimsolls")
    html = text(browser.get(answer.location))
    assert TITLE.findall(html)[0] == "saleor-128"
    assert BADGE.findall(html) == [], "that words match needs no badge"


def test_words_are_added_to_the_picture(browser: FlaskClient, shop: Shop) -> None:
    html = text(upload(browser, shop.picture(SHOE)))
    picture = re.search(r'name="picture" value="([^"]+)"', html)
    assert picture is not None
    answer = browser.post("/search", data={"q": "blue", "picture": picture[1]})
    html = text(browser.get(answer.location))
    titles = TITLE.findall(html)
    assert titles[0] == "saleor-128"
    assert "saleor-127" not in titles, "the same shoe in white is not blue"


def test_new_picture_takes_the_place_of_the_old_one_and_its_crop(
    browser: FlaskClient, shop: Shop
) -> None:
    old = {"picture": "A" * 22, "crop": "0,0,0.1,0.1", "product_id": "saleor-130"}
    html = text(upload(browser, shop.picture(SHOE), **old))
    assert BADGE.findall(html)[0] == "same_photo"


def test_crop_typed_in_percent_looks_at_that_part(browser: FlaskClient, shop: Shop) -> None:
    edges = {"left": "0", "top": "0", "right": "50", "bottom": "62.5"}
    html = text(upload(browser, shop.picture(SHOE), **edges))
    assert "same_photo" not in BADGE.findall(html)
    assert "crop=0%2C0%2C0.5%2C0.625" in html
    assert 'name="bottom" value="62.5"' in html


@pytest.mark.parametrize("edges", ["50 0 50 100", "x 0 1 1", "0 0 101 100"])
def test_impossible_crop_is_an_error_page(browser: FlaskClient, shop: Shop, edges: str) -> None:
    sides = dict(zip(("left", "top", "right", "bottom"), edges.split(), strict=True))
    html = text(upload(browser, shop.picture(SHOE), **sides), 422)
    assert "crop" in html


def test_facets_hold_counts_and_keep_the_search(browser: FlaskClient) -> None:
    html = text(browser.get("/search?q=saleor&filter=category:Apparel&price_min=10"))
    assert re.search(r'value="category:Apparel" checked', html)
    assert '<input type="hidden" name="q" value="saleor">' in html
    assert 'name="price_min" value="10"' in html
    assert links(html, "Remove filter: Apparel") == ["/search?q=saleor&price_min=10"]
    assert links(html, "Remove filter: from $10.00") == [
        "/search?q=saleor&filter=category%3AApparel"
    ]
    assert links(html, "Clear all") == ["/search?q=saleor"]


def test_what_is_left_out_shows_and_can_be_taken_off(browser: FlaskClient) -> None:
    html = text(browser.get("/search?q=saleor&exclude=category:Apparel&price_min=10"))
    assert links(html, "Remove filter: Not: Apparel") == ["/search?q=saleor&price_min=10"]
    assert '<input type="hidden" name="exclude" value="category:Apparel">' in html
    assert links(html, "Clear all") == ["/search?q=saleor"]


def test_pages_follow_each_other_to_the_end(browser: FlaskClient, shop: Shop) -> None:
    html = text(upload(browser, shop.picture(SHOE), size="12", alike_only="false"))
    seen = TITLE.findall(html)
    for number in (2, 3):
        (following,) = links(html, 'rel="next"')
        assert following in links(html, f'aria-label="Page {number}"')
        html = text(browser.get(following))
        assert f"· Page {number}" in html
        seen += TITLE.findall(html)
    assert links(html, 'rel="next"') == []
    assert len(seen) == len(set(seen)) == 32


def test_more_like_this_leaves_the_product_out(browser: FlaskClient) -> None:
    html = text(browser.get("/search?product_id=saleor-127"))
    assert TITLE.findall(html)[0] == "saleor-128"
    assert "saleor-127" not in TITLE.findall(html)
    assert "White Plimsolls" in html


def test_product_shows_all_its_pictures_and_its_kin(browser: FlaskClient) -> None:
    html = text(browser.get("/products/saleor-127"))
    assert set(re.findall(r"White Plimsolls, picture (\d)", html)) == {"1", "2", "3", "4"}
    assert "$80.00" in html
    assert TITLE.findall(html)[0] == "saleor-128"


def test_empty_result_says_so_and_offers_a_way_on(browser: FlaskClient) -> None:
    html = text(browser.get("/search?q=plimsolls&filter=brand:Nobody"))
    assert "No products found" in html
    assert links(html, "Clear filters") == ["/search?q=plimsolls"]
    assert links(html, "See all products") == ["/search"]


def test_guess_is_called_a_guess(browser: FlaskClient, shared_data: Any) -> None:
    photo = sorted((shared_data / "grocery" / "queries").glob("*.jpg"))[0].read_bytes()
    html = text(upload(browser, photo))
    assert "These are guesses" in html or "These come closest" in html
    assert BADGE.findall(html) == []


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("/search?filter=colr:red", 400, "unknown filter"),
        ("/search?cursor=nonsense", 422, "cursor"),
        ("/search?picture=AAAAAAAAAAAAAAAAAAAAAA", 404, "Send the photo again"),
        ("/products/nobody", 404, "no longer here"),
        ("/nowhere", 404, "no longer here"),
    ],
)
def test_browser_is_shown_errors_as_pages(
    browser: FlaskClient, path: str, status: int, said: str
) -> None:
    assert said in text(browser.get(path, headers=FROM_A_BROWSER), status)


def test_program_is_told_errors_as_problems(browser: FlaskClient) -> None:
    for path, headers in (("/nowhere", {}), ("/api/v1/products/nobody", FROM_A_BROWSER)):
        answer = browser.get(path, headers=headers)
        assert answer.content_type == "application/problem+json"


@pytest.mark.parametrize(
    ("data", "status", "said"),
    [
        (b"not a picture", 415, "Send a JPEG, PNG, WebP, GIF, AVIF or HEIC"),
        (b"\xff\xd8\xff\xe0" + bytes(100), 422, "broken"),
        (b"\xff\xd8\xff" + bytes(17_000_000), 413, "too large"),
        (bytes(41 * 1024 * 1024), 413, "too much for one request"),
    ],
)
def test_broken_picture_is_met_with_what_to_do(
    browser: FlaskClient, data: bytes, status: int, said: str
) -> None:
    assert said in text(upload(browser, data), status)


def test_engine_away_is_a_page_that_says_when_to_try_again(shop: Shop) -> None:
    with shop.services() as services:
        engine = services.settings.engine
    with shop.app(engine=replace(engine, url="http://127.0.0.1:9"), log_searches=False) as app:
        answer = app.test_client().get("/?lang=ja", headers=FROM_A_BROWSER)
    assert "しばらくしてから" in text(answer, 503)
    assert int(answer.headers["Retry-After"]) > 0


def test_hostile_words_are_only_text(browser: FlaskClient) -> None:
    html = text(browser.get("/search", query_string={"q": "<script>alert(1)</script>\"'{{7*7}}"}))
    assert "<script>alert" not in html
    assert "{{7*7}}" in html


def test_page_needs_nothing_from_elsewhere(browser: FlaskClient) -> None:
    for path in ("/", "/search?q=shoes", "/products/saleor-127", "/docs"):
        answer = browser.get(path)
        html = text(answer)
        assert "style=" not in html
        assert re.findall(r"<script(?![^>]*(?: src=\"/static/|\"application/ld))", html) == []
        assert re.findall(r"<(?:link|img|script)[^>]+(?:href|src)=\"(?!/)[^\"]*", html) == []
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'self'")


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"headers": {"Accept-Language": "ja,en;q=0.5"}}, "ja"),
        ({"headers": {"Accept-Language": "fr"}}, "en"),
        ({"query_string": {"lang": "ja"}, "headers": {"Accept-Language": "en"}}, "ja"),
        ({"query_string": {"lang": "xx"}}, "en"),
    ],
)
def test_language_is_the_one_asked_for(
    browser: FlaskClient, asked: dict[str, Any], expected: str
) -> None:
    answer = browser.get("/", **asked)
    assert answer.headers["Content-Language"] == expected
    assert f'<html lang="{expected}">' in text(answer)


def test_language_once_chosen_stays(browser: FlaskClient) -> None:
    browser.get("/search?q=mug&lang=ja")
    html = text(browser.get("/products/saleor-127"))
    assert "在庫あり" in html
    assert links(html, "English") == ["/products/saleor-127?lang=en"]


def test_prices_are_written_as_the_language_writes_them() -> None:
    english, japanese = language.language("en"), language.language("ja")
    assert english.price(1234.5, "EUR") == "€1,234.50"
    assert (english.price(1500, "JPY"), japanese.price(1500, "JPY")) == ("¥1,500", "￥1,500")
    assert english.price(3, None) == english.price(3, "XXQ") == "3"


def test_every_message_is_in_every_language() -> None:
    messages = {code: json.loads((FOLDER / f"{code}.json").read_text()) for code in CODES}
    assert {path.stem for path in FOLDER.glob("*.json")} == set(CODES)
    plural = re.compile(r"\.(zero|one|two|few|many|other)$")
    keys = {code: {plural.sub("", key) for key in said} for code, said in messages.items()}
    assert all(keys[code] == keys["en"] for code in CODES)
    holes = re.compile(r"{\w+}")
    for key in set.intersection(*(set(said) for said in messages.values())):
        assert len({tuple(sorted(holes.findall(said[key]))) for said in messages.values()}) == 1


def test_docs_describe_every_operation_with_an_example(browser: FlaskClient) -> None:
    html = unescape(text(browser.get("/docs")))
    description = browser.get("/openapi.json").json
    assert description is not None
    operations = [(m, path) for path, ms in description["paths"].items() for m in ms]
    assert len(operations) >= 8
    for method, path in operations:
        assert re.search(rf"{method.upper()}</span> <code>{re.escape(path)}</code>", html)
    assert html.count("<pre") == len(operations)
    assert "curl -F image=@photo.jpg http://localhost/api/v1/search" in html
    for name in re.findall(r'href="#([^"]+)"', html):
        assert f'id="{name}"' in html
