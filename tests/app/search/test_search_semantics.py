"""Several pictures, negative examples, one hit a photo and cursors, through HTTP."""

import io
import re
from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from app.factory import create_app
from app.services import build_services
from app.settings import AppSettings
from core.environment import Environment
from features import registry
from mappings.catalogue.catalogue import Catalogue
from mappings.engine.connection import EngineSettings, connect
from tests.support.shop import Shop

SHOE, SHOE_ID = "saleor-white-plimsolls-1.png", "saleor-127"
BLUE, BLUE_ID = "saleor-blue-plimsolls-1.png", "saleor-128"
BOOK, BOOK_ID = "saleor-headless-omnichannel-book.png", "saleor-126"


def search(client: FlaskClient, pictures: list[tuple[str, bytes]], **fields: Any) -> Any:
    """Upload pictures under their field names. Encoded here: the client leaves files open."""
    parts: dict[str, list[Any]] = {
        name: list(value) if isinstance(value, list) else [value] for name, value in fields.items()
    }
    for name, data in pictures:
        parts.setdefault(name, []).append(FileStorage(io.BytesIO(data), "photo.png", name))
    boundary, body = encode_multipart(parts)
    kind = f'multipart/form-data; boundary="{boundary}"'
    return client.post("/api/v1/search", data=body, content_type=kind)


def ids(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [hit["id"] for hit in answer.json["hits"]]


@pytest.fixture
def pair(shop: Shop) -> list[tuple[str, bytes]]:
    """A shoe and a book: two pictures that have nothing in common."""
    return [("image", shop.picture(SHOE)), ("image", shop.picture(BOOK))]


def test_any_puts_every_pictures_own_product_first(
    client: FlaskClient, pair: list[tuple[str, bytes]]
) -> None:
    answer = search(client, pair, combine="any", size="3")
    assert set(ids(answer)[:2]) == {SHOE_ID, BOOK_ID}
    assert all(hit["score"] > 0.9 for hit in answer.json["hits"][:2])


def test_all_trusts_no_hit_that_one_picture_denies(
    client: FlaskClient, pair: list[tuple[str, bytes]]
) -> None:
    every = search(client, pair, combine="all", size="3", features="embedding").json["hits"]
    either = search(client, pair, combine="any", size="3", features="embedding").json["hits"]
    assert every[0]["score"] < 0.9 < either[0]["score"]


def test_average_of_two_shoes_asks_one_question(client: FlaskClient, shop: Shop) -> None:
    shoes = [("image", shop.picture(SHOE)), ("image", shop.picture(BLUE))]
    answer = search(client, shoes, size="2")
    assert set(ids(answer)) == {SHOE_ID, BLUE_ID}


def test_negative_picture_moves_its_product_down(client: FlaskClient, shop: Shop) -> None:
    asked = {"size": "32", "features": "embedding"}
    liked = [("image", shop.picture(SHOE))]
    plain = ids(search(client, liked, **asked))
    both = [*liked, ("unlike_image", shop.picture(BLUE))]
    answer = search(client, both, **asked, unlike_weight="1")
    apart = ids(answer)
    assert plain.index(BLUE_ID) == 1 < apart.index(BLUE_ID)
    assert all(0 <= hit["score"] <= 1 for hit in answer.json["hits"])
    blue = answer.json["hits"][apart.index(BLUE_ID)]
    assert blue["unlike"]["embedding"]["cosine"] == pytest.approx(1, abs=1e-3)


def test_negative_product_is_no_hit_itself(client: FlaskClient, shop: Shop) -> None:
    liked = [("image", shop.picture(SHOE))]
    assert BLUE_ID not in ids(search(client, liked, size="32", unlike_product_id=BLUE_ID))


def test_pages_go_on_with_remembered_negative_pictures(client: FlaskClient, shop: Shop) -> None:
    pictures = [("image", shop.picture(SHOE)), ("unlike_image", shop.picture(BLUE))]
    whole = ids(search(client, pictures, size="10"))
    first = search(client, pictures, size="5")
    cursor = {"size": 5, "cursor": first.json["next_cursor"]}
    second = client.get("/api/v1/search", query_string=cursor)
    assert ids(first) + ids(second) == whole
    refined = {"picture": first.json["picture"], "unlike_picture": first.json["unlike_picture"]}
    again = client.get("/api/v1/search", query_string={**refined, "size": 10})
    assert ids(again) == whole


def test_json_takes_negative_pictures_as_base64(client: FlaskClient, shop: Shop) -> None:
    import base64

    like, unlike = (base64.b64encode(shop.picture(one)).decode() for one in (SHOE, BLUE))
    asked = {"images": [like], "unlike_images": [unlike], "unlike_weight": 1, "size": 2}
    assert BLUE_ID not in ids(client.post("/api/v1/search", json=asked))


@pytest.mark.parametrize("unlike", [{"unlike_product_id": SHOE_ID}, {}])
def test_negative_examples_alone_are_refused(
    client: FlaskClient, shop: Shop, unlike: dict[str, str]
) -> None:
    pictures = [] if unlike else [("unlike_image", shop.picture(SHOE))]
    answer = search(client, pictures, **unlike)
    assert (answer.status_code, answer.json["code"]) == (422, "invalid_query")
    assert "add a picture, a product or words" in answer.json["detail"]


def test_negative_examples_go_with_words(client: FlaskClient) -> None:
    found = ids(client.get(f"/api/v1/search?q=plimsolls&unlike_product_id={BLUE_ID}"))
    assert found[0] == SHOE_ID


@pytest.mark.parametrize(
    ("crop", "said"),
    [
        ("0.5,0,0.5,1", "0 ≤ left < right ≤ 1"),
        ("0,0,1.5,1", "0 ≤ left < right ≤ 1"),
        ("0,0,nan,1", "0 ≤ left < right ≤ 1"),
    ],
)
def test_empty_box_and_box_outside_the_picture_are_refused(
    client: FlaskClient, shop: Shop, crop: str, said: str
) -> None:
    answer = search(client, [("image", shop.picture(SHOE))], crop=crop)
    assert answer.status_code == 422
    assert said in answer.json["detail"]


@pytest.mark.parametrize(
    "changed",
    [
        {"q": "other"},
        {"filter": "brand:Saleor Loom"},
        {"collapse": "photo"},
        {"combine": "any"},
        {"min_score": "0.1"},
        {"picture": "A" * 22},
        {"unlike_product_id": SHOE_ID},
        {"weight": "embedding:2"},
    ],
)
def test_cursor_of_another_search_is_refused(client: FlaskClient, changed: dict[str, str]) -> None:
    asked = {"product_id": BLUE_ID, "size": "2"}
    first = client.get("/api/v1/search", query_string=asked)
    assert first.json is not None
    cursor = first.json["next_cursor"]
    answer = client.get("/api/v1/search", query_string={**asked, **changed, "cursor": cursor})
    assert answer.status_code == 422
    assert answer.json is not None
    assert "belongs to another search" in answer.json["detail"]


def test_cursor_takes_another_page_size_and_other_facets(client: FlaskClient) -> None:
    asked = {"product_id": BLUE_ID}
    whole = ids(client.get("/api/v1/search", query_string={**asked, "size": 6}))
    first = client.get("/api/v1/search", query_string={**asked, "size": 2})
    assert first.json is not None
    following = {**asked, "size": 4, "facets": "brand", "cursor": first.json["next_cursor"]}
    assert ids(first) + ids(client.get("/api/v1/search", query_string=following)) == whole


def test_words_and_picture_weigh_as_asked(client: FlaskClient, shop: Shop) -> None:
    picture = [("image", shop.picture(SHOE))]
    words = {"q": "headless omnichannel book", "size": "1"}
    by_words = search(client, picture, **words, weight=["text:5", "embedding:0.1"])
    by_picture = search(client, picture, **words, weight=["text:0.1", "embedding:5"])
    assert (ids(by_words), ids(by_picture)) == ([BOOK_ID], [SHOE_ID])


def test_uncalibrated_scores_are_called_a_similarity(client: FlaskClient, shop: Shop) -> None:
    answer = search(client, [("image", shop.picture(SHOE))], size="1").json
    assert (answer["score_kind"], answer["confident_from"]) == ("similarity", None)


@pytest.fixture
def bazaar(environment: Environment) -> Iterator[APIFlask]:
    """A mug at three sellers, all with one photo, and another mug."""
    settings = Environment({**environment.values, "LOOKALIKE_FEATURES": "checksum"})
    features = registry.load(settings)
    engine = EngineSettings.from_env(settings)
    catalogue = Catalogue(connect(engine), features, engine.index)
    catalogue.prepare()

    def mug(key: str, photo: str) -> dict[str, Any]:
        images = [{"image_id": photo * 64, "source": "catalogue", "checksum": photo * 64}]
        return {"id": key, "title": "Blue mug", "seller_id": f"seller-{key}", "images": images}

    catalogue.write([mug("1", "a"), mug("2", "a"), mug("3", "a"), mug("4", "b")], refresh=True)
    services = build_services(AppSettings.from_env(settings), features)
    yield create_app(services)
    services.close()


def test_one_photo_is_one_hit_and_the_others_are_a_filter_away(bazaar: APIFlask) -> None:
    client = bazaar.test_client()
    answer = client.get("/api/v1/search?q=mug&collapse=photo&facets=seller_id").json
    assert [(hit["id"], hit["siblings"]) for hit in answer["hits"]] == [("1", 2), ("4", 0)]
    assert (answer["total"], len(answer["facets"]["seller_id"])) == (4, 4)
    group = answer["hits"][0]["photo_group"]
    one_by_one = client.get(f"/api/v1/search?q=mug&filter=photo_group:{group}")
    assert ids(one_by_one) == ["1", "2", "3"]
    assert ids(client.get("/api/v1/search?q=mug")) == ["1", "2", "3", "4"]


def test_pages_of_photos_go_on_by_cursor(bazaar: APIFlask) -> None:
    client = bazaar.test_client()
    first = client.get("/api/v1/search?q=mug&collapse=photo&size=1").json
    cursor = first["next_cursor"]
    second = client.get(f"/api/v1/search?q=mug&collapse=photo&size=1&cursor={cursor}")
    assert [hit["id"] for hit in first["hits"]] + ids(second) == ["1", "4"]


def test_storefront_shows_one_card_a_photo_with_a_link_to_the_others(bazaar: APIFlask) -> None:
    client = bazaar.test_client()
    html = client.get("/search?q=mug").text
    assert re.findall(r'class="card-title"><a href="/products/(\d)"', html) == ["1", "4"]
    found = re.search(r'class="card-siblings"><a href="([^"]+)">2 more with the same photo', html)
    assert found is not None
    others = client.get(unescape(found[1])).text
    assert re.findall(r'class="card-title"><a href="/products/(\d)"', others) == ["1", "2", "3"]
    assert "Same photo" in others
    assert len(re.findall('class="card-title"', client.get("/").text)) == 2


def test_card_offers_less_like_it_and_a_chip_takes_it_back(bazaar: APIFlask) -> None:
    client = bazaar.test_client()
    html = client.get("/search?q=mug").text
    found = re.search(r'href="([^"]*unlike_product_id=1[^"]*)" title="Less like this"', html)
    assert found is not None
    less = client.get(unescape(found[1])).text
    assert "Less like: Blue mug" in less
    assert re.findall(r'class="card-title"><a href="/products/(\d)"', less) == ["4", "2"]
