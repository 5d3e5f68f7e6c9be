"""Scores of a calibrated index, through HTTP: a probability where it was measured, else not."""

import io
import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient
from PIL import Image

from app.factory import create_app
from app.services import build_services
from app.settings import AppSettings
from core.environment import Environment
from features.registry import Registry
from mappings.catalogue.calibration import Calibration
from mappings.catalogue.catalogue import Catalogue
from mappings.engine.connection import EngineSettings, connect
from tests.conftest import node_environment
from tests.support.engine import Engine
from tests.support.own_index import own_index
from tests.support.plain_features import MeasuredArrow, Stamp
from tests.support.uploads import form

REGISTRY = Registry([MeasuredArrow(), Stamp()])
"""Every picture is seen as the arrow to the east."""

KEPT = Calibration(
    bias=-9.0,
    lift=1.0,
    weights={"arrow": 12.0, "stamp": 8.0},
    feature="arrow",
    cohort=("west",),
    confident_from=0.5,
    source="photos",
    queries=100,
    products=4,
    at="2026-11-21T18:00:00+00:00",
)
BACKGROUND = 2.0
"""From east to west, which is all the cohort."""

DIRECTIONS = {
    "east": [1.0, 0.0],
    "northeast": [0.6, 0.8],
    "north": [0.0, 1.0],
    "west": [-1.0, 0.0],
}


PRODUCTS = [
    {"id": key, "title": f"{key} mug", "images": [{"image_id": f"{key}-0", "arrow": arrow}]}
    for key, arrow in DIRECTIONS.items()
]


@pytest.fixture(scope="module")
def settings(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Environment]:
    """Settings of one index for all these tests, gone at the end."""
    values = {
        **node_environment(tmp_path_factory.mktemp("state")).values,
        "LOOKALIKE_LOG_SEARCHES": "no",
        "LOOKALIKE_STATISTICS_S": "0",
    }
    with own_index(engine, values) as settings:
        yield settings


@pytest.fixture(scope="module")
def filled(settings: Environment) -> Catalogue:
    engine = EngineSettings.from_env(settings)
    catalogue = Catalogue(connect(engine), REGISTRY, engine.index)
    catalogue.prepare()
    return catalogue


@pytest.fixture
def catalogue(filled: Catalogue) -> Catalogue:
    """The products and the calibration as they are named above, whatever a test made of them."""
    filled.write(PRODUCTS, refresh=True)
    if filled.calibration() != KEPT:
        filled.store_calibration(KEPT)
    return filled


@pytest.fixture
def client(settings: Environment, catalogue: Catalogue) -> Iterator[FlaskClient]:
    services = build_services(AppSettings.from_env(settings), REGISTRY)
    yield create_app(services).test_client()
    services.close()


def png() -> bytes:
    data = io.BytesIO()
    picture = Image.new("RGB", (8, 8), "navy")
    picture.paste("white", (2, 2, 6, 6))  # a picture of nothing is not searched with
    picture.save(data, "PNG")
    return data.getvalue()


def search(client: FlaskClient, *pictures: bytes, **fields: Any) -> Any:
    answer = client.post("/api/v1/search", **form(*(pictures or (png(),)), **fields))
    assert answer.status_code == 200, answer.text
    return answer.json


def expected(key: str) -> float:
    score = (1 + DIRECTIONS[key][0]) / 2
    return 1 / (1 + math.exp(-(KEPT.bias + KEPT.lift * BACKGROUND + 12 * score)))


def test_score_of_a_photo_is_the_calibrated_probability(client: FlaskClient) -> None:
    answer = search(client)
    assert (answer["score_kind"], answer["confident_from"]) == ("probability", 0.5)
    scores = {hit["id"]: hit["score"] for hit in answer["hits"]}
    assert scores == pytest.approx({key: expected(key) for key in DIRECTIONS}, abs=1e-4)
    assert list(scores) == list(DIRECTIONS)


def test_lowest_score_cuts_where_it_says(client: FlaskClient) -> None:
    answer = search(client, min_score=str(expected("northeast") - 0.001))
    assert [hit["id"] for hit in answer["hits"]] == ["east", "northeast"]
    assert answer["total"] == 2


def test_pages_go_on_in_the_order_of_probability(client: FlaskClient) -> None:
    first = search(client, size="2")
    cursor = {"size": 2, "cursor": first["next_cursor"]}
    second = client.get("/api/v1/search", query_string=cursor).json
    assert second is not None
    assert [hit["id"] for hit in first["hits"] + second["hits"]] == list(DIRECTIONS)
    assert second["hits"][0]["score"] == pytest.approx(expected("north"), abs=1e-4)


def test_filter_changes_no_score(client: FlaskClient) -> None:
    """A score means the same whatever else is in the answer."""
    every = {hit["id"]: hit["score"] for hit in search(client)["hits"]}
    some = search(client, price_min="0")["hits"]
    assert all(hit["score"] == every[hit["id"]] for hit in some)


@pytest.mark.parametrize(("cut", "is_guess"), [(0.5, False), (0.9999, True)])
def test_guess_is_what_scores_as_strangers_do(
    client: FlaskClient, catalogue: Catalogue, cut: float, is_guess: bool
) -> None:
    catalogue.store_calibration(replace(KEPT, confident_from=cut))
    assert search(client)["low_confidence"] is is_guess


def test_out_of_catalogue_photo_scores_low_once_its_product_is_gone(
    client: FlaskClient, catalogue: Catalogue
) -> None:
    assert search(client)["hits"][0]["score"] > 0.9
    catalogue.write([{"id": "east", "title": "gone", "images": []}], refresh=True)
    assert search(client)["hits"][0]["score"] == pytest.approx(expected("northeast"), abs=1e-4)


@pytest.mark.parametrize(
    "asked",
    [
        {"q": "mug"},
        {"weight": "arrow:2"},
        {"features": "arrow"},
        {"product_id": "north"},
        {"unlike_product_id": "west"},
    ],
)
def test_other_questions_are_called_a_similarity(
    client: FlaskClient, asked: dict[str, str]
) -> None:
    answer = search(client, **asked)
    assert (answer["score_kind"], answer["confident_from"]) == ("similarity", None)


def test_several_photos_are_called_a_similarity(client: FlaskClient) -> None:
    assert search(client, png(), png())["score_kind"] == "similarity"


def test_calibration_by_the_catalogues_own_pictures_is_called_an_estimate(
    client: FlaskClient, catalogue: Catalogue
) -> None:
    catalogue.store_calibration(replace(KEPT, source="views"))
    assert search(client)["score_kind"] == "estimate"


@pytest.mark.parametrize("other", [{"cohort": ("nobody",)}, {"model": "another"}])
def test_calibration_by_another_model_or_without_its_cohort_claims_nothing(
    client: FlaskClient, catalogue: Catalogue, other: dict[str, Any]
) -> None:
    catalogue.store_calibration(replace(KEPT, **other))
    assert search(client)["score_kind"] == "similarity"


def test_cursor_made_on_other_numbers_is_refused(client: FlaskClient, catalogue: Catalogue) -> None:
    first = search(client, size="2")
    catalogue.store_calibration(replace(KEPT, bias=-8.0))
    cursor = {"size": 2, "cursor": first["next_cursor"]}
    answer = client.get("/api/v1/search", query_string=cursor)
    assert answer.status_code == 422
    assert answer.json is not None
    assert "calibrated since" in answer.json["detail"]
