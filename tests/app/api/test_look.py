"""All parts of a photo are answered by one request, and each as its own search is."""

import io
from typing import Any

import numpy as np
import pytest
from flask.testing import FlaskClient
from PIL import Image

from app.search.look import look_searcher
from bench.look.grounds import draw_ground
from mappings.engine.gateway import Gateway
from tests.support.shop import Shop
from tests.support.uploads import form

GOODS = ("saleor-white-plimsolls-1.png", "saleor-mighty-mug.png", "saleor-cushion-blue.png")
TITLES = ["White Plimsolls", "Mighty Mug", "The Dash Cushion"]


@pytest.fixture(scope="module")
def scene(shop: Shop) -> bytes:
    """Three products of the shop on a wooden table, from left to right."""
    ground = draw_ground("wood", (1200, 600), np.random.default_rng(5))
    for number, name in enumerate(GOODS):
        with Image.open(shop.pictures / name) as opened:
            goods = opened.convert("RGBA").resize((320, 320))
        ground.paste(goods, (40 + 400 * number, 140), goods)
    file = io.BytesIO()
    ground.save(file, "JPEG", quality=90)
    return file.getvalue()


def looked(client: FlaskClient, *pictures: bytes, **fields: Any) -> Any:
    return client.post("/api/v1/look", **form(*pictures, **fields))


def titles(part: Any) -> list[str]:
    return [hit["product"]["title"] for hit in part["hits"]]


def test_every_thing_has_a_part_in_reading_order_with_its_product_in_front(
    client: FlaskClient, scene: bytes
) -> None:
    answer = looked(client, scene)
    assert answer.status_code == 200, answer.text
    parts = answer.json["parts"]
    assert 3 <= len(parts) <= 6
    found = [titles(part)[:3] for part in parts]
    places = [next(n for n, near in enumerate(found) if title in near) for title in TITLES]
    assert places == sorted(set(places))
    assert all(len(part["hits"]) <= 8 for part in parts)


def test_a_part_is_named_after_its_matches(client: FlaskClient, scene: bytes) -> None:
    for part in looked(client, scene).json["parts"]:
        categories = [hit["product"].get("category") or [] for hit in part["hits"][:3]]
        assert not part["name"] or any(
            path.endswith(part["name"]) for paths in categories for path in paths
        )


def test_one_request_asks_for_all_parts(
    client: FlaskClient, scene: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked(client, scene)
    asked: list[int] = []
    search_many = Gateway.search_many

    def counted(self: Gateway, index: str, bodies: Any, **options: Any) -> Any:
        asked.append(len(bodies))
        return search_many(self, index, bodies, **options)

    monkeypatch.setattr(Gateway, "search_many", counted)
    parts = looked(client, scene).json["parts"]
    assert len(asked) == 1
    assert asked[0] >= len(parts) >= 3


def test_a_part_is_answered_as_a_search_with_its_crop(client: FlaskClient, scene: bytes) -> None:
    for part in looked(client, scene, size="5").json["parts"]:
        fields = {"crop": part["crop"], "alike_only": "true", "size": "5", "read_text": "no"}
        plain = client.post("/api/v1/search", **form(scene, **fields)).json
        assert plain is not None
        if part["looser"]:
            assert titles(part) == titles(plain)[: look_searcher.NEAREST_HITS]
            continue
        assert titles(part) == titles(plain)
        scores = [hit["score"] for hit in plain["hits"]]
        assert [hit["score"] for hit in part["hits"]] == pytest.approx(scores, abs=1e-4)


def test_filters_hold_for_every_part(client: FlaskClient, scene: bytes) -> None:
    whole = looked(client, scene).json["parts"]
    category = next(hit["product"]["category"][0] for part in whole for hit in part["hits"])
    for part in looked(client, scene, filter=f"category:{category}").json["parts"]:
        assert all(category in hit["product"]["category"] for hit in part["hits"])


def test_stored_photo_is_named_and_its_parts_are_extracted_once(
    client: FlaskClient, scene: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    searched: Any = client.post("/api/v1/search", **form(scene, keep_photo="true")).json
    photo = f"{searched['picture']}.1"
    first = looked(client, photo=photo).json["parts"]
    monkeypatch.setattr("app.search.query_extractor.QueryExtractor.extract", None)
    again = looked(client, photo=photo).json["parts"]
    assert [titles(part) for part in again] == [titles(part) for part in first]


@pytest.mark.parametrize(
    ("pictures", "fields", "status", "code"),
    [
        ([], {}, 422, "invalid_query"),
        ([b"no picture"], {}, 415, "unsupported_image"),
        ([b"x"], {"parts": "7"}, 422, "invalid_query"),
        ([b"x"], {"q": "mug"}, 400, "unknown_name"),
        ([], {"photo": "unknown.1"}, 404, "photo_expired"),
    ],
    ids=["no picture", "no picture format", "too many parts", "unknown parameter", "expired"],
)
def test_what_cannot_be_answered_says_why(
    client: FlaskClient, pictures: list[bytes], fields: dict[str, str], status: int, code: str
) -> None:
    answer = looked(client, *pictures, **fields)
    assert (answer.status_code, answer.json["code"]) == (status, code)


def test_blank_photo_has_no_parts(client: FlaskClient) -> None:
    file = io.BytesIO()
    Image.new("RGB", (400, 300), "white").save(file, "PNG")
    assert looked(client, file.getvalue()).json["parts"] == []
