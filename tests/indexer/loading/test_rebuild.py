"""A rebuild fills a new index and takes the place of the old one."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from core.retries import RetryPolicy
from features.base import Json, Picture
from features.registry import Registry
from indexer.errors import RebuildRefused
from indexer.ledger.content_hash import hash_content
from indexer.ledger.ordering import ChangeOrder
from indexer.writing.change import ProductDelete, ProductPatch
from indexer.writing.recorded_writer import RecordedWriter
from mappings.catalogue.catalogue import Catalogue
from mappings.engine.gateway import Gateway
from tests.indexer.conftest import SETTINGS, Shop
from tests.indexer.doubles import Tone, Words

GREY = (90, 90, 90)
SAND = (200, 190, 140)


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
