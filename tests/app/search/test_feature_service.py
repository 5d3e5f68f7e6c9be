"""Searches while a feature service computes the pictures' features, and while it is away."""

import io
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from app.factory import create_app
from app.services import build_services
from app.settings import AppSettings
from bench.instruments.web_server import free_port
from core.environment import Environment
from features.registry import Registry, load
from features.remote.messages import Lane
from tests.support.feature_service import served
from tests.support.shop import Shop

PORT = free_port()


@pytest.fixture(scope="module")
def remote_client(shop: Shop, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    """A client of the shop whose embeddings are computed elsewhere.

    It has a state folder of its own: there, pictures are found that were searched with before.
    """
    environment = Environment(
        {
            **shop.environment.values,
            "LOOKALIKE_FEATURE_URL": f"http://127.0.0.1:{PORT}",
            "LOOKALIKE_STATE_DIR": str(tmp_path_factory.mktemp("remote")),
        }
    )
    services = build_services(AppSettings.from_env(environment), load(environment, Lane.REALTIME))
    yield create_app(services).test_client()
    services.close()


def search(client: FlaskClient, picture: bytes) -> tuple[int, dict[str, object], str | None]:
    answer = client.post("/api/v1/search", data={"image": (io.BytesIO(picture), "a.jpg")})
    return answer.status_code, answer.get_json(), answer.headers.get("Retry-After")


def test_hits_and_scores_are_those_of_features_computed_here(
    remote_client: FlaskClient, client: FlaskClient, shop: Shop
) -> None:
    picture = next(iter(sorted(shop.pictures.iterdir()))).read_bytes()
    features = load(shop.environment)
    with served(Registry([features["embedding"], features["ocr"]]), port=PORT):
        status, there, _ = search(remote_client, picture)
    _, here, _ = search(client, picture)
    assert status == 200
    assert there["hits"] == here["hits"]


def test_a_picture_search_without_the_service_says_what_to_do_and_words_go_on(
    remote_client: FlaskClient, shop: Shop
) -> None:
    _, other, *_ = sorted(shop.pictures.iterdir())
    status, problem, retry_after = search(remote_client, other.read_bytes())
    assert (status, problem["code"], retry_after) == (503, "feature_service_unavailable", "5")
    assert "python -m features.serve" in str(problem["detail"])
    assert remote_client.get("/api/v1/search?q=juice").status_code == 200
