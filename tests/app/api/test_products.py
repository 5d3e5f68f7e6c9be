"""Stored products and their thumbnails."""

import io

import pytest
from flask.testing import FlaskClient
from PIL import Image


def test_product_comes_with_its_pictures_and_without_their_vectors(client: FlaskClient) -> None:
    answer = client.get("/api/v1/products/saleor-127").json
    assert answer is not None
    assert (answer["id"], len(answer["images"])) == ("saleor-127", 4)
    assert answer["product"]["price"] == 80.0
    assert "images" not in answer["product"]


def test_thumbnail_is_re_encoded_and_kept_for_ever(client: FlaskClient) -> None:
    product = client.get("/api/v1/products/saleor-127").json
    assert product is not None
    with client.get(product["image"]) as answer:
        assert "immutable" in answer.headers["Cache-Control"]
        with Image.open(io.BytesIO(answer.data)) as picture:
            assert (picture.format, max(picture.size) <= 480) == ("JPEG", True)


def test_first_picture_of_a_product_is_found_by_its_id(client: FlaskClient) -> None:
    product = client.get("/api/v1/products/saleor-127").json
    assert product is not None
    answer = client.get("/api/v1/products/saleor-127/picture")
    assert (answer.status_code, answer.location) == (302, product["image"])


def test_picture_of_an_unknown_product_is_not_found(client: FlaskClient) -> None:
    answer = client.get("/api/v1/products/nobody/picture")
    assert (answer.status_code, answer.json["code"]) == (404, "not_found")  # type: ignore[index]


@pytest.mark.parametrize("path", ["/api/v1/products/nobody", "/api/v1/products/nobody/similar"])
def test_unknown_product_is_not_found(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.json["code"]) == (404, "not_found")  # type: ignore[index]


@pytest.mark.parametrize("key", ["x", "..%2f..%2fetc%2fpasswd", "0" * 64, "A" * 64])
def test_ill_formed_or_unknown_thumbnail_is_not_found(client: FlaskClient, key: str) -> None:
    assert client.get(f"/images/{key}.jpg").status_code == 404
