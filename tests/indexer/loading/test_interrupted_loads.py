"""Slow features, servers that go away, and loads that are interrupted."""

import threading
from collections.abc import Sequence

import pytest

from core.errors import EngineUnavailable
from features.base import Json
from indexer.errors import FeedUnreadable
from indexer.settings import LoadSettings
from mappings.catalogue.catalogue import Catalogue
from mappings.catalogue.products import pending_features
from mappings.engine.conditional_writes import ConditionalWrite
from mappings.engine.stored_document import StoredDocument
from tests.indexer.conftest import Shop
from tests.indexer.doubles import GREEN, RED

GREY = (90, 90, 90)
SAND = (200, 190, 140)


def test_slow_feature_holds_nothing_up(shop: Shop) -> None:
    red = [{"id": f"r{n}", "image": shop.picture(f"r{n}.png", RED, 8 + n)} for n in range(3)]
    grey = [{"id": f"g{n}", "image": shop.picture(f"g{n}.png", GREY, 8 + n)} for n in range(9)]
    shop.write(*red, *grey)
    ids = [str(row["id"]) for row in (*red, *grey)]
    seen: list[list[list[str]]] = []

    class Watched(Catalogue):
        def replace(self, document: Json, stored: StoredDocument) -> bool:
            found = self.products(ids)
            seen.append([pending_features(one["images"]) for one in found.values()])
            return super().replace(document, stored)

    shop.catalogue.__class__ = Watched
    report = shop.load()
    assert report.products == 12
    # Everything was searchable before the first slow value came, and what lacked one said so.
    assert seen[0] == [["words"]] * 3 + [[]] * 9
    stored = shop.stored(ids)
    assert all(stored[key]["images"][0]["words"] == "red" for key in ("r0", "r1", "r2"))
    assert not any("pending" in one["images"][0] for one in stored.values())


def test_slow_feature_that_dies_leaves_its_picture_pending(shop: Shop) -> None:
    shop.write(
        {"id": "deadly", "image": shop.picture("green.png", GREEN)},
        {"id": "both", "images": ["green.png", shop.picture("grey.png", GREY)]},
        {"id": "after", "image": shop.picture("red.png", RED)},
    )
    report = shop.load()
    assert shop.rejected("id", "rule") == [("both", "feature_failed"), ("deadly", "feature_failed")]
    stored = shop.stored(["deadly", "both", "after"])
    assert {key: [one.get("pending") for one in p["images"]] for key, p in stored.items()} == {
        "deadly": [["words"]],
        "both": [["words"], None],
        "after": [None],
    }
    assert (report.products, report.exit_code) == (3, 1)


def test_load_killed_between_its_passes_goes_on_where_it_was(shop: Shop) -> None:
    shop.write(*({"id": str(n), "image": shop.picture(f"{n}.png", RED, 8 + n)} for n in range(3)))
    stop = threading.Event()

    class Stopping(Catalogue):
        def current(self, key: str) -> StoredDocument | None:
            stop.set()
            return super().current(key)

    shop.catalogue.__class__ = Stopping
    assert shop.load(stop=stop).interrupted
    ids = ["0", "1", "2"]
    assert any("pending" in one["images"][0] for one in shop.stored(ids).values())
    shop.catalogue.__class__ = Catalogue
    report = shop.load()
    assert (report.reused, shop.tone.extracted) == (3, 3)
    assert [one["images"][0]["words"] for one in shop.stored(ids).values()] == ["red"] * 3
    assert not any("pending" in one["images"][0] for one in shop.stored(ids).values())


def test_slow_values_join_what_was_written_meanwhile(shop: Shop) -> None:
    shop.write({"id": "a", "image": shop.picture("a.png", RED)})
    photo = {"image_id": "f" * 64, "source": "shopper", "tone": [1.0, 2.0, 3.0]}

    class Raced(Catalogue):
        raced = False

        def replace(self, document: Json, stored: StoredDocument) -> bool:
            if not self.raced:
                self.raced = True
                now = self.product("a", vectors=True)
                self.write([{**now, "images": [*now["images"], photo]}], refresh=True)
            return super().replace(document, stored)

    shop.catalogue.__class__ = Raced
    shop.load()
    own, shoppers = shop.stored(["a"])["a"]["images"]
    assert own["words"] == "red"
    assert "pending" not in own
    assert shoppers == photo


class Away(Catalogue):
    """A server that goes away in the middle. The tests' own is shared: it cannot be stopped."""

    times = 0

    def write_conditionally(
        self, writes: Sequence[ConditionalWrite], *, wait: bool = False
    ) -> dict[str, str]:
        self.times += 1
        if self.times in (2, 3):
            raise EngineUnavailable("away")
        return super().write_conditionally(writes, wait=wait)


def test_load_waits_for_a_server_that_went_away(shop: Shop) -> None:
    rows = [{"id": str(n), "image": shop.picture(f"{n}.png", (n, 9, 9))} for n in range(150)]
    shop.write(*rows)
    shop.catalogue.__class__ = Away
    report = shop.load()
    assert (report.products, report.exit_code) == (150, 0)


def test_load_gives_up_when_patience_is_used_up_and_goes_on_when_run_again(shop: Shop) -> None:
    rows = [{"id": str(n), "image": shop.picture(f"{n}.png", (n, 9, 9))} for n in range(150)]
    shop.write(*rows)
    shop.catalogue.__class__ = Away
    hasty = LoadSettings(batch=4, workers=2, patience_s=0)
    with pytest.raises(EngineUnavailable):
        shop.load(settings=hasty)
    shop.catalogue.times = 10
    report = shop.load(settings=hasty)
    assert (report.products, report.exit_code) == (150, 0)
    assert 0 < report.reused < 150


def test_interrupted_load_ends_cleanly_and_can_be_run_again(shop: Shop) -> None:
    rows = [{"id": str(n), "image": shop.picture(f"{n}.png", (n, 9, 9))} for n in range(200)]
    shop.write(*rows)
    stop = threading.Event()

    class Interrupted(Catalogue):
        def write_conditionally(
            self, writes: Sequence[ConditionalWrite], *, wait: bool = False
        ) -> dict[str, str]:
            stop.set()
            return super().write_conditionally(writes, wait=wait)

    shop.catalogue.__class__ = Interrupted
    first = shop.load(stop=stop)
    assert first.interrupted
    assert first.exit_code == 130
    assert 0 < first.products < 200
    second = shop.load()
    assert (second.products, second.reused) == (200, first.pictures)


def test_damaged_feed_loads_what_came_before(shop: Shop) -> None:
    import gzip
    import random

    picture = shop.picture("a.png", GREY)
    noise = random.Random(1)
    lines = "".join(
        f'{{"id": "{n}", "image": "{picture}", "note": "{noise.random()}"}}\n' for n in range(9000)
    )
    packed = gzip.compress(lines.encode())
    shop.feed.write_bytes(packed[: len(packed) // 20])
    with pytest.raises(FeedUnreadable, match="damaged after line"):
        shop.load()
    shop.catalogue.refresh()
    assert "0" in shop.stored(["0"])
