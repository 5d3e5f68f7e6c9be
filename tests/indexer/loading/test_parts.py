"""Parts of a picture are stored beside it, with pixels of their own, and stay with it."""

from pathlib import Path

import pytest
from PIL import Image, ImageOps

from core.environment import Environment
from features import registry
from features.base import Json
from features.parts.finder import part_id
from features.registry import Registry
from mappings.catalogue.catalogue import Catalogue
from mappings.catalogue.products import PART, own_pictures, parts_of, picture_key
from mappings.engine.gateway import Gateway
from tests.indexer.conftest import Shop
from tests.support.pictures import clothing

ENVIRONMENT = Environment(
    {**Environment.current().values, "LOOKALIKE_FEATURES": "checksum,embedding,pdq,phash"}
)


@pytest.fixture(scope="module")
def features() -> Registry:
    return registry.load(ENVIRONMENT)


@pytest.fixture
def framed(shop: Shop, gateway: Gateway, alias: str, features: Registry, shared_data: Path) -> Shop:
    """A listing whose picture has bars, and one whose picture has none."""
    shop.features = features
    shop.catalogue = Catalogue(gateway, features, alias)
    first, second = (ImageOps.fit(one.pixels, (400, 400)) for one in clothing(shared_data, 2))
    frame = Image.new("RGB", (800, 400), "black")
    frame.paste(first, (200, 0))
    frame.save(shop.folder / "framed.png")
    second.save(shop.folder / "plain.png")
    shop.write({"id": "framed", "image": "framed.png"}, {"id": "plain", "image": "plain.png"})
    return shop


def documents(shop: Shop, product_id: str) -> list[Json]:
    shop.catalogue.refresh()
    pictures: list[Json] = shop.catalogue.product(product_id, vectors=True)["images"]
    return pictures


def test_a_part_is_stored_with_pixels_and_values_to_compare(framed: Shop) -> None:
    assert framed.load().rejected == 0
    (own,) = own_pictures(documents(framed, "framed"))
    (part,) = parts_of(documents(framed, "framed"), own["image_id"])
    assert part["source"] == PART
    assert part["part"] == "inside"
    assert (part["width"], part["height"]) == pytest.approx((400, 400), abs=12)
    assert {"embedding", "pdq", "phash"} <= part.keys()
    assert "checksum" not in part
    key = part_id(own["image_id"], part["part"], part["box"])
    assert (framed.folder / "media" / key[:2] / f"{key}.jpg").is_file()
    assert picture_key(part) != picture_key(own)


def test_a_picture_without_parts_has_one_document(framed: Shop) -> None:
    framed.load()
    assert len(documents(framed, "plain")) == 1


def test_parts_stay_when_the_picture_is_loaded_again(framed: Shop) -> None:
    framed.load()
    before = documents(framed, "framed")
    framed.load()
    assert documents(framed, "framed") == before


def test_parts_go_with_their_picture(framed: Shop) -> None:
    framed.load()
    framed.write({"id": "framed", "image": "plain.png"}, {"id": "plain", "image": "plain.png"})
    framed.load()
    assert [one["source"] for one in documents(framed, "framed")] == ["catalogue"]
