"""Parts that an index lacks are stored while the index is searched and changed."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageOps

from core.environment import Environment
from core.progress import SilentProgress
from core.retries import RetryPolicy
from features import registry
from features.base import Json
from features.fetching.settings import FetchSettings
from features.imaging.decode import FEED_LIMITS
from features.imaging.sandbox import Sandbox
from features.imaging.thumbnails import Thumbnails
from features.parts.finder import part_id
from features.registry import Registry
from indexer.backfill.feature_backfill import FeatureBackfill
from indexer.backfill.feature_values import extract_quick
from indexer.backfill.page_filler import BackfillControl, BackfillResult
from indexer.backfill.part_backfill import PARTS, PartBackfill
from indexer.backfill.position import PositionFile
from indexer.backfill.stored_pictures import StoredPictureReader
from indexer.errors import NothingToDo
from indexer.fetching.fetcher import Fetcher
from indexer.ledger.ordering import ChangeOrder
from indexer.writing.change import ProductDelete, ProductPatch
from indexer.writing.recorded_writer import RecordedWriter
from mappings.catalogue.catalogue import Catalogue
from mappings.catalogue.feature_filling import FeatureFilling
from mappings.catalogue.products import PICTURES, own_pictures, parts_of
from mappings.engine.gateway import Gateway
from tests.indexer.conftest import Shop
from tests.support.pictures import clothing

COMPARED = ("pdq", "phash")


def features(*names: str) -> Registry:
    values = {**Environment.current().values, "LOOKALIKE_FEATURES": ",".join(names)}
    return registry.load(Environment(values))


@dataclass
class PartFilling:
    """A shop that was loaded with checksums alone, so that no parts were stored."""

    shop: Shop
    gateway: Gateway
    sandbox: Sandbox
    stop: threading.Event = field(default_factory=threading.Event)
    on_page: Callable[[], None] = lambda: None
    pictures_read: int = 0

    def use(self, *names: str) -> None:
        """Go on as a process with these features."""
        self.shop.features = features(*names)
        alias = self.shop.catalogue.alias
        self.shop.catalogue = Catalogue(self.gateway, self.shop.features, alias)

    def fill_features(self) -> None:
        """Fill in what parts are compared by."""
        self.use("checksum", *COMPARED)
        for name in COMPARED:
            feature = self.shop.features[name]
            FeatureBackfill(
                self._index(),
                feature,
                self._reader().read,
                lambda pictures, one=feature: extract_quick(one, pictures),
                self._control(threading.Event()),
                PositionFile(self.shop.folder, self.shop.catalogue.alias, name),
                self.shop.ledger,
                notice_s=0.0,
            ).run()

    def run(self) -> BackfillResult:
        """Store the parts."""
        reader = self._reader()

        def read(documents: Any) -> Any:
            self.on_page()
            found = reader.read(documents)
            self.pictures_read += len(found)
            return found

        return PartBackfill(
            self._index(),
            self.shop.catalogue.refresh_write_features,
            Thumbnails(self.shop.folder / "media"),
            read,
            self._control(self.stop),
            PositionFile(self.shop.folder, self.shop.catalogue.alias, PARTS),
            self.shop.ledger,
        ).run()

    def products(self, *keys: str) -> dict[str, Json]:
        """Return products as searches find them."""
        self.shop.catalogue.refresh()
        return dict(self.shop.catalogue.products(keys, vectors=True))

    def documents(self, key: str) -> list[Json]:
        """Return a product's picture documents."""
        pictures: list[Json] = self.products(key)[key][PICTURES]
        return pictures

    def parts(self, key: str) -> list[Json]:
        """Return the parts of a product's pictures."""
        pictures = self.documents(key)
        return [p for own in own_pictures(pictures) for p in parts_of(pictures, own["image_id"])]

    def _index(self) -> FeatureFilling:
        catalogue = self.shop.catalogue
        return FeatureFilling(self.gateway, catalogue.alias, catalogue.derived)

    def _reader(self) -> StoredPictureReader:
        fetcher = Fetcher(self.shop.folder, FetchSettings(), FEED_LIMITS.max_bytes)
        return StoredPictureReader(fetcher, self.sandbox, Thumbnails(self.shop.folder / "media"))

    def _control(self, stop: threading.Event) -> BackfillControl:
        return BackfillControl(RetryPolicy(10), SilentProgress(), stop)


@pytest.fixture
def filling(shop: Shop, gateway: Gateway, sandbox: Sandbox, shared_data: Path) -> PartFilling:
    first, second = (ImageOps.fit(one.pixels, (400, 400)) for one in clothing(shared_data, 2))
    frame = Image.new("RGB", (800, 400), "black")
    frame.paste(first, (200, 0))
    frame.save(shop.folder / "framed.png")
    second.save(shop.folder / "plain.png")
    filling = PartFilling(shop, gateway, sandbox)
    filling.use("checksum")
    return filling


def load(filling: PartFilling, count: int) -> None:
    """Load products of which every second one has a framed picture."""
    filling.shop.write(*(row(n) for n in range(count)))
    assert filling.shop.load().rejected == 0
    filling.fill_features()


def row(number: int, picture: str = "") -> dict[str, Json]:
    shown = picture or ("plain.png" if number % 2 else "framed.png")
    return {"id": f"p{number:03}", "title": f"coat {number}", "price": "9 EUR", "image": shown}


def test_parts_are_stored_as_a_load_stores_them_and_nothing_else_changes(
    filling: PartFilling,
) -> None:
    load(filling, 2)
    before = filling.products("p000", "p001")
    assert not filling.parts("p000")
    result = filling.run()
    assert (result.pictures, result.problems) == (1, {})
    filled = filling.products("p000", "p001")
    (part,) = filling.parts("p000")
    key = part_id(part["image_id"], part["part"], part["box"])
    assert (filling.shop.folder / "media" / key[:2] / f"{key}.jpg").is_file()
    without = {**filled["p000"], PICTURES: own_pictures(filled["p000"][PICTURES])}
    assert {**filled, "p000": without} == before
    # A load into an index of its own finds the same.
    filling.shop.load(rebuild=True)
    (loaded,) = filling.parts("p000")
    moment = {"added_at": part["added_at"]}
    assert {**loaded, **moment} == part


def test_a_second_run_adds_nothing(filling: PartFilling) -> None:
    load(filling, 2)
    filling.run()
    before, filling.pictures_read = filling.documents("p000"), 0
    assert filling.run().pictures == 0
    assert filling.documents("p000") == before
    # Only the picture that has no parts was looked at again.
    assert filling.pictures_read == 1


def test_what_changes_meanwhile_is_right_in_the_end(filling: PartFilling) -> None:
    load(filling, 80)
    shop = filling.shop
    writer = RecordedWriter(shop.catalogue, shop.ledger, RetryPolicy(10))
    pages: list[int] = []

    def change() -> None:
        pages.append(1)
        if len(pages) != 1:
            return
        # Of the page at work: its write is refused, and the product read again.
        order = ChangeOrder(shop.ledger.next_arrival())
        writer.apply([ProductPatch("p000", order, {"price": 3.0}), ProductDelete("p002", order)])

    filling.on_page = change
    assert filling.run().pictures == 39
    assert filling.products("p000")["p000"]["price"] == 3.0
    assert filling.parts("p000")
    assert not filling.products("p002")


def test_a_product_written_over_its_parts_gets_them_again(filling: PartFilling) -> None:
    load(filling, 80)
    shop = filling.shop
    stored = shop.catalogue.current("p000")
    assert stored is not None
    pages: list[int] = []

    def change() -> None:
        pages.append(1)
        if len(pages) == 2:
            # By a load that had read its pictures before they had parts.
            order = ChangeOrder(shop.ledger.next_arrival())
            shop.catalogue.write([stored.source])
            writer = RecordedWriter(shop.catalogue, shop.ledger, RetryPolicy(10))
            writer.apply([ProductPatch("p000", order, {"price": 4.0})])

    filling.on_page = change
    filling.run()
    assert filling.products("p000")["p000"]["price"] == 4.0
    assert filling.parts("p000")


def test_a_stopped_run_goes_on_where_it_was(filling: PartFilling) -> None:
    load(filling, 80)
    filling.on_page = filling.stop.set
    assert filling.run().pictures == 32
    assert not filling.parts("p078")
    filling.stop.clear()
    filling.on_page = lambda: None
    assert filling.run().pictures == 8
    assert all(filling.parts(f"p{n:03}") for n in range(0, 80, 2))


def test_a_picture_that_is_nowhere_is_named_and_the_others_get_parts(filling: PartFilling) -> None:
    load(filling, 2)
    (filling.shop.folder / "plain.png").unlink()
    (lost,) = filling.documents("p001")
    for path in (filling.shop.folder / "media").rglob(f"{lost['image_id']}*"):
        path.unlink()
    result = filling.run()
    assert (result.pictures, result.problems) == (1, {lost["image_id"]: "cannot be read"})


def test_an_index_without_features_to_compare_parts_by_says_what_to_do(
    filling: PartFilling,
) -> None:
    filling.shop.write(row(0))
    filling.shop.load()
    with pytest.raises(NothingToDo, match=r"python -m indexer backfill FEATURE"):
        filling.run()
