"""Attaching a photo works with the keys that `python -m ops keys` makes, and with nothing more."""

import io
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from PIL import Image, ImageOps

from app.shoppers.shopper_settings import ShopperSettings
from core.environment import Environment
from mappings.engine.connection import EngineSettings
from ops import keys
from ops.server import Server
from tests.support.engine import Engine
from tests.support.shop import Shop
from tests.support.uploads import form

TOKEN = "the shop's own token"
SENT = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture
def client(engine: Engine, shop: Shop) -> Iterator[FlaskClient]:
    """The application on the loaded shop, with least-rights keys instead of the superuser."""
    server = Server(engine.url, engine.user, engine.password)
    index = shop.environment.text("LOOKALIKE_INDEX")
    made = {
        role: keys.create(server, role, rights)
        for role, rights in keys.role_rights(index, f"{index}-desk").items()
        if role in ("search", "shoppers")
    }
    values = {**shop.environment.values, "ELASTICSEARCH_API_KEY": made["search"]}
    settings = EngineSettings.from_env(Environment(values))
    shoppers = ShopperSettings(token=TOKEN, api_key=made["shoppers"])
    with shop.app(engine=settings, shoppers=shoppers, log_searches=False) as app:
        yield app.test_client()


def test_photo_is_attached_and_removed(client: FlaskClient, shop: Shop) -> None:
    with Image.open(io.BytesIO(shop.picture("saleor-beanie-1.png"))) as image:
        photo = io.BytesIO()
        ImageOps.mirror(image.convert("RGB")).save(photo, "JPEG")
    url = "/api/v1/products/saleor-126/photos"
    sent = form(photo.getvalue(), consent="true", days="1")
    attached = client.post(url, headers=SENT, **sent)
    assert attached.status_code == 201, attached.text
    assert attached.json is not None
    try:
        assert attached.json["photos"] == 1
    finally:
        removed = client.delete(f"{url}/{attached.json['image_id']}", headers=SENT)
    assert removed.status_code == 200, removed.text
