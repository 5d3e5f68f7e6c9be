"""The newest change counts in the index, whoever writes and whoever dies."""

import random
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from core.errors import EngineUnavailable
from core.retries import RetryPolicy
from features.base import Json
from indexer.ledger.entry import LedgerEntry
from indexer.ledger.ordering import ChangeOrder, History
from indexer.writing.recorded_writer import RecordedWriter
from mappings.catalogue.catalogue import Catalogue
from mappings.catalogue.products import PENDING
from mappings.catalogue.shopper_photos import ShopperPhoto, ShopperPhotos
from mappings.engine.conditional_writes import ConditionalWrite
from mappings.engine.gateway import Gateway
from mappings.search.sale_query import price_within
from tests.indexer.writing.conftest import Market


def photo(tone: int) -> ShopperPhoto:
    expires_at = datetime.now(UTC) + timedelta(days=1)
    return ShopperPhoto(f"{tone:064x}", 8, 8, {"tone": [float(tone), 2.0, 2.0]}, expires_at)


def test_product_is_created_changed_and_deleted(market: Market) -> None:
    assert market.apply(market.put("cup", title="Blue cup", price=3.0)) == ["created"]
    assert market.apply(market.put("cup", title="Red cup", price=3.0)) == ["updated"]
    assert market.apply(market.patch("cup", price=2.5, stock=4)) == ["updated"]
    stored = market.stored("cup")
    assert stored is not None
    assert (stored["title"], stored["price"], stored["stock"]) == ("Red cup", 2.5, 4)
    assert market.apply(market.delete("cup")) == ["deleted"]
    assert market.stored("cup") is None
    assert market.apply(market.delete("cup")) == ["absent"]
    assert market.apply(market.patch("cup", price=1.0)) == ["unknown_product"]


def test_patch_leaves_every_vector_to_the_bit_and_finds_new_words(market: Market) -> None:
    market.apply(market.put("cup", title="Blue cup"))
    before = market.stored("cup")
    market.apply(market.patch("cup", title="Red mug", gtin=None))
    after = market.stored("cup")
    assert before is not None
    assert after is not None
    assert after["images"] == before["images"]
    assert "mug" in str(after["terms"])
    market.catalogue.refresh()
    found = market.catalogue.search({"query": {"match": {"terms.title": "mug"}}})
    assert [hit["_id"] for hit in found["hits"]["hits"]] == ["cup"]


def test_patch_removes_a_field_and_what_was_derived_of_it(market: Market) -> None:
    market.apply(market.put("cup", title="cup", color=["red"], gtin="4006381333931"))
    assert market.apply(market.patch("cup", color=None, gtin=None)) == ["updated"]
    stored = market.stored("cup")
    assert stored is not None
    assert not {"color", "colour", "gtin"} & stored.keys()


def test_a_price_below_the_sale_price_ends_the_sale_until_it_rises_again(market: Market) -> None:
    market.apply(market.put("cup", title="cup", price=20.0, sale_price=15.0))
    assert found_at(market, 15.0) == ["cup"]
    market.apply(market.patch("cup", price=12.0))
    assert (found_at(market, 15.0), found_at(market, 12.0)) == ([], ["cup"])
    market.apply(market.patch("cup", sale_price=9.0))
    assert found_at(market, 9.0) == ["cup"]
    market.apply(market.patch("cup", sale_price=15.0), market.patch("cup", price=30.0))
    assert found_at(market, 15.0) == ["cup"]
    market.apply(market.patch("cup", sale_price=None))
    assert found_at(market, 30.0) == ["cup"]
    market.apply(market.put("cup", title="cup", price=5.0, sale_price=15.0))
    assert found_at(market, 5.0) == ["cup"]


def test_prices_in_any_order_end_as_in_theirs(market: Market) -> None:
    market.apply(market.put("cup", price=20.0, sale_price=15.0, version=1))
    lower = market.patch("cup", price=12.0, version=2)
    higher = market.patch("cup", price=30.0, version=3)
    assert market.apply(higher, lower) == ["updated", "superseded"]
    assert found_at(market, 15.0) == ["cup"]


def found_at(market: Market, price: float) -> list[str]:
    """Return the products that cost this much now."""
    market.catalogue.refresh()
    answer = market.catalogue.search({"query": price_within({"gte": price, "lte": price})})
    return [hit["_id"] for hit in answer["hits"]["hits"]]


def test_the_same_again_writes_nothing(market: Market) -> None:
    (first,) = market.results(market.put("cup", price=3.0))
    before = market.catalogue.current("cup")
    (second,) = market.results(market.put("cup", price=3.0))
    (third,) = market.results(market.patch("cup", price=3.0))
    after = market.catalogue.current("cup")
    assert [second.outcome, third.outcome] == ["unchanged", "unchanged"]
    assert first.tag == second.tag == third.tag
    assert before is not None
    assert after is not None
    assert before.seq_no == after.seq_no


def test_a_put_of_a_load_is_written_again(market: Market) -> None:
    market.apply(market.put("cup", price=3.0))
    before = market.catalogue.current("cup")
    assert market.apply(replace(market.put("cup", price=3.0), is_rewritten=True)) == ["updated"]
    after = market.catalogue.current("cup")
    assert before is not None
    assert after is not None
    assert after.seq_no > before.seq_no


def test_an_older_version_never_wins_even_after_a_delete(market: Market) -> None:
    assert market.apply(market.put("cup", version=5, price=5.0)) == ["created"]
    assert market.apply(market.put("cup", version=4, price=4.0)) == ["superseded"]
    assert market.apply(market.patch("cup", version=3, price=3.0)) == ["superseded"]
    assert market.apply(market.delete("cup", version=2)) == ["superseded"]
    assert market.apply(market.delete("cup", version=7)) == ["deleted"]
    assert market.apply(market.put("cup", version=6, price=6.0)) == ["superseded"]
    assert market.stored("cup") is None
    assert market.apply(market.put("cup", version=8, price=8.0)) == ["created"]


def test_a_newer_patch_stays_when_an_older_put_comes_late(market: Market) -> None:
    market.apply(market.put("cup", version=1, price=1.0, title="old"))
    market.apply(market.patch("cup", version=3, price=3.0))
    assert market.apply(market.put("cup", version=2, price=2.0, title="new")) == ["updated"]
    stored = market.stored("cup")
    assert stored is not None
    assert (stored["price"], stored["title"]) == (3.0, "new")


def test_changes_of_one_product_in_one_request_are_made_in_order(market: Market) -> None:
    outcomes = market.apply(
        market.put("cup", price=1.0),
        market.put("pot", price=9.0),
        market.patch("cup", price=2.0),
        market.delete("pot"),
        market.patch("cup", price=3.0),
    )
    assert outcomes == ["created", "created", "updated", "deleted", "updated"]
    stored = market.stored("cup")
    assert stored is not None
    assert stored["price"] == 3.0
    assert market.stored("pot") is None


def test_a_change_for_another_state_is_not_made(market: Market) -> None:
    (result,) = market.results(market.put("cup", price=1.0))
    market.apply(market.patch("cup", price=2.0))
    assert market.apply(replace(market.patch("cup", price=3.0), tag=result.tag)) == [
        "changed_meanwhile"
    ]
    (now,) = market.results(market.patch("cup", stock=1))
    assert market.apply(replace(market.delete("cup"), tag=now.tag)) == ["deleted"]
    assert market.apply(replace(market.put("cup"), tag="*")) == ["changed_meanwhile"]


def test_a_refused_product_leaves_what_was_there_and_lets_the_others_in(market: Market) -> None:
    market.apply(market.put("cup", price=1.0))
    bad = market.put("cup", price=2.0)
    bad = replace(bad, document={**bad.document, "no_such_field": 1})
    results = market.results(market.put("pot"), bad, market.put("jug"))
    assert [result.outcome for result in results] == ["created", "refused", "created"]
    assert "no_such_field" in results[1].reason
    stored = market.stored("cup")
    assert stored is not None
    assert stored["price"] == 1.0
    entry = market.ledger.entry("cup")
    assert entry is not None
    assert not entry.is_pending
    assert market.apply(market.put("cup", price=1.0)) == ["unchanged"]


def test_shopper_s_photo_that_came_meanwhile_stays(
    market: Market, gateway: Gateway, alias: str
) -> None:
    market.apply(market.put("cup", price=1.0))
    late = market.put("cup", tone=2, price=2.0)
    ShopperPhotos(gateway, alias).attach("cup", photo(9), most=5)
    assert market.apply(late) == ["updated"]
    stored = market.stored("cup")
    assert stored is not None
    assert [picture["source"] for picture in stored["images"]] == ["catalogue", "shopper"]
    assert [round(picture["tone"][0]) for picture in stored["images"]] == [2, 9]


class Interfered(Catalogue):
    """A catalogue in which a shopper's photo comes between reading and writing, once."""

    photos: ShopperPhotos

    def write_conditionally(
        self, writes: list[ConditionalWrite], *, wait: bool = False
    ) -> dict[str, str]:
        self.__class__ = Catalogue  # type: ignore[assignment]
        self.photos.attach("cup", photo(9), most=5)
        return self.write_conditionally(writes, wait=wait)


@pytest.mark.parametrize("kind", ["put", "patch"])
def test_a_photo_that_comes_between_reading_and_writing_stays(
    market: Market, gateway: Gateway, alias: str, kind: str
) -> None:
    market.apply(market.put("cup", price=1.0))
    market.catalogue.__class__ = Interfered
    market.catalogue.photos = ShopperPhotos(gateway, alias)  # type: ignore[attr-defined]
    change = market.put("cup", price=2.0) if kind == "put" else market.patch("cup", price=2.0)
    assert market.apply(change) == ["updated"]
    stored = market.stored("cup")
    assert stored is not None
    assert stored["price"] == 2.0
    assert [picture["source"] for picture in stored["images"]] == ["catalogue", "shopper"]


def test_text_that_was_read_meanwhile_stays(market: Market) -> None:
    put = market.put("cup")
    pending = {**put.document["images"][0], PENDING: ["words"]}
    waiting = replace(put, document={**put.document, "images": [pending]})
    (result,) = market.results(waiting)
    assert list(result.pending) == ["words"]
    stored = market.catalogue.current("cup")
    assert stored is not None
    (picture,) = stored.source["images"]
    read = {name: value for name, value in picture.items() if name != PENDING} | {"words": "red"}
    assert market.catalogue.replace({**stored.source, "images": [read]}, stored)
    again = market.put("cup", price=2.0)
    market.apply(replace(again, document={**again.document, "images": [pending]}))
    now = market.stored("cup")
    assert now is not None
    assert now["images"][0]["words"] == "red"
    assert PENDING not in now["images"][0]


class Away(Catalogue):
    """Elasticsearch as it is when it does not answer: before or after it has done the work."""

    has_arrived = False

    def write_conditionally(
        self, writes: list[ConditionalWrite], *, wait: bool = False
    ) -> dict[str, str]:
        if self.has_arrived:
            super().write_conditionally(writes, wait=wait)
        raise EngineUnavailable("away")


@pytest.mark.parametrize("has_arrived", [False, True])
def test_what_was_recorded_is_carried_out_by_the_next_writer(
    market: Market, *, has_arrived: bool
) -> None:
    market.apply(market.put("cup", price=1.0), market.put("pot", price=1.0), market.put("jug"))
    market.catalogue.__class__ = Away
    market.catalogue.has_arrived = has_arrived  # type: ignore[attr-defined]
    impatient = RecordedWriter(market.catalogue, market.ledger, RetryPolicy(0))
    changes = [
        market.put("cup", tone=2, price=2.0), market.patch("pot", price=2.0), market.delete("jug"),
    ]  # fmt: skip
    with pytest.raises(EngineUnavailable):
        impatient.apply(changes)
    market.catalogue.__class__ = Catalogue
    assert market.ledger.pending() == ["cup", "jug", "pot"]
    assert market.apply(market.patch("cup", stock=7)) == ["updated"]
    assert market.writer.finish_pending() == 2
    cup, pot = market.stored("cup"), market.stored("pot")
    assert cup is not None
    assert pot is not None
    assert (cup["price"], cup["stock"], round(cup["images"][0]["tone"][0])) == (2.0, 7, 2)
    assert pot["price"] == 2.0
    assert market.stored("jug") is None
    assert market.ledger.pending() == []


def test_a_product_that_is_being_written_is_left_to_its_writer(market: Market) -> None:
    market.ledger.record([LedgerEntry("cup", History(ChangeOrder(1)))])
    with market.ledger.lock(["cup"]):
        assert market.writer.finish_pending() == 0
    assert market.writer.finish_pending() == 1


def test_two_writers_of_one_product_end_with_the_later_arrival(market: Market) -> None:
    for start in range(5):
        changes: list[tuple[int, Json]] = [(n, market.put("cup", price=float(n))) for n in range(6)]
        last = float(changes[-1][0])
        random.Random(start).shuffle(changes)

        def write(change: Json) -> None:
            time.sleep(random.random() / 100)
            market.apply(change[1])

        with ThreadPoolExecutor(6) as threads:
            list(threads.map(write, changes))
        stored = market.stored("cup")
        assert stored is not None
        assert stored["price"] == last
