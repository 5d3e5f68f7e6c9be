"""A shop that is still being loaded says so, on its pages and in its API."""

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from core import load_status
from core.load_status import STALE_S, LoadStatus
from mappings.catalogue.products import PENDING
from tests.support.shop import Shop


@pytest.fixture
def folder(shop: Shop) -> Iterator[Path]:
    folder = shop.environment.state_dir() / load_status.FOLDER
    yield folder
    for path in folder.glob("*.json"):
        path.unlink()


def test_nothing_is_said_while_nothing_is_loaded(client: FlaskClient) -> None:
    assert client.get("/api/v1/loading").json == {
        "loading": False, "products": 0, "total": 0, "pending": 0
    }  # fmt: skip
    assert 'role="status" hidden' in " ".join(client.get("/").text.split())


def test_counts_of_all_loads_are_told(client: FlaskClient, folder: Path) -> None:
    load_status.publish(folder / "a.json", LoadStatus(120, 300, 7))
    load_status.publish(folder / "b.json", LoadStatus(1, 2, 0))
    assert client.get("/api/v1/loading").json == {
        "loading": True, "products": 121, "total": 302, "pending": 7
    }  # fmt: skip


def test_page_counts_products_and_then_those_that_are_pending(
    client: FlaskClient, folder: Path
) -> None:
    load_status.publish(folder / "a.json", LoadStatus(120, 300, 7))
    assert "120 of 300 products loaded…" in client.get("/").text
    load_status.publish(folder / "a.json", LoadStatus(300, 300, 41))
    assert "Text in the pictures of 41 products is still being read…" in client.get("/").text
    assert "41点の商品画像" in client.get("/?lang=ja").text
    # The language is kept in a cookie.
    assert client.get("/?lang=en").status_code == 200


def test_load_that_was_killed_is_not_told(client: FlaskClient, folder: Path) -> None:
    path = folder / "a.json"
    load_status.publish(path, LoadStatus(120, 300, 7))
    long_ago = time.time() - STALE_S - 1
    os.utime(path, (long_ago, long_ago))
    assert client.get("/api/v1/loading").json["loading"] is False  # type: ignore[index]
    load_status.remove_stale(folder)
    assert not path.exists()


@pytest.mark.parametrize("content", ["", "{", "[1]", json.dumps({"unknown": 1})])
def test_damaged_status_is_none(tmp_path: Path, content: str) -> None:
    (tmp_path / "a.json").write_text(content)
    assert load_status.read(tmp_path) is None


def test_pending_features_are_named_in_products_and_hits(shop: Shop) -> None:
    with shop.services() as services, shop.app() as app:
        client, catalogue = app.test_client(), services.catalogue
        first = client.get("/api/v1/search?size=1").json["hits"][0]  # type: ignore[index]
        assert first["pending"] == []
        catalogue.refresh_write_features()
        whole = catalogue.product(first["id"], vectors=True)
        marked = [{**whole["images"][0], PENDING: ["ocr"]}, *whole["images"][1:]]
        catalogue.write([{**whole, "images": marked}], refresh=True)
        try:
            product = client.get(f"/api/v1/products/{first['id']}").json
            found = client.get("/api/v1/search?size=100").json
        finally:
            catalogue.write([whole], refresh=True)
    assert product is not None
    assert product["pending"] == ["ocr"]
    assert found is not None
    assert {hit["id"]: hit["pending"] for hit in found["hits"] if hit["pending"]} == {
        first["id"]: ["ocr"]
    }
