"""A feature that an index lacks is filled in while the index is searched and changed."""

import threading
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

import pytest

from core.progress import SilentProgress
from core.retries import RetryPolicy
from features.base import ClauseContext, Feature, Json, Picture
from features.fetching.settings import FetchSettings
from features.imaging.decode import FEED_LIMITS
from features.imaging.sandbox import Sandbox
from features.imaging.thumbnails import Thumbnails
from features.registry import Registry
from indexer.backfill.feature_backfill import FeatureBackfill
from indexer.backfill.feature_values import SlowExtraction, extract_quick
from indexer.backfill.page_filler import BackfillControl, BackfillResult, Extract
from indexer.backfill.position import PositionFile
from indexer.backfill.stored_pictures import StoredPictureReader
from indexer.errors import IndexReplaced, NothingToDo
from indexer.fetching.fetcher import Fetcher
from indexer.ledger.ordering import ChangeOrder
from indexer.writing.change import ProductDelete, ProductPatch
from indexer.writing.recorded_writer import RecordedWriter
from mappings.catalogue.catalogue import Catalogue
from mappings.catalogue.errors import ModelMismatch
from mappings.catalogue.feature_filling import FeatureFilling
from mappings.catalogue.products import PICTURES
from mappings.engine.gateway import Gateway
from tests.indexer import doubles
from tests.indexer.conftest import Shop
from tests.indexer.doubles import RED, WHITE, Tone, Words, tone


class Shade:
    """How bright a picture is; nothing of a white one. Counts what it extracts."""

    name = "shade"
    version = 1
    default_weight = 1.0
    proposes_candidates = False

    def __init__(self, extra: int = 0) -> None:
        self.extracted = 0
        self._extra = extra

    def mapping(self) -> Json:
        return {"type": "integer"}

    def extract(self, pictures: Sequence[Picture]) -> list[Json | None]:
        self.extracted += len(pictures)
        return [None if tone(p) == WHITE else sum(tone(p)) + self._extra for p in pictures]

    def clause(self, value: Json, context: ClauseContext) -> Json:
        return {"term": {context.field: value}}


class NewShade(Shade):
    """The same, of a newer version."""

    version = 2

    def __init__(self) -> None:
        super().__init__(extra=1000)


@dataclass
class Filling:
    """A backfill of a shop's index, again and again."""

    shop: Shop
    gateway: Gateway
    sandbox: Sandbox
    stop: threading.Event = field(default_factory=threading.Event)
    on_page: Callable[[], None] = lambda: None

    def run(self, feature: Feature, extract: Extract | None = None) -> BackfillResult:
        """Fill a feature in."""
        shop = self.shop
        fetcher = Fetcher(shop.folder, FetchSettings(), FEED_LIMITS.max_bytes)
        reader = StoredPictureReader(fetcher, self.sandbox, Thumbnails(shop.folder / "media"))

        def read(documents: Any) -> Any:
            self.on_page()
            return reader.read(documents)

        index = FeatureFilling(self.gateway, shop.catalogue.alias, shop.catalogue.derived)
        control = BackfillControl(RetryPolicy(10), SilentProgress(), self.stop)
        positions = PositionFile(shop.folder, shop.catalogue.alias, feature.name)
        return FeatureBackfill(
            index,
            feature,
            read,
            extract or (lambda pictures: extract_quick(feature, pictures)),
            control,
            positions,
            shop.ledger,
            notice_s=0.0,
        ).run()

    def values(self, name: str = "shade") -> dict[str, Json]:
        """Return the value of each product's first picture, without those that have none."""
        self.shop.catalogue.refresh()
        found = self.shop.catalogue.products([f"p{n:03}" for n in range(400)])
        pictures = {key: product[PICTURES][0] for key, product in found.items()}
        return {key: one[name] for key, one in pictures.items() if name in one}

    def catalogue(self, *features: Feature) -> Catalogue:
        """Return the catalogue as a process with these features has it."""
        return Catalogue(self.gateway, Registry(features), self.shop.catalogue.alias)


@pytest.fixture
def filling(shop: Shop, gateway: Gateway, sandbox: Sandbox) -> Filling:
    shop.features = Registry([shop.tone])
    shop.catalogue = Catalogue(gateway, shop.features, shop.catalogue.alias)
    return Filling(shop, gateway, sandbox)


def load(shop: Shop, count: int) -> None:
    rows = []
    for n in range(count):
        shown = [shop.picture(f"{n}.png", (n % 250, 9, n // 250))]
        rows.append({"id": f"p{n:03}", "title": f"cup {n}", "image_link": shown})
    shop.write(*rows)
    shop.load()


def shade(number: int) -> int:
    return number % 250 + 9 + number // 250


def test_a_new_feature_is_filled_in_and_nothing_else_changes(filling: Filling) -> None:
    load(filling.shop, 150)
    before = filling.shop.stored([f"p{n:03}" for n in range(150)])
    feature = Shade()
    result = filling.run(feature)
    assert (result.pictures, result.problems) == (150, {})
    assert filling.values() == {f"p{n:03}": shade(n) for n in range(150)}
    after = filling.shop.stored([f"p{n:03}" for n in range(150)])
    for product in after.values():
        del product[PICTURES][0]["shade"]
    assert after == before
    # Only that feature was computed, and each picture once.
    assert feature.extracted == 150
    assert filling.shop.tone.extracted == 150
    with pytest.raises(NothingToDo, match="shade of every picture already"):
        filling.run(feature)


def test_what_changes_meanwhile_is_right_in_the_end(filling: Filling) -> None:
    load(filling.shop, 150)
    shop = filling.shop
    ignorant = filling.catalogue(Tone())
    writer = RecordedWriter(ignorant, shop.ledger, RetryPolicy(10))
    pages: list[int] = []

    def change() -> None:
        pages.append(1)
        if len(pages) == 2:
            # By a server that knows nothing of the new feature.
            assert list(ignorant.refresh_write_features()) == ["tone"]
            ignorant.check_features()
            order = ChangeOrder(shop.ledger.next_arrival())
            writer.apply(
                [ProductPatch("p001", order, {"price": 3.0}), ProductDelete("p002", order)]
            )
            put(filling, ignorant, "p003", 200)
            put(filling, ignorant, "p390", 201)

    filling.on_page = change
    filling.run(Shade())
    expected = {f"p{n:03}": shade(n) for n in range(150) if n != 2}
    assert filling.values() == {**expected, "p003": shade(200), "p390": shade(201)}
    assert filling.shop.stored(["p001"])["p001"]["price"] == 3.0


def put(filling: Filling, catalogue: Catalogue, key: str, number: int) -> None:
    """Have a process write a product with another picture, as a load does."""
    shop = filling.shop
    name = shop.picture(f"{number}.png", (number % 250, 9, number // 250))
    shop.write({"id": key, "title": "changed", "image_link": [name]})
    before, shop.catalogue = shop.catalogue, catalogue
    try:
        shop.load()
    finally:
        shop.catalogue = before


def test_servers_do_not_search_by_it_before_it_is_whole_and_write_it_at_once(
    filling: Filling,
) -> None:
    load(filling.shop, 3)
    feature = Shade()
    with pytest.raises(ModelMismatch, match=r"python -m indexer backfill shade"):
        filling.catalogue(Tone(), Shade()).check_features()
    index = FeatureFilling(filling.gateway, filling.shop.catalogue.alias)
    index.begin(feature)
    knowing = filling.catalogue(Tone(), Shade())
    knowing.check_features()
    assert set(knowing.refresh_write_features()) == {"tone", "shade"}
    with pytest.raises(ModelMismatch, match="'shade' are being filled in"):
        index.begin(Words())
    filling.run(feature)
    knowing.check_features()
    with pytest.raises(ModelMismatch, match="also holds shade"):
        filling.catalogue(Tone()).refresh_write_features()


def test_a_stopped_backfill_goes_on_where_it_was(filling: Filling) -> None:
    load(filling.shop, 200)
    filling.on_page = filling.stop.set
    first = Shade()
    filling.run(first)
    assert first.extracted == 64
    assert FeatureFilling(filling.gateway, filling.shop.catalogue.alias).is_filling(first)
    filling.stop.clear()
    filling.on_page = lambda: None
    second = Shade()
    filling.run(second)
    assert second.extracted == 200 - 64
    assert len(filling.values()) == 200


def test_a_newer_version_replaces_every_value(filling: Filling) -> None:
    load(filling.shop, 70)
    filling.run(Shade())
    newer = NewShade()
    with pytest.raises(ModelMismatch, match=r"backfill shade"):
        filling.catalogue(Tone(), newer).check_features()
    assert filling.run(newer).pictures == 70
    assert filling.values() == {f"p{n:03}": shade(n) + 1000 for n in range(70)}
    filling.catalogue(Tone(), newer).check_features()


def test_slow_features_are_extracted_in_processes_and_what_kills_one_is_named(
    filling: Filling,
) -> None:
    shop = filling.shop
    names = {"red": RED, "deadly": doubles.GREEN, "plain": (9, 9, 9)}
    shop.write(
        *(
            {"id": f"p{n:03}", "title": key, "image_link": [shop.picture(f"{key}.png", colour)]}
            for n, (key, colour) in enumerate(names.items())
        )
    )
    shop.load()
    words = Words()
    with closing(SlowExtraction(words, doubles.slow, 1, 4)) as extraction:
        result = filling.run(words, extraction.extract)
    assert filling.values("words") == {"p000": "red"}
    assert (result.pictures, len(result.problems)) == (1, 1)
    assert "its process died" in next(iter(result.problems.values()))


def test_pictures_left_pending_are_filled_in(
    shop: Shop, gateway: Gateway, sandbox: Sandbox
) -> None:
    shop.write({"id": "p000", "image_link": [shop.picture("red.png", RED)]})
    shop.load()
    stored = shop.catalogue.current("p000")
    assert stored is not None
    (picture,) = stored.source[PICTURES]
    lacking = {**{k: v for k, v in picture.items() if k != "words"}, "pending": ["words"]}
    assert shop.catalogue.replace({**stored.source, PICTURES: [lacking]}, stored)
    words = Words()
    filling = Filling(shop, gateway, sandbox)
    result = filling.run(words, lambda pictures: extract_quick(words, pictures))
    assert result.pictures == 1
    assert filling.values("words") == {"p000": "red"}
    stored = shop.catalogue.current("p000")
    assert stored is not None
    assert "pending" not in stored.source[PICTURES][0]


def test_a_picture_that_is_nowhere_is_named_and_the_others_go_in(filling: Filling) -> None:
    load(filling.shop, 3)
    (filling.shop.folder / "1.png").unlink()
    for path in (filling.shop.folder / "media").rglob("*.jpg"):
        path.unlink()
    result = filling.run(Shade())
    assert (result.pictures, list(result.problems.values())) == (2, ["cannot be read"])


def test_another_index_in_service_ends_it(filling: Filling) -> None:
    load(filling.shop, 150)
    pages: list[int] = []

    def rebuild() -> None:
        pages.append(1)
        if len(pages) == 2:
            filling.shop.load(rebuild=True)

    filling.on_page = rebuild
    with pytest.raises(IndexReplaced, match="another index was put in service"):
        filling.run(Shade())
