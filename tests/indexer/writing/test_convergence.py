"""However changes are shuffled, doubled, delayed and cut off, the index ends equal to the source.

A shop sends versioned puts, patches and deletes, which come in any order, several times, alone or
together, some of them by a writer that is killed. A till sends stock counts without versions. What
the index must hold then is worked out anew from the list of what was delivered, by no code of ours.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    precondition,
    rule,
    run_state_machine_as_test,
)

from features.base import Json
from indexer.ledger.content_hash import hash_content
from indexer.ledger.ordering import ChangeOrder
from indexer.writing.change import Change, ProductDelete, ProductPatch, ProductPut
from mappings.catalogue.fields import PRODUCT_FIELDS
from tests.indexer.writing.conftest import Market
from tests.indexer.writing.killed_writer import MOMENTS, write_and_die
from tests.support.engine import Engine

KEYS = ("cup", "pot", "jug")
SHOP, TILL = "shop", "till"


@dataclass(frozen=True)
class Statement:
    """What a source says of a product: `values` of a put or a patch, and a put's picture."""

    kind: str
    key: str
    values: Mapping[str, Json] = field(default_factory=dict)
    tone: int = 0
    version: int | None = None


@dataclass(frozen=True)
class Delivery:
    """A statement as it arrived."""

    statement: Statement
    arrival: int


FIELDS = st.fixed_dictionaries(
    {"title": st.sampled_from(["red cup", "blue cup", "old jug"])},
    optional={"price": st.sampled_from([1.0, 2.0]), "stock": st.integers(0, 3)},
)
VALUES = st.dictionaries(
    st.sampled_from(["price", "stock"]), st.sampled_from([None, 4, 5]), min_size=1
)


class Convergence(RuleBasedStateMachine):
    """Sources, what of theirs is still to come, and the index."""

    market: Market
    engine: Engine
    ledger_path: Any

    def __init__(self) -> None:
        super().__init__()
        self.versions = 0
        self.known: dict[str, bool] = {}
        self.coming: list[Statement] = []
        self.arrived: list[Statement] = []
        self.deliveries: list[Delivery] = []
        for key in KEYS:
            self.market.apply(self.market.delete(key))
            self.market.ledger.forget([key])

    def say(self, statement: Statement) -> None:
        """Have the shop say something, which is delivered some time."""
        self.coming.append(statement)
        self.known[statement.key] = statement.kind != "delete"

    @rule(key=st.sampled_from(KEYS), values=FIELDS, tone=st.integers(1, 3))
    def shop_puts(self, key: str, values: dict[str, Json], tone: int) -> None:
        self.versions += 1
        self.say(Statement("put", key, values, tone, self.versions))

    @rule(key=st.sampled_from(KEYS), values=VALUES)
    def shop_patches(self, key: str, values: dict[str, Json]) -> None:
        if self.known.get(key):
            self.versions += 1
            self.say(Statement("patch", key, values, 0, self.versions))

    @rule(key=st.sampled_from(KEYS))
    def shop_deletes(self, key: str) -> None:
        if self.known.get(key):
            self.versions += 1
            self.say(Statement("delete", key, {}, 0, self.versions))

    @rule(key=st.sampled_from(KEYS), stock=st.integers(10, 13))
    def till_counts(self, key: str, stock: int) -> None:
        self.deliver([Statement("patch", key, {"stock": stock})])

    @precondition(lambda self: self.coming or self.arrived)
    @rule(data=st.data(), moment=st.sampled_from([None, None, *MOMENTS]))
    def some_arrive(self, data: st.DataObject, moment: str | None) -> None:
        """Deliver some of what is to come, and some of what came before, in any order."""
        pool = [*self.coming, *self.arrived[-4:]]
        chosen = data.draw(st.lists(st.sampled_from(range(len(pool))), min_size=1, max_size=6))
        self.deliver([pool[number] for number in chosen], moment)

    def deliver(self, statements: list[Statement], moment: str | None = None) -> None:
        """Deliver statements together; with a `moment`, a writer is killed at it first."""
        first = self.market.ledger.next_arrival(len(statements))
        together = [Delivery(one, first + number) for number, one in enumerate(statements)]
        changes = [change_of(delivery) for delivery in together]
        if moment is not None:
            write_and_die(
                self.engine, self.market.catalogue.alias, self.ledger_path, changes, moment
            )
        results = self.market.results(*changes)
        for delivery, result in zip(together, results, strict=True):
            statement = delivery.statement
            assert result.outcome != "refused", result.reason
            # Whoever is told that there is no such product sends the patch again.
            if result.outcome == "unknown_product":
                continue
            self.deliveries.append(delivery)
            if statement in self.coming:
                self.coming.remove(statement)
                self.arrived.append(statement)

    def teardown(self) -> None:
        """Deliver what is still to come, and compare every field."""
        for _ in range(len(self.coming) + 1):
            if self.coming:
                self.deliver(sorted(self.coming, key=lambda one: -(one.version or 0)))
        assert not self.coming
        assert self.market.ledger.pending() == []
        for key in KEYS:
            assert self.seen(key) == self.expected(key), (key, self.deliveries)

    def seen(self, key: str) -> dict[str, Any] | None:
        """Return a product of the index: its fields and its picture."""
        stored = self.market.stored(key)
        if stored is None:
            return None
        derived = self.market.catalogue.derived(stored)
        assert derived == {name: stored.get(name) for name in derived}
        said = {name: stored[name] for name in PRODUCT_FIELDS if name in stored}
        said.pop("updated_at", None)
        (picture,) = stored["images"]
        assert int(picture["image_id"], 16) == round(picture["tone"][0])
        return {**said, "tone": round(picture["tone"][0])}

    def expected(self, key: str) -> dict[str, Any] | None:
        """Return what the deliveries amount to, worked out statement by statement."""
        mine = [one for one in self.deliveries if one.statement.key == key]
        shop: dict[int, Delivery] = {}
        for one in mine:
            if one.statement.version is not None:
                shop.setdefault(one.statement.version, one)
        whole = [v for v, one in shop.items() if one.statement.kind != "patch"]
        if not whole or shop[max(whole)].statement.kind == "delete":
            return None
        base = shop[max(whole)]
        product: dict[str, Any] = {"id": key, "tone": base.statement.tone}
        for name in ("title", "price", "stock"):
            patches = [
                v
                for v, one in shop.items()
                if v > max(whole) and one.statement.kind == "patch" and name in one.statement.values
            ]
            last = shop[max(patches)] if patches else base
            counts = [
                one
                for one in mine
                if one.statement.version is None
                and name in one.statement.values
                and one.arrival > last.arrival
            ]
            value = (counts[-1] if counts else last).statement.values.get(name)
            if value is not None:
                product[name] = value
        return product


def change_of(delivery: Delivery) -> Change:
    """Return a statement as a change."""
    said, source = delivery.statement, TILL if delivery.statement.version is None else SHOP
    order = ChangeOrder(delivery.arrival, said.version, source)
    if said.kind == "patch":
        return ProductPatch(said.key, order, said.values)
    if said.kind == "delete":
        return ProductDelete(said.key, order)
    fields = {"id": said.key, **said.values}
    picture = {
        "image_id": f"{said.tone:064x}",
        "url": f"{said.tone}.jpg",
        "source": "catalogue",
        "added_at": "2026-01-01T00:00:00+00:00",
        "tone": [float(said.tone), 1.0, 1.0],
    }
    document = {**fields, "updated_at": "2026-01-01T00:00:00+00:00", "images": [picture]}
    return ProductPut(said.key, order, document, hash_content(fields, [f"{said.tone}.jpg"]))


def test_the_index_ends_equal_to_its_sources(market: Market, engine: Engine) -> None:
    machine = type(
        "Here",
        (Convergence,),
        {"market": market, "engine": engine, "ledger_path": market.ledger_path},
    )
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        machine,
        settings=settings(
            max_examples=12,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
