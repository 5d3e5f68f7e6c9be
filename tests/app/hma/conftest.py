"""The hash-matching interface on the loaded shop, with banks of each module's own."""

import secrets
from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask.testing import FlaskClient

from app.hma.settings import HmaSettings
from app.settings import AppSettings
from features.fetching.settings import FetchSettings
from tests.support.shop import Shop

TOKEN = "a-token-for-programs"


@pytest.fixture(scope="module")
def hma(shop: Shop) -> Iterator[FlaskClient]:
    """A client that sends the token."""
    desk = AppSettings.from_env(shop.environment).desk
    own = replace(desk, index=f"{desk.index}-{secrets.token_hex(4)}")
    settings = HmaSettings(TOKEN, FetchSettings(http=True, timeout_s=2))
    with shop.app(desk=own, hma=settings) as app:
        client = app.test_client()
        client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {TOKEN}"
        yield client


@pytest.fixture(scope="module")
def open_hma(shop: Shop) -> Iterator[FlaskClient]:
    """A client of a server without a token."""
    desk = AppSettings.from_env(shop.environment).desk
    own = replace(desk, index=f"{desk.index}-{secrets.token_hex(4)}")
    with shop.app(desk=own) as app:
        yield app.test_client()
