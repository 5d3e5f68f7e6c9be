"""A source and the index in step: what changes there changes here, and nothing else is done."""

import gzip
import json
from typing import Any

import pytest

from core.errors import NotFound
from core.retries import RetryPolicy
from indexer.ledger.ordering import ChangeOrder
from indexer.sync.errors import RemovalRefused
from indexer.sync.source_writer import SourceFieldUpdate, SourceWriter, version_number
from indexer.writing.change import ProductPatch
from indexer.writing.recorded_writer import RecordedWriter
from mappings.catalogue.products import PICTURES
from tests.indexer.doubles import RED
from tests.indexer.sync.conftest import SyncShop


def rows(shop: SyncShop, count: int = 3) -> list[dict[str, Any]]:
    """Write a feed of so many products, each with a picture of its own."""
    made = [
        {
            "id": f"p{n}",
            "title": f"Mug {n}",
            "price": 10 + n,
            "currency": "EUR",
            "stock": 3,
            "image_link": shop.picture(f"{n}.png", (40 + n, 9, 9)),
        }
        for n in range(count)
    ]
    shop.write(*made)
    return made


def test_first_run_puts_everything_in_and_the_second_does_nothing(sync_shop: SyncShop) -> None:
    rows(sync_shop)
    first = sync_shop.sync()
    assert (first.rewritten, first.exit_code) == (3, 0)
    assert sync_shop.tone.extracted == 3
    second = sync_shop.sync()
    assert (second.rows, second.unchanged, second.changes) == (3, 3, 0)
    assert sync_shop.tone.extracted == 0
    assert sync_shop.drift().is_none


def test_price_touches_no_picture_and_nothing_but_the_price(sync_shop: SyncShop) -> None:
    made = rows(sync_shop)
    sync_shop.sync()
    before = sync_shop.catalogue.product("p1", vectors=True)
    (sync_shop.folder / "1.png").unlink()
    made[1] |= {"price": 99.5, "stock": 0}
    sync_shop.write(*made)
    report = sync_shop.sync()
    assert (report.updated, report.rewritten, report.unchanged) == (1, 0, 2)
    assert sync_shop.tone.extracted == 0
    after = sync_shop.catalogue.product("p1", vectors=True)
    assert (after["price"], after["stock"]) == (99.5, 0)
    assert after[PICTURES] == before[PICTURES]
    changed = {name for name in after if after[name] != before.get(name)} - {"updated_at"}
    assert changed == {"price", "stock", "availability"} & changed


def test_title_is_found_by_its_new_words_alone(sync_shop: SyncShop) -> None:
    made = rows(sync_shop)
    sync_shop.sync()
    made[0]["title"] = "Teapot"
    sync_shop.write(*made)
    assert sync_shop.sync().updated == 1
    product = sync_shop.product("p0")
    assert "teapot" in str(product["terms"])
    assert "mug" not in str(product["terms"])


def test_field_that_a_row_lost_is_lost(sync_shop: SyncShop) -> None:
    made = rows(sync_shop)
    made[0]["brand"] = "Acme"
    sync_shop.write(*made)
    sync_shop.sync()
    del made[0]["brand"]
    sync_shop.write(*made)
    sync_shop.sync()
    assert "brand" not in sync_shop.product("p0")


def test_same_picture_at_a_new_address_is_not_computed_again(sync_shop: SyncShop) -> None:
    made = rows(sync_shop)
    sync_shop.sync()
    (sync_shop.folder / "0.png").rename(sync_shop.folder / "moved.png")
    made[0]["image_link"] = "moved.png"
    sync_shop.write(*made)
    report = sync_shop.sync()
    assert (report.rewritten, report.reused, sync_shop.tone.extracted) == (1, 1, 0)
    assert sync_shop.product("p0")["image_link"] == "moved.png"


def test_picture_of_another_product_is_not_computed_again(sync_shop: SyncShop) -> None:
    made = rows(sync_shop)
    sync_shop.sync()
    sync_shop.write(*made, {"id": "new", "title": "Set", "image_link": "0.png"})
    report = sync_shop.sync()
    assert (report.rewritten, report.reused, sync_shop.tone.extracted) == (1, 1, 0)
    stored = sync_shop.stored(["p0", "new"])
    assert stored["new"][PICTURES][0]["tone"] == stored["p0"][PICTURES][0]["tone"]
    assert stored["new"][PICTURES][0]["added_at"] > stored["p0"][PICTURES][0]["added_at"]


def test_other_picture_is_computed(sync_shop: SyncShop) -> None:
    made = rows(sync_shop)
    sync_shop.sync()
    made[0]["image_link"] = sync_shop.picture("other.png", (7, 200, 7))
    sync_shop.write(*made)
    assert sync_shop.sync().rewritten == 1
    assert sync_shop.tone.extracted == 1


def test_slow_feature_is_filled_in_by_the_run_that_brought_the_picture(
    sync_shop: SyncShop,
) -> None:
    sync_shop.write({"id": "a", "image_link": sync_shop.picture("a.png", RED)})
    sync_shop.sync()
    assert sync_shop.stored(["a"])["a"][PICTURES][0]["words"] == "red"


@pytest.mark.parametrize("choice", ["out_of_stock", "delete"])
def test_what_is_gone_from_the_source_is_gone_here(sync_shop: SyncShop, choice: str) -> None:
    made = rows(sync_shop, 10)
    sync_shop.gone(choice)
    sync_shop.sync()
    sync_shop.write(*made[1:])
    report = sync_shop.sync()
    assert (report.removed, report.exit_code) == (1, 0)
    if choice == "delete":
        with pytest.raises(NotFound):
            sync_shop.product("p0")
    else:
        product = sync_shop.product("p0")
        assert (product["availability"], product["stock"]) == ("out_of_stock", 0)
    assert sync_shop.sync().removed == 0
    sync_shop.write(*made)
    sync_shop.sync()
    assert sync_shop.product("p0")["stock"] == 3
    assert sync_shop.drift().is_none


def test_too_many_gone_are_refused_until_somebody_says_yes(sync_shop: SyncShop) -> None:
    made = rows(sync_shop, 12)
    sync_shop.gone("delete")
    sync_shop.sync()
    sync_shop.write({**made[0], "price": 1}, *made[1:4])
    with pytest.raises(RemovalRefused, match=r"8 of 12 products .* --yes"):
        sync_shop.sync()
    assert sync_shop.product("p11")["id"] == "p11"
    # All else was applied.
    assert sync_shop.product("p0")["price"] == 1
    assert sync_shop.sync(confirmed=True).removed == 8


def test_source_that_breaks_off_removes_nothing_and_the_next_run_goes_on(
    sync_shop: SyncShop,
) -> None:
    made = rows(sync_shop, 40)
    sync_shop.gone("delete")
    sync_shop.sync()
    made[0]["price"] = 1
    whole = gzip.compress("".join(json.dumps(row) + "\n" for row in made).encode())
    sync_shop.feed.write_bytes(whole[:-30])
    report = sync_shop.sync()
    assert not report.complete
    assert report.exit_code == 1
    assert "nothing was removed" in report.notes[0]
    assert sync_shop.product("p39")["id"] == "p39"
    sync_shop.feed.write_bytes(whole)
    assert sync_shop.sync().complete
    assert sync_shop.product("p0")["price"] == 1


def test_rows_that_cannot_be_read_keep_what_was_not_met(sync_shop: SyncShop) -> None:
    made = rows(sync_shop, 8)
    sync_shop.gone("delete")
    sync_shop.sync()
    lines = [json.dumps(row) for row in made]
    sync_shop.feed.write_text("\n".join([*lines[:-1], "{broken"]) + "\n")
    report = sync_shop.sync()
    assert (report.removed, report.exit_code) == (0, 1)
    assert "could not be read" in report.notes[0]
    assert sync_shop.product("p7")["id"] == "p7"


def test_row_that_breaks_a_rule_leaves_its_product_as_it_is(sync_shop: SyncShop) -> None:
    made = rows(sync_shop, 8)
    sync_shop.sync()
    sync_shop.write(*made[:-1], {**made[-1], "image_link": ""})
    report = sync_shop.sync()
    assert (report.removed, report.rejected) == (0, 1)
    assert sync_shop.product("p7")["availability"] == "in_stock"


def test_second_row_of_a_product_is_named(sync_shop: SyncShop) -> None:
    made = rows(sync_shop)
    sync_shop.write(*made, {**made[0], "price": 1})
    assert sync_shop.sync().rewritten == 3
    assert sync_shop.rejected("id", "rule") == [("p0", "duplicate")]
    assert sync_shop.product("p0")["price"] == 10


def test_rows_without_pictures_change_the_fields_they_have(sync_shop: SyncShop) -> None:
    made = rows(sync_shop)
    made[0]["brand"] = "Acme"
    made[1]["brand"] = "Acme"
    sync_shop.write(*made)
    sync_shop.sync()
    prices = sync_shop.folder / "prices.jsonl"
    changes = [{"id": "p0", "price": 5, "brand": None}, {"id": "p1", "price": 6}, {"id": "x"}]
    prices.write_text("".join(json.dumps(change) + "\n" for change in changes))
    sync_shop.source = prices
    report = sync_shop.sync()
    assert (report.updated, sync_shop.tone.extracted) == (2, 0)
    # Null empties a field; what a row does not have stays.
    assert "brand" not in sync_shop.product("p0")
    assert sync_shop.product("p1")["brand"] == "Acme"
    assert sync_shop.product("p1")["title"] == "Mug 1"
    assert sync_shop.rejected("id", "rule") == [("x", "required")]


def test_later_change_of_others_stays_until_the_row_changes(sync_shop: SyncShop) -> None:
    made = rows(sync_shop)
    sync_shop.sync()
    writer = RecordedWriter(sync_shop.catalogue, sync_shop.ledger, RetryPolicy(10))
    order = ChangeOrder(sync_shop.ledger.next_arrival())
    writer.apply([ProductPatch("p0", order, {"price": 77.0})])
    sync_shop.sync()
    assert sync_shop.product("p0")["price"] == 77
    assert sync_shop.drift().different == {"p0": ("price",)}
    made[0]["price"] = 8
    sync_shop.write(*made)
    sync_shop.sync()
    assert sync_shop.product("p0")["price"] == 8


def test_older_version_of_a_source_never_wins(sync_shop: SyncShop) -> None:
    rows(sync_shop)
    sync_shop.sync()

    def write(price: float, version: str, source: str = "shop") -> tuple[set[str], set[str]]:
        recorded = RecordedWriter(sync_shop.catalogue, sync_shop.ledger, RetryPolicy(10))
        writer = SourceWriter(recorded, sync_shop.ledger, source)
        outcome = writer.update({"p0": SourceFieldUpdate({"price": price}, version)})
        return outcome.written, outcome.outdated

    assert write(7.0, "2026-11-30T12:00:00+00:00") == ({"p0"}, set())
    assert write(5.0, "2026-11-30T11:59:59.999999+00:00") == (set(), {"p0"})
    assert sync_shop.product("p0")["price"] == 7
    # Versions of two sources say nothing of each other: the later arrival counts.
    assert write(6.0, "3", "another") == ({"p0"}, set())
    assert sync_shop.product("p0")["price"] == 6


@pytest.mark.parametrize(
    ("version", "number"),
    [
        ("", None),
        ("17", 17),
        ("-3", -3),
        ("1970-01-01T00:00:01+00:00", 1_000_000),
        ("a word", None),
    ],
)
def test_version_is_a_number_or_a_moment(version: str, number: int | None) -> None:
    assert version_number(version) == number


def test_reconciling_finds_every_kind_of_drift_and_mends_it(sync_shop: SyncShop) -> None:
    made = rows(sync_shop, 8)
    sync_shop.sync()
    documents = sync_shop.gateway.documents(sync_shop.catalogue.alias)
    stored = sync_shop.catalogue.current("p2")
    assert stored is not None
    documents.replace({**stored.source, "title": "Spoilt"}, stored)
    sync_shop.gateway._client.delete(index=sync_shop.catalogue.alias, id="p3")
    sync_shop.write(*made[:-1])
    drift = sync_shop.drift()
    assert (drift.missing, drift.different, drift.superfluous) == (
        ["p3"],
        {"p2": ("title",)},
        ["p7"],
    )
    sync_shop.gone("delete")
    report = sync_shop.run(lambda sync: sync.mend(drift.ids))
    assert (report.updated, report.rewritten, report.removed) == (1, 1, 1)
    assert sync_shop.drift().is_none


def test_new_index_is_filled_although_the_source_is_known(sync_shop: SyncShop) -> None:
    rows(sync_shop)
    sync_shop.sync()
    sync_shop.gateway.delete_index(sync_shop.catalogue.index_name())
    assert sync_shop.sync().rewritten == 3
    assert sync_shop.drift().is_none
