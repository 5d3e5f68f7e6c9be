"""Sends shoppers' events as a server of a shop does."""

from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from features.base import Json
from tests.support.shop import Shop


@pytest.fixture(scope="module")
def client(shop: Shop) -> Iterator[FlaskClient]:
    """A client of a server without cookies: nobody's browser."""
    with shop.app() as app:
        yield app.test_client(use_cookies=False)


def post(client: FlaskClient, body: Json, path: str = "/api/v1/events") -> Json:
    answer = client.post(path, json=body)
    assert answer.status_code == 202, answer.text
    return answer.json


def of_session(session: str) -> Json:
    return {"term": {"session_id": session}}
