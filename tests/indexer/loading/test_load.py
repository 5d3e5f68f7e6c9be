"""A load on the real server: whole documents, named rejects, nothing done twice."""

import hashlib
import threading
from collections.abc import Sequence
from dataclasses import replace

import pytest

from core.errors import EngineUnavailable
from core.retries import RetryPolicy
from features.base import Json, Picture
from features.registry import Registry
from indexer.errors import FeedUnreadable, RebuildRefused
from indexer.ledger.content_hash import hash_content
from indexer.ledger.ordering import ChangeOrder
from indexer.settings import LoadSettings
from indexer.writing.change import ProductDelete, ProductPatch
from indexer.writing.recorded_writer import RecordedWriter
from mappings.catalogue.catalogue import Catalogue
from mappings.catalogue.errors import ModelMismatch
from mappings.catalogue.products import pending_features
from mappings.engine.conditional_writes import ConditionalWrite
from mappings.engine.gateway import Gateway
from mappings.engine.stored_document import StoredDocument
from tests.indexer.conftest import SETTINGS, Shop
from tests.indexer.doubles import BLUE, GREEN, RED, WHITE, Tone, Words

GREY = (90, 90, 90)
SAND = (200, 190, 140)


def image_id(shop: Shop, name: str) -> str:
    return hashlib.sha256((shop.folder / name).read_bytes()).hexdigest()


def test_document_holds_every_signal_and_nothing_else(shop: Shop) -> None:
    shop.write(
        {
            "id": "a",
            "title": "Mug",
            "price": "5.00 USD",
            "image_link": shop.picture("grey.png", GREY, side=20),
            "additional_image_link": [
                shop.picture("red.png", RED),
                shop.picture("white.png", WHITE),
                shop.picture("grey-again.png", GREY, side=20),
            ],
        }
    )
    report = shop.load()
    stored = shop.stored(["a"])["a"]
    updated_at = stored.pop("updated_at")
    added_at = {picture.pop("added_at") for picture in stored["images"]}
    assert stored == {
        "id": "a",
        "title": "Mug",
        "price": 5.0,
        "currency": "USD",
        "image_link": "grey.png",
        "photo_group": image_id(shop, "grey.png"),
        "variant_group": "product:a",
        "card_group": image_id(shop, "grey.png"),
        "terms": {"title": "mug", "shown": "mug", "spelling": "mug", "completion": "mug ^mug"},
        "codes": ["a"],
        "images": [
            {"image_id": image_id(shop, "grey.png"), "url": "grey.png", "width": 20, "height": 20,
             "source": "catalogue", "tone": [90.0, 90.0, 90.0]},
            {"image_id": image_id(shop, "red.png"), "url": "red.png", "width": 8, "height": 8,
             "source": "catalogue", "tone": [255.0, 0.0, 0.0], "words": "red"},
            {"image_id": image_id(shop, "white.png"), "url": "white.png", "width": 8, "height": 8,
             "source": "catalogue"},
        ],
    }  # fmt: skip
    assert updated_at.endswith("+00:00")
    assert len(added_at) == 1
    assert updated_at <= added_at.pop()
    assert (report.products, report.pictures, report.rejected, report.exit_code) == (1, 3, 0, 0)
    assert {"fetch", "decode", "tone", "thumbnails", "write"} <= set(report.stages)
    assert not shop.rejects.exists()
    assert len(list((shop.folder / "media").rglob("*.jpg"))) == 3


def test_bad_pictures_are_named_and_good_ones_go_in(shop: Shop) -> None:
    (shop.folder / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\nnothing")
    (shop.folder / "page.jpg").write_bytes(b"<html>")
    shop.write(
        {"id": "some", "images": ["none.jpg", shop.picture("a.png", GREY), "broken.png"]},
        {"id": "only", "image": "../outside.jpg"},
        {"id": "both", "images": ["page.jpg", "broken.png"]},
        {"id": "blue", "images": [shop.picture("blue.png", BLUE), shop.picture("b.png", SAND)]},
        {"id": "bad", "image": "a.png", "price": -3},
        {"id": "some", "image": "a.png"},
    )
    report = shop.load()
    assert shop.rejected("line", "id", "field", "rule") == [
        (1, "some", "image_link", "fetch_failed"),
        (1, "some", "image_link", "unreadable_image"),
        (2, "only", "image_link", "address_refused"),
        (3, "both", "image_link", "no_usable_picture"),
        (3, "both", "image_link", "unreadable_image"),
        (3, "both", "image_link", "unsupported_image"),
        (4, "blue", "image_link", "feature_failed"),
        (5, "bad", "price", "range"),
        (6, "some", "id", "duplicate"),
    ]
    found = shop.stored(["some", "only", "both", "blue", "bad"])
    assert {key: [p["url"] for p in product["images"]] for key, product in found.items()} == {
        "some": ["a.png"],
        "blue": ["b.png"],
        "bad": ["a.png"],
    }
    assert "price" not in found["bad"]
    assert (report.products, report.rejected, report.exit_code) == (3, 9, 1)


def test_unchanged_pictures_are_not_seen_again(shop: Shop) -> None:
    rows: list[dict[str, Json]] = [
        {"id": f"p{n}", "images": [shop.picture(f"{n}.png", (n, 7, 7)), shop.picture("r.png", RED)]}
        for n in range(10)
    ]
    shop.write(*rows)
    shop.load()
    assert shop.tone.extracted == 20
    before = shop.stored([f"p{n}" for n in range(10)])

    shop.picture("3.png", (200, 7, 7))
    rows[5]["title"] = "renamed"
    shop.write(*rows)
    report = shop.load()
    after = shop.stored([f"p{n}" for n in range(10)])
    assert shop.tone.extracted == 21
    assert (report.pictures, report.reused) == (20, 19)
    assert after["p3"]["images"][0]["tone"] == [200.0, 7.0, 7.0]
    assert after["p5"]["title"] == "renamed"
    assert [after[key]["images"] for key in after if key != "p3"] == [
        before[key]["images"] for key in before if key != "p3"
    ]


def test_picture_keeps_when_it_was_added_for_as_long_as_its_bytes_stay(shop: Shop) -> None:
    first, second = shop.picture("a.png", GREY), shop.picture("b.png", SAND)
    shop.write({"id": "a", "images": [first, second]})
    shop.load()
    before = [picture["added_at"] for picture in shop.stored(["a"])["a"]["images"]]
    shop.picture("b.png", RED)
    shop.write({"id": "a", "title": "renamed", "images": [first, second]})
    shop.load()
    after = [picture["added_at"] for picture in shop.stored(["a"])["a"]["images"]]
    assert after[0] == before[0]
    assert after[1] > before[1]


def test_missing_thumbnail_of_an_unchanged_picture_is_made_again(shop: Shop) -> None:
    shop.write({"id": "a", "image": shop.picture("a.png", GREY)})
    shop.load()
    (thumbnail,) = (shop.folder / "media").rglob("*.jpg")
    thumbnail.unlink()
    report = shop.load()
    assert thumbnail.exists()
    assert (report.reused, shop.tone.extracted) == (1, 1)


def test_pictures_the_feed_knows_nothing_of_stay(shop: Shop) -> None:
    shop.write({"id": "a", "image": shop.picture("a.png", GREY)})
    shop.load()
    document = shop.stored(["a"])["a"]
    shopper = {"image_id": "f" * 64, "source": "shopper", "tone": [1.0, 2.0, 3.0]}
    shop.catalogue.write([{**document, "images": [*document["images"], shopper]}], refresh=True)
    shop.load()
    assert shop.stored(["a"])["a"]["images"][1:] == [shopper]


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


def test_refused_document_is_named(shop: Shop) -> None:
    shop.write({"id": "a", "image": shop.picture("a.png", GREY)}, {"id": "b", "image": "a.png"})

    class Refusing(Catalogue):
        def packed(self, document: Json) -> Json:
            surprise = {"surprise": 1} if document["id"] == "a" else {}
            return {**super().packed(document), **surprise}

    shop.catalogue.__class__ = Refusing
    report = shop.load()
    assert shop.rejected("line", "id", "field", "rule") == [(1, "a", "document", "refused")]
    assert report.products == 1


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


def test_rebuild_takes_the_place_of_the_old_index(shop: Shop) -> None:
    shop.write({"id": "old", "image": shop.picture("a.png", GREY)})
    shop.load()
    shop.write({"id": "new", "image": "a.png"})
    report = shop.load(rebuild=True)
    assert set(shop.stored(["old", "new"])) == {"new"}
    assert report.reused == 0


@pytest.mark.parametrize("content", ["id,image\n", "id,image\n1,gone.png\n2,gone.png\n"])
def test_rebuild_that_would_nearly_empty_the_shop_is_refused(
    shop: Shop, gateway: Gateway, alias: str, content: str
) -> None:
    rows = [{"id": str(number), "image": shop.picture("a.png", GREY)} for number in range(3)]
    shop.write(*rows)
    shop.load()
    shop.feed.write_text(content)
    with pytest.raises(RebuildRefused, match=r"has 0 products, and 3 are in service.*--force"):
        shop.load(rebuild=True)
    assert set(shop.stored(["0", "1", "2"])) == {"0", "1", "2"}
    assert len(gateway.indices(f"{alias}-*")) == 1


def test_small_rebuild_takes_over_when_forced_and_can_be_undone(shop: Shop) -> None:
    rows = [{"id": str(number), "image": shop.picture("a.png", GREY)} for number in range(3)]
    shop.write(*rows)
    shop.load()
    shop.write(rows[0])
    shop.load(rebuild=True, settings=replace(SETTINGS, rebuild_share=0))
    assert set(shop.stored(["0", "1", "2"])) == {"0"}
    shop.catalogue.undo_rebuild()
    assert set(shop.stored(["0", "1", "2"])) == {"0", "1", "2"}


def test_index_of_another_feature_version_is_refused(
    shop: Shop, gateway: Gateway, alias: str
) -> None:
    shop.write({"id": "a", "image": shop.picture("a.png", GREY)})
    shop.load()

    class Newer(Tone):
        version = 2

    shop.catalogue = Catalogue(gateway, Registry([Newer()]), alias)
    with pytest.raises(ModelMismatch):
        shop.load()


def test_batches_do_not_change_what_is_stored(shop: Shop) -> None:
    rows = [{"id": str(n), "image": shop.picture(f"{n}.png", (n, 9, 9))} for n in range(7)]
    shop.write(*rows)
    report = shop.load(settings=LoadSettings(batch=1, workers=1, fetchers=1))
    assert report.products == 7


def test_a_load_overrides_nothing_that_was_changed_since_it_began(shop: Shop) -> None:
    rows = [{"id": key, "price": 1.0, "image": shop.picture("a.png", GREY)} for key in "abc"]
    shop.write(*rows)
    shop.load()

    class Changed(Catalogue):
        has_changed = False

        def stored_pictures(self, ids: Sequence[str]) -> dict[str, dict[str, Json]]:
            if not self.has_changed:
                self.has_changed = True
                order = ChangeOrder(shop.ledger.next_arrival())
                patch = ProductPatch("a", order, {"price": 2.0})
                writer = RecordedWriter(self, shop.ledger, RetryPolicy(10))
                writer.apply([patch, ProductDelete("b", order)])
            return super().stored_pictures(ids)

    shop.catalogue.__class__ = Changed
    shop.write(*({**row, "price": 3.0} for row in rows))
    shop.load()
    stored = shop.stored(["a", "b", "c"])
    assert {key: product["price"] for key, product in stored.items()} == {"a": 2.0, "c": 3.0}


def test_a_load_and_a_rebuild_tell_the_ledger_what_the_index_has(shop: Shop) -> None:
    rows = [{"id": key, "price": 1.0, "image": shop.picture("a.png", GREY)} for key in "abc"]
    shop.write(*rows)
    shop.load()
    content = hash_content({"id": "a", "price": 1.0}, ["a.png"])
    entries = shop.ledger.entries("abc")
    assert [entry.is_deleted for entry in entries.values()] == [False] * 3
    assert entries["a"].has_content(content)
    shop.write(*({**row, "price": 2.0} for row in rows[:2]))
    shop.load(rebuild=True)
    entries = shop.ledger.entries("abc")
    assert [entries[key].is_deleted for key in "abc"] == [False, False, True]
    assert entries["a"].has_content(hash_content({"id": "a", "price": 2.0}, ["a.png"]))


@pytest.mark.parametrize("is_other_model", [False, True])
def test_a_rebuild_has_what_was_changed_while_it_ran(
    shop: Shop, gateway: Gateway, alias: str, *, is_other_model: bool
) -> None:
    rows = [{"id": key, "price": 1.0, "image": shop.picture("a.png", GREY)} for key in "abc"]
    shop.write(*rows)
    shop.load()
    in_service = Catalogue(gateway, Registry([Tone(), Words()]), alias)
    in_service.refresh_write_features()
    writer = RecordedWriter(in_service, shop.ledger, RetryPolicy(10))

    class Wider(Tone):
        version = 2

        def mapping(self) -> Json:
            return {"type": "dense_vector", "dims": 4, "similarity": "l2_norm"}

        def extract(self, pictures: Sequence[Picture]) -> list[Json | None]:
            return [[1.0, 2.0, 3.0, 4.0] for _ in pictures]

    class Changed(Catalogue):
        has_changed = False

        def refresh(self) -> None:
            if not self.has_changed:
                self.has_changed = True
                order = ChangeOrder(shop.ledger.next_arrival())
                writer.apply([ProductPatch("a", order, {"price": 2.0}), ProductDelete("b", order)])
            super().refresh()

    features = Registry([Wider(), Words()]) if is_other_model else shop.features
    shop.catalogue = Changed(gateway, features, alias)
    shop.write(*({**row, "price": 3.0} for row in rows))
    shop.load(rebuild=True, features=features)
    stored = shop.catalogue.products(["a", "b", "c"], vectors=True)
    assert {key: product["price"] for key, product in stored.items()} == {"a": 2.0, "c": 3.0}
    assert len(stored["a"]["images"][0]["tone"]) == (4 if is_other_model else 3)
    assert shop.ledger.entries("abc")["b"].is_deleted
