"""A load on the real server: whole documents, named rejects, nothing done twice."""

import hashlib
from collections.abc import Sequence

import pytest

from core.retries import RetryPolicy
from features.base import Json
from features.registry import Registry
from indexer.ledger.ordering import ChangeOrder
from indexer.settings import LoadSettings
from indexer.writing.change import ProductDelete, ProductPatch
from indexer.writing.recorded_writer import RecordedWriter
from mappings.catalogue.catalogue import Catalogue
from mappings.catalogue.errors import ModelMismatch
from mappings.engine.gateway import Gateway
from tests.indexer.conftest import Shop
from tests.indexer.doubles import BLUE, RED, WHITE, Tone

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
