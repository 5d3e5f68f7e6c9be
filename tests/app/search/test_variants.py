"""The variants of a product are one hit, through HTTP and on the storefront's pages."""

import re
from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.support.shop import Shop
from tests.support.variant_shop import HOODIES, PRODUCTS

TITLES = r'class="card-title"><a href="/products/([\w-]+)"'


@pytest.fixture(scope="module")
def client(variant_shop: Shop) -> Iterator[FlaskClient]:
    with variant_shop.app() as app:
        yield app.test_client()


def get(client: FlaskClient, path: str, **fields: Any) -> Any:
    answer = client.get(path, query_string=fields)
    assert answer.status_code == 200, answer.text
    return answer.json


def ids(answer: Any) -> list[str]:
    return [hit["id"] for hit in answer["hits"]]


def test_variants_are_one_hit_and_say_how_many_more_there_are(client: FlaskClient) -> None:
    answer = get(client, "/api/v1/search", q="hoodie", collapse="group")
    (hit,) = answer["hits"]
    assert hit["id"] in HOODIES
    assert hit["variants"]["count"] == 3
    own = hit["product"]["color"]
    assert {*hit["variants"]["colours"], *own} == {"Red", "Blue", "Navy", "Green"}
    assert len(hit["variants"]["colours"]) == 3
    assert (answer["total"], answer["total_is_exact"]) == (1, True)


def test_products_without_a_group_stay_single(client: FlaskClient) -> None:
    answer = get(client, "/api/v1/search", q="tea", collapse="group")
    assert sorted(ids(answer)) == ["bowl", "plate", "tray"]
    assert [hit["variants"] for hit in answer["hits"]] == [{"count": 0, "colours": []}] * 3
    assert answer["total"] == 3


@pytest.mark.parametrize(
    ("words", "expected"),
    [("blue hoodie", "hood-blue"), ("green hoodie", "hood-green"), ("赤 hoodie", "hood-red")],
)
def test_variant_of_the_colour_asked_for_stands_for_its_group(
    client: FlaskClient, words: str, expected: str
) -> None:
    answer = get(client, "/api/v1/search", q=words, collapse="group")
    assert ids(answer)[0] == expected
    assert answer["hits"][0]["variants"]["count"] == 3


def test_filtered_variant_stands_for_its_group(client: FlaskClient) -> None:
    answer = get(
        client, "/api/v1/search", q="hoodie", filter="color:navy", collapse="group", facets="color"
    )
    assert ids(answer) == ["hood-navy"]
    assert (answer["total"], answer["hits"][0]["variants"]["count"]) == (1, 3)
    assert {entry["value"] for entry in answer["facets"]["color"]} == {
        "Red", "Blue", "Navy", "Green"
    }  # fmt: skip


def test_pages_of_groups_neither_overlap_nor_skip(client: FlaskClient) -> None:
    found: list[str] = []
    answer = get(client, "/api/v1/search", collapse="group", size=2)
    found += ids(answer)
    while answer["next_cursor"]:
        cursor = answer["next_cursor"]
        answer = get(client, "/api/v1/search", collapse="group", size=2, cursor=cursor)
        found += ids(answer)
    groups = [values[2].lower() or values[0] for values in PRODUCTS]
    assert len(found) == len(set(groups)) == answer["total"] == 7


def test_group_is_one_filter_in_any_spelling(client: FlaskClient) -> None:
    answer = get(client, "/api/v1/search", filter="item_group_id:Hood")
    assert set(ids(answer)) == HOODIES


def test_similar_shows_other_products_one_hit_each(client: FlaskClient) -> None:
    answer = get(client, "/api/v1/products/hood-red/similar")
    assert not HOODIES & set(ids(answer))
    assert len([key for key in ids(answer) if key.startswith("coat")]) == 1
    assert answer["total"] == len(answer["hits"]) == 6


def test_similar_shows_a_products_own_variants_when_asked(client: FlaskClient) -> None:
    answer = get(client, "/api/v1/products/hood-red/similar", collapse="none")
    assert set(ids(answer)) == {values[0] for values in PRODUCTS} - {"hood-red"}
    own = get(client, "/api/v1/products/hood-red/similar", filter="item_group_id:HOOD")
    assert ids(own)[0] in HOODIES - {"hood-red"}


def test_search_with_a_product_shows_each_product_unless_asked(client: FlaskClient) -> None:
    answer = get(client, "/api/v1/search", product_id="hood-red")
    assert HOODIES - {"hood-red"} <= set(ids(answer))


def test_unknown_way_is_refused_with_the_known_ones(client: FlaskClient) -> None:
    answer = client.get("/api/v1/search?q=hoodie&collapse=brand")
    assert answer.status_code in (400, 422)
    assert "'none', 'photo', 'group' or 'group_or_photo'" in answer.json["detail"]


@pytest.mark.parametrize("language", ["en", "ja"])
def test_card_says_how_many_further_colours_and_links_to_them(
    client: FlaskClient, language: str
) -> None:
    html = client.get(f"/search?q=hoodie&lang={language}").text
    text = {"en": r"\+3 colours", "ja": "他3色"}[language]
    found = re.search(rf'class="card-variants"><a href="([^"]+)">{text}', html)
    assert found is not None
    page = client.get(unescape(found[1])).text
    assert set(re.findall(TITLES, page)) == HOODIES
    chip = {"en": "All variants of one product", "ja": "同じ商品のバリエーション"}[language]
    assert chip in page


def test_card_of_variants_without_colours_counts_the_variants(client: FlaskClient) -> None:
    html = client.get("/search?q=coat&lang=en").text
    assert len(re.findall(TITLES, html)) == 1
    assert re.search(r'class="card-variants"><a href="[^"]+">\+1 variant<', html)


@pytest.mark.parametrize("path", ["/", "/search", "/products/mug"])
def test_pages_show_one_card_a_product(client: FlaskClient, path: str) -> None:
    shown = re.findall(TITLES, client.get(path).text)
    assert len(HOODIES & set(shown)) == 1


def test_filters_of_a_page_of_variants_stay_among_them(client: FlaskClient) -> None:
    html = client.get("/search?filter=item_group_id:HOOD").text
    assert re.search(r'<input type="hidden" name="filter" value="item_group_id:HOOD">', html)
