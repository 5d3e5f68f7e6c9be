"""However changes are shuffled, doubled, delayed and cut off, the index ends equal to the source.

A shop sends versioned puts, patches and deletes, which come in any order, several times, alone or
together, some of them by a writer that is killed. A till sends stock counts without versions. What
the index must hold then is worked out anew from the list of what was delivered, by no code of ours.
"""

from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    precondition,
    rule,
    run_state_machine_as_test,
)

from bench.freshness.statements import (
    FIELDS,
    DeliveredStatement,
    Statement,
    change_of,
    expected_product,
    stored_product,
)
from features.base import Json
from indexer.writing.change import Change
from mappings.catalogue.fields import PRODUCT_FIELDS
from tests.indexer.writing.conftest import Market
from tests.indexer.writing.killed_writer import MOMENTS, write_and_die
from tests.support.engine import Engine

KEYS = ("cup", "pot", "jug")


SAID = st.fixed_dictionaries(
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
        self.deliveries: list[DeliveredStatement] = []
        for key in KEYS:
            self.market.apply(self.market.delete(key))
            self.market.ledger.forget([key])

    def say(self, statement: Statement) -> None:
        """Have the shop say something, which is delivered some time."""
        self.coming.append(statement)
        self.known[statement.key] = statement.kind != "delete"

    @rule(key=st.sampled_from(KEYS), values=SAID, tone=st.integers(1, 3))
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
        together = [
            DeliveredStatement(one, first + number) for number, one in enumerate(statements)
        ]
        changes = [change(delivery) for delivery in together]
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
        (picture,) = stored["images"]
        assert int(picture["image_id"], 16) == round(picture["tone"][0])
        unsaid = {name for name in PRODUCT_FIELDS if name in stored} - {"id", "updated_at", *FIELDS}
        assert not unsaid
        return stored_product(stored)

    def expected(self, key: str) -> dict[str, Any] | None:
        """Return what the index must hold."""
        return expected_product(key, [d for d in self.deliveries if d.statement.key == key])


def change(delivery: DeliveredStatement) -> Change:
    """Return a delivery as a change, with the tone of its picture."""
    return change_of(delivery, {"tone": [float(delivery.statement.picture), 1.0, 1.0]})


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
