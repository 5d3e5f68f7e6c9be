"""A confirmed photo finds its product from then on, is never shown, and ends on its day."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from app.factory import create_app
from app.services import Services, build_services
from app.settings import AppSettings
from core.environment import Environment
from features.base import Json
from features.registry import load
from mappings.catalogue import scan
from mappings.catalogue.products import PICTURES
from tests.conftest import node_environment
from tests.support.engine import Engine
from tests.support.own_index import own_index
from tests.support.uploads import form

TOKEN = "the shop's own token"
SENT = {"Authorization": f"Bearer {TOKEN}"}
FEATURES = "checksum,colour,embedding,pdq,phash"


@dataclass(frozen=True)
class Stand:
    """A shop of four groceries, and photos of them."""

    services: Services
    client: FlaskClient
    environment: Environment
    photos: dict[str, list[bytes]]

    def post(self, product_id: str, data: bytes, **fields: str) -> Json:
        """Send a photo; return the answer's status and body."""
        sent = form(data, **{"consent": "true", **fields})
        answer = self.client.post(f"/api/v1/products/{product_id}/photos", headers=SENT, **sent)
        self.services.catalogue._gateway.refresh(self.services.settings.engine.index)
        return answer.status_code, answer.json

    def search(self, data: bytes) -> Json:
        """Return the hits of a search with a photo."""
        return self.client.post("/api/v1/search", **form(data)).json["hits"]  # type: ignore[index]

    def stored(self, product_id: str) -> list[Json]:
        """Return a product's stored pictures."""
        pictures: list[Json] = self.services.catalogue.product(product_id, vectors=True)[PICTURES]
        return pictures


@pytest.fixture(scope="module")
def opened(
    engine: Engine, shared_data: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Stand, list[Json]]]:
    """The stand and its products as they are at first."""
    grocery = shared_data / "grocery"
    values = {
        **node_environment(tmp_path_factory.mktemp("state")).values,
        "LOOKALIKE_SHOPPER_TOKEN": TOKEN,
        "LOOKALIKE_SHOPPER_PHOTOS": "2",
        "LOOKALIKE_FEATURES": FEATURES,
        "LOOKALIKE_LOG_SEARCHES": "no",
    }
    names = ["grocery-000", "grocery-010", "grocery-030", "grocery-060"]
    rows = (grocery / "products.jsonl").read_text(encoding="utf-8").splitlines()
    wanted = {name: row for row in rows for name in names if f'"{name}"' in row}
    lines = (grocery / "queries_dev.csv").read_text(encoding="utf-8").splitlines()[1:]
    photos: dict[str, list[bytes]] = {name: [] for name in names}
    for line in lines:
        _, image, name, *_ = line.split(",")
        if name in photos and len(photos[name]) < 4:
            photos[name].append((grocery / image).read_bytes())
    with own_index(engine, values) as environment:
        services = build_services(AppSettings.from_env(environment), load(environment))
        with closing(services):
            services.catalogue.prepare()
            products = [_document(services, name, row, grocery) for name, row in wanted.items()]
            client = create_app(services).test_client()
            yield Stand(services, client, environment, photos), products


@pytest.fixture
def stand(opened: tuple[Stand, list[Json]]) -> Stand:
    """The stand without any shopper's photo."""
    stand, products = opened
    stand.services.catalogue.write(products, refresh=True)
    shutil.rmtree(stand.services.settings.state_dir / "shoppers", ignore_errors=True)
    return stand


def _document(services: Services, name: str, row: str, folder: Path) -> Json:
    data = (folder / json.loads(row)["image"]).read_bytes()
    picture, values = services.extractor.extract_stored(
        data, services.catalogue.refresh_write_features()
    )
    size = {"width": picture.width, "height": picture.height}
    first = {"image_id": picture.sha256, "source": "catalogue", **size, **values}
    return {"id": name, "title": name, "brand": "b", PICTURES: [first]}


def test_a_confirmed_photo_finds_its_product_and_shows_the_products_own_picture(
    stand: Stand,
) -> None:
    photo = stand.photos["grocery-010"][0]
    before = next(hit for hit in stand.search(photo) if hit["id"] == "grocery-010")
    status, body = stand.post("grocery-010", photo)
    assert (status, body["photos"]) == (201, 1)
    first = stand.search(photo)[0]
    assert first["id"] == "grocery-010"
    assert first["signals"]["embedding"]["score"] > before["signals"]["embedding"]["score"]
    assert first["image"] == before["image"]
    product = stand.client.get("/api/v1/products/grocery-010").json
    assert product is not None
    assert product["images"] == [before["image"]]
    assert stand.client.get(f"/images/{body['image_id']}.jpg").status_code == 404


def test_a_photo_is_kept_without_what_would_recognise_it_or_count_it(stand: Stand) -> None:
    stand.post("grocery-010", stand.photos["grocery-010"][0])
    own, photo = stand.stored("grocery-010")
    assert (own["source"], photo["source"]) == ("catalogue", "shopper")
    assert {"embedding", "phash"} <= photo.keys()
    assert not {"checksum", "pdq", "colour", "ocr", "url"} & photo.keys()
    facets = stand.client.get("/api/v1/search?facets=picture_colour").json
    assert facets is not None
    assert max(one["count"] for one in facets["facets"]["picture_colour"]) <= 4


def test_a_photo_is_no_picture_that_the_trust_desk_meets(stand: Stand) -> None:
    photo = stand.photos["grocery-010"][0]
    _, body = stand.post("grocery-010", photo)
    assert scan.count_pictures(stand.services.catalogue) == 4
    met = [one for page in scan.scan_pictures(stand.services.catalogue) for _, one in page.pictures]
    assert {one["source"] for one in met} == {"catalogue"}
    checked = stand.client.post("/api/v1/duplicates/check", **form(photo)).json
    assert body["image_id"] not in json.dumps(checked)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"consent": "false"}, "consent"),
        ({"days": "0"}, "days"),
        ({"days": "100000"}, "days"),
    ],
)
def test_what_is_asked_for_wrongly_is_refused(
    stand: Stand, fields: dict[str, str], said: str
) -> None:
    status, body = stand.post("grocery-010", stand.photos["grocery-010"][0], **fields)
    assert (status, body["code"]) == (422, "invalid_query")
    assert said in body["detail"]
    assert len(stand.stored("grocery-010")) == 1


def test_an_unknown_product_and_a_broken_picture_are_told(stand: Stand) -> None:
    photo = stand.photos["grocery-010"][0]
    assert stand.post("nobody", photo)[0] == 404
    assert stand.post("grocery-010", b"no picture")[0] == 415
    assert stand.post("grocery-010", photo[: len(photo) // 2])[0] == 422


def test_only_the_shops_token_opens_the_door(stand: Stand) -> None:
    path = "/api/v1/products/grocery-010/photos"
    sent = form(stand.photos["grocery-010"][0], consent="true")
    assert stand.client.post(path, **sent).status_code == 401
    wrong = {"Authorization": "Bearer something else"}
    assert stand.client.post(path, headers=wrong, **sent).status_code == 401
    assert stand.client.delete(f"{path}/{'0' * 64}", headers=wrong).status_code == 401
    assert len(stand.stored("grocery-010")) == 1


def test_a_product_keeps_the_photos_that_last_longest(stand: Stand) -> None:
    first, second, third, _ = stand.photos["grocery-010"]
    stand.post("grocery-010", first, days="30")
    stand.post("grocery-010", second, days="10")
    assert stand.post("grocery-010", second, days="10")[1]["photos"] == 2
    _, body = stand.post("grocery-010", third, days="20")
    assert body["photos"] == 2
    days = sorted(
        (datetime.fromisoformat(one["expires_at"]) - datetime.now(UTC)).days + 1
        for one in stand.stored("grocery-010")[1:]
    )
    assert days == [20, 30]


def test_a_photo_is_forgotten_on_request_with_its_copy(stand: Stand) -> None:
    _, body = stand.post("grocery-010", stand.photos["grocery-010"][0])
    copies = stand.services.settings.state_dir / "shoppers"
    assert len(list(copies.rglob("*.jpg"))) == 1
    path = f"/api/v1/products/grocery-010/photos/{body['image_id']}"
    assert stand.client.delete(path, headers=SENT).status_code == 200
    assert len(stand.stored("grocery-010")) == 1
    assert list(copies.rglob("*.jpg")) == []
    assert stand.client.delete(path, headers=SENT).status_code == 404


def test_a_photo_whose_day_is_over_is_not_found_and_then_removed(stand: Stand) -> None:
    photo, other = stand.photos["grocery-010"][:2]
    before = stand.search(photo)
    stand.post("grocery-010", photo)
    stand.post("grocery-010", other)
    catalogue, key = stand.services.catalogue, "grocery-010"
    product = catalogue.product(key, vectors=True)
    yesterday = (datetime.now(UTC) - timedelta(days=1)).isoformat(timespec="milliseconds")
    product[PICTURES][1]["expires_at"] = yesterday
    product[PICTURES] = product[PICTURES][:2]
    catalogue.write([product], refresh=True)
    assert [(hit["id"], hit["score"]) for hit in stand.search(photo)] == [
        (hit["id"], hit["score"]) for hit in before
    ]
    done = subprocess.run(
        [sys.executable, "-m", "indexer", "expire"],
        env=dict(stand.environment.values),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stdout) == (0, "1 photos of 1 products removed\n"), done.stderr
    (left,) = stand.stored(key)
    assert left["source"] == "catalogue"
    assert left["embedding"] == pytest.approx(product[PICTURES][0]["embedding"])


def test_without_a_token_no_photo_is_taken(client: FlaskClient) -> None:
    answer = client.post("/api/v1/products/saleor-127/photos", headers=SENT)
    assert answer.status_code == 403
    assert "LOOKALIKE_SHOPPER_TOKEN" in answer.json["detail"]  # type: ignore[index]
