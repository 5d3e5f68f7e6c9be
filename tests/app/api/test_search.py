"""Search by pictures, words and filters, through HTTP, on a real feed and a real server."""

import base64
import io
from typing import Any

import pytest
from flask.testing import FlaskClient
from PIL import Image, ImageOps

from tests.support.shop import Shop
from tests.support.uploads import form

SHOE = "saleor-white-plimsolls-1.png"
SHOE_ID = "saleor-127"


def upload(client: FlaskClient, *pictures: bytes, **fields: Any) -> Any:
    return client.post("/api/v1/search", **form(*pictures, **fields))


def ids(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [hit["id"] for hit in answer.json["hits"]]


def test_picture_finds_its_product_and_says_why(client: FlaskClient, shop: Shop) -> None:
    answer = upload(
        client, shop.picture(SHOE), facets=["category", "colour", "picture_colour", "price"]
    )
    first = answer.json["hits"][0]
    assert (first["id"], first["badge"]) == (SHOE_ID, "same_file")
    assert first["signals"]["embedding"]["cosine"] == pytest.approx(1, abs=1e-3)
    assert first["signals"]["checksum"]["score"] == 1.0
    assert sum(one["share"] for one in first["signals"].values()) == pytest.approx(1, abs=1e-3)
    assert 0.9 < first["score"] <= 1
    assert set(answer.json["facets"]) == {"category", "colour", "picture_colour", "price"}
    assert answer.json["plan"] == "exact"
    with client.get(first["image"]) as thumbnail:
        assert thumbnail.content_type == "image/jpeg"


def test_mirrored_picture_is_still_the_same_photo(client: FlaskClient, shop: Shop) -> None:
    with Image.open(io.BytesIO(shop.picture(SHOE))) as im:
        mirrored = io.BytesIO()
        flat = Image.alpha_composite(Image.new("RGBA", im.size, "white"), im.convert("RGBA"))
        ImageOps.mirror(flat.convert("RGB")).save(mirrored, "JPEG")
    first = upload(client, mirrored.getvalue()).json["hits"][0]
    assert (first["id"], first["badge"]) == (SHOE_ID, "same_photo")
    assert first["signals"]["pdq"]["distance"] <= 31


def test_words_alone_find_and_are_badged_as_text(client: FlaskClient) -> None:
    answer = client.get("/api/v1/search?q=plimsolls&size=5")
    assert {SHOE_ID, "saleor-128"} <= set(ids(answer))
    assert answer.json["hits"][0]["badge"] == "text"


def test_words_and_picture_together_rank_both(client: FlaskClient, shop: Shop) -> None:
    hits = ids(upload(client, shop.picture(SHOE), q="blue plimsolls", size="3"))
    assert hits.index("saleor-128") <= 1


def test_filter_holds_for_every_hit_and_costs_none(client: FlaskClient, shop: Shop) -> None:
    picture = shop.picture(SHOE)
    wide = upload(client, picture, size="50")
    narrow = upload(client, picture, size="50", filter=["brand:Saleor Loom"])
    expected = [h["id"] for h in wide.json["hits"] if h["product"].get("brand") == "Saleor Loom"]
    assert ids(narrow) == expected
    assert narrow.json["total"] == len(expected) > 1


def test_price_range_is_inclusive(client: FlaskClient) -> None:
    answer = client.get("/api/v1/search?price_min=75&price_max=80&size=50")
    prices = [hit["product"]["price"] for hit in answer.json["hits"]]
    assert prices
    assert all(75 <= price <= 80 for price in prices)


def test_pages_by_cursor_cover_everything_once(client: FlaskClient, shop: Shop) -> None:
    answer = upload(client, shop.picture(SHOE), size="10")
    seen = ids(answer)
    while answer.json["next_cursor"]:
        cursor = answer.json["next_cursor"]
        answer = client.get("/api/v1/search", query_string={"cursor": cursor, "size": 10})
        seen += ids(answer)
    assert len(seen) == len(set(seen)) == answer.json["total"] == 32


def test_next_page_goes_on_with_pictures_and_products_alike(
    client: FlaskClient, shop: Shop
) -> None:
    asked = {"product_id": "saleor-128", "q": "shoe"}
    whole = ids(upload(client, shop.picture(SHOE), **asked, size="10"))
    first = upload(client, shop.picture(SHOE), **asked, size="5")
    second = client.get(
        "/api/v1/search",
        query_string={**asked, "size": "5", "cursor": first.json["next_cursor"]},
    )
    assert ids(first) + ids(second) == whole


def test_earlier_picture_is_refined_without_sending_it_again(
    client: FlaskClient, shop: Shop
) -> None:
    first = upload(client, shop.picture(SHOE))
    again = client.get(f"/api/v1/search?picture={first.json['picture']}&filter=category:Apparel")
    assert ids(again)[0] == SHOE_ID


def test_several_pictures_are_averaged(client: FlaskClient, shop: Shop) -> None:
    pair = (shop.picture(SHOE), shop.picture("saleor-blue-plimsolls-1.png"))
    assert set(ids(upload(client, *pair, size="2"))) == {SHOE_ID, "saleor-128"}


def test_accurate_look_is_another_question_about_the_same_picture(
    client: FlaskClient, shop: Shop
) -> None:
    picture = shop.picture(SHOE)
    cosines = {
        accurate: upload(client, picture, features="embedding", accurate=accurate).json["hits"][0][
            "signals"
        ]["embedding"]["cosine"]
        for accurate in ("false", "true")
    }
    assert cosines["false"] == pytest.approx(1, abs=1e-3)
    assert 0.8 < cosines["true"] < 0.9999


def test_prepared_picture_is_looked_at_instead_of_the_file(client: FlaskClient, shop: Shop) -> None:
    steps = {"prepare": "denoise,contrast", "features": "checksum"}
    assert ids(upload(client, shop.picture(SHOE), **steps)) == []
    steps["features"] = "embedding"
    answer = upload(client, shop.picture(SHOE), **steps)
    assert ids(answer)[0] == SHOE_ID
    assert answer.json["hits"][0]["signals"]["embedding"]["cosine"] < 0.9999


def test_unknown_preparation_is_named(client: FlaskClient, shop: Shop) -> None:
    answer = upload(client, shop.picture(SHOE), prepare="sharpen")
    assert (answer.status_code, answer.json["code"]) == (400, "unknown_name")
    assert "background, contrast, denoise" in answer.json["detail"]


def test_crop_looks_at_that_part_only(client: FlaskClient, shop: Shop) -> None:
    two = Image.new("RGB", (800, 400), "white")
    for place, name in ((0, SHOE), (400, "saleor-headless-omnichannel-book.png")):
        with Image.open(io.BytesIO(shop.picture(name))) as part:
            two.paste(part.convert("RGBA").resize((400, 400)).convert("RGB"), (place, 0))
    both = io.BytesIO()
    two.save(both, "PNG")
    right = upload(client, both.getvalue(), crop="0.5,0,1,1")
    assert ids(right)[0] == "saleor-126"


def test_json_body_takes_pictures_as_base64(client: FlaskClient, shop: Shop) -> None:
    encoded = base64.b64encode(shop.picture(SHOE)).decode()
    answer = client.post("/api/v1/search", json={"images": [encoded], "size": 1})
    assert ids(answer) == [SHOE_ID]


@pytest.mark.parametrize("measure", ["dot", "l2", "cosine", "embedding:l2"])
def test_measures_agree_on_unit_vectors(client: FlaskClient, shop: Shop, measure: str) -> None:
    picture = shop.picture(SHOE)
    asked = {"features": "embedding", "size": "8"}
    plain = ids(upload(client, picture, **asked))
    assert ids(upload(client, picture, **asked, similarity=measure)) == plain


def test_weight_and_features_choose_what_counts(client: FlaskClient, shop: Shop) -> None:
    answer = upload(client, shop.picture(SHOE), features=["colour", "embedding"], size="3")
    assert set(answer.json["hits"][0]["signals"]) == {"colour", "embedding"}


def test_minimum_score_cuts_the_page(client: FlaskClient, shop: Shop) -> None:
    picture = shop.picture(SHOE)
    every = upload(client, picture, size="50").json
    cut = upload(client, picture, size="50", min_score="0.5").json
    assert 0 < cut["total"] < every["total"]
    assert all(hit["score"] >= 0.5 for hit in cut["hits"])


def test_picture_with_nothing_in_it_says_so(client: FlaskClient) -> None:
    blank = io.BytesIO()
    Image.new("RGB", (64, 64), "white").save(blank, "PNG")
    answer = upload(client, blank.getvalue(), features=["pdq", "phash"])
    assert (answer.json["hits"], answer.json["no_signal"]) == ([], True)


def test_nothing_asked_browses_the_catalogue(client: FlaskClient) -> None:
    answer = client.get("/api/v1/search?size=5")
    assert (answer.json["plan"], answer.json["total"]) == ("browse", 32)


def test_similar_leaves_the_product_itself_out(client: FlaskClient) -> None:
    found = ids(client.get(f"/api/v1/products/{SHOE_ID}/similar?size=3"))
    assert found[0] == "saleor-128"
    assert SHOE_ID not in found


def test_ids_alone(client: FlaskClient) -> None:
    answer = client.get(f"/nns?product_id={SHOE_ID}&limit=2")
    assert len(answer.json["result"]) == 2
    assert client.get(f"/nns?product_id={SHOE_ID}&category_id=nothing").json == {"result": []}


@pytest.mark.parametrize(
    ("query", "status", "said"),
    [
        ("filter=colr:red", 400, "unknown filter 'colr'; known: "),
        ("facets=colr", 400, "unknown facet 'colr'"),
        ("features=vibes", 400, "unknown feature 'vibes'; known: checksum, colour, embedding"),
        ("weight=vibes:1", 400, "unknown feature 'vibes'"),
        ("similarity=embedding:taxi", 400, "unknown similarity of embedding 'taxi'"),
        ("similarity=taxi", 400, "unknown similarity 'taxi'; known: bhattacharyya"),
        ("order=price", 400, "unknown parameter 'order'"),
        ("size=1000000000", 422, "size"),
        ("price_min=9&price_max=1", 422, "price_min 9.0 is above"),
        ("cursor=nonsense", 422, "cursor"),
        ("picture=AAAAAAAAAAAAAAAAAAAAAA", 404, "send the picture again"),
        ("product_id=nobody", 404, "no product 'nobody'"),
    ],
)
def test_bad_parameter_is_a_problem_that_says_what_to_do(
    client: FlaskClient, query: str, status: int, said: str
) -> None:
    answer = client.get(f"/api/v1/search?{query}")
    assert (answer.status_code, answer.content_type) == (status, "application/problem+json")
    assert said in answer.json["detail"]
    assert answer.json["request_id"] == answer.headers["X-Request-Id"]


@pytest.mark.parametrize(
    "words",
    [
        "* OR *:*",
        'title:"x" AND NOT (',
        "\0\0",
        "${jndi:ldap://x}",
        "a" * 1000,
        "{{7*7}}",
        "＊～^2",
    ],
)
def test_hostile_words_are_searched_literally(client: FlaskClient, words: str) -> None:
    answer = client.get("/api/v1/search", query_string={"q": words})
    assert answer.status_code == 200
    assert answer.json["total"] < 32


def test_japanese_words_find_nothing_rather_than_everything(client: FlaskClient) -> None:
    assert ids(client.get("/api/v1/search?q=抹茶")) == []
