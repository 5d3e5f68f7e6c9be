"""Banks for tests, on an index and with a desk of each test's own, beside the loaded shop."""

import io
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from PIL import Image

from app.search.query_extractor import QueryExtractor
from app.settings import AppSettings
from app.trust.banks.bank_matcher import BankMatch, BankMatcher
from app.trust.banks.banks import Banks
from app.trust.banks.entry import EntryDetails
from app.trust.desk.desk import Desk
from app.trust.examination.stored_pictures import StoredPicture
from features.geometry.keypoint_store import KeypointStore
from features.imaging.decode import UPLOAD_LIMITS
from features.imaging.sandbox import Sandbox
from features.imaging.thumbnails import Thumbnails
from features.registry import Registry, load
from mappings.catalogue.catalogue import Catalogue
from mappings.engine.connection import connect
from mappings.trust.banks import BankIndex
from mappings.trust.desk import DeskIndex
from tests.support.shop import Shop

WHY = EntryDetails("the brand's lawyers asked for it", rights_holder="Brand Ltd", policy="IP-1")
LISTING = "saleor-126"


@dataclass(frozen=True)
class Parts:
    """What banks are made of, beside an index and a desk of each test's own."""

    settings: AppSettings
    registry: Registry
    catalogue: Catalogue
    eyes: QueryExtractor


@pytest.fixture(scope="module")
def shared(shop: Shop) -> Iterator[Parts]:
    """The parts, which load the features once for a whole module."""
    settings, registry = AppSettings.from_env(shop.environment), load(shop.environment)
    engine = settings.engine
    eyes = QueryExtractor(registry, Sandbox(1, UPLOAD_LIMITS))
    yield Parts(settings, registry, Catalogue(connect(engine), registry, engine.index), eyes)
    eyes.close()


@pytest.fixture
def desk(shared: Parts) -> Desk:
    """A desk with nothing on it."""
    prefix = f"{shared.settings.engine.index}-{secrets.token_hex(4)}"
    settings = replace(shared.settings.desk, index=prefix, second_looks=0.0)
    return Desk(DeskIndex(connect(shared.settings.engine), prefix), settings)


@pytest.fixture
def banks(shared: Parts, desk: Desk, tmp_path: Path) -> Banks:
    """Empty banks that keep thumbnails in the test's own folder."""
    gateway = connect(shared.settings.engine)
    name = f"{shared.settings.engine.index}-{secrets.token_hex(4)}-banks"
    index = BankIndex(gateway, shared.registry, name)
    matching = BankMatcher(gateway, shared.registry, index, shared.settings.engine.index)
    thumbnails = Thumbnails(tmp_path)
    return Banks(
        index,
        matching,
        catalogue=shared.catalogue,
        extractor=shared.eyes,
        thumbnails=thumbnails,
        keypoints=KeypointStore(tmp_path / "keypoints", thumbnails),
        desk=desk,
    )


def listed(shared: Parts, key: str = LISTING) -> StoredPicture:
    """Return a listing with its first picture, as stored."""
    source = shared.catalogue.product(key, vectors=True)
    return StoredPicture(source, source["images"][0])


def file_of(shop: Shop, shared: Parts, key: str = LISTING) -> bytes:
    """Return the bytes of a listing's first picture."""
    url = shared.catalogue.product(key)["images"][0]["url"]
    return shop.picture(Path(url).name)


def resaved(data: bytes) -> bytes:
    """Return the same picture as another file."""
    file = io.BytesIO()
    with Image.open(io.BytesIO(data)) as picture:
        above = picture.convert("RGBA")
    # On white, as every clear picture is seen.
    white = Image.new("RGBA", above.size, "white")
    Image.alpha_composite(white, above).convert("RGB").save(file, "JPEG", quality=60)
    return file.getvalue()


def only(banks: Banks, picture: StoredPicture) -> BankMatch:
    """Return the one entry a picture matches."""
    ((match,),) = banks.match_stored([picture])
    return match
