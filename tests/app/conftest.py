"""The application around the loaded shop, and a client of it."""

from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from tests.support.shop import Shop


@pytest.fixture(scope="session")
def client(shop: Shop) -> Iterator[FlaskClient]:
    with shop.app() as app:
        yield app.test_client()
