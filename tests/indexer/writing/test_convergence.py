"""However changes are shuffled, doubled, delayed and cut off, the index ends equal to the source.

A shop sends versioned puts, patches and deletes, which come in any order, several times, alone or
together, some of them by a writer that is killed. A till sends stock counts without versions. The
index is rebuilt from what it has, and its model swapped, at any moment. What it must hold then is
worked out anew from the list of what was delivered, by no code of ours.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    precondition,
    rule,
    run_state_machine_as_test,
)

from bench.freshness import index_changes
from bench.freshness.numbered_pictures import NumberedVector, image_ids
from bench.freshness.statements import (
    FIELDS,
    DeliveredStatement,
    Statement,
    change_of,
    expected_product,
    stored_product,
)
from bench.freshness.writer_processes import open_numbered, picture_values
from core.environment import Environment
from core.retries import RetryPolicy
from features.base import Json
from indexer.ledger.settings import ledger_path, open_ledger
from indexer.writing.change import Change
from indexer.writing.recorded_writer import RecordedWriter
from mappings.catalogue.fields import PRODUCT_FIELDS
from tests.indexer.writing.conftest import Market
from tests.indexer.writing.killed_writer import MOMENTS, write_and_die
from tests.support.engine import Engine

KEYS = ("cup", "pot", "jug")

MOST_INDEX_CHANGES = 1
"""Rebuilds and model swaps in an example: each takes a second or two."""

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
    environment: Environment

    def __init__(self) -> None:
        super().__init__()
        self.versions = 0
        self.known: dict[str, bool] = {}
        self.coming: list[Statement] = []
        self.arrived: list[Statement] = []
        self.deliveries: list[DeliveredStatement] = []
        self.index_changes = 0
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
        changes = [self.change(delivery) for delivery in together]
        if moment is not None:
            write_and_die(
                self.engine, self.market.catalogue.alias, self.market.ledger_path, changes, moment
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

    @precondition(lambda self: self.index_changes < MOST_INDEX_CHANGES)
    @rule()
    def index_is_rebuilt(self) -> None:
        self.market.catalogue.refresh()
        products = list(index_changes.products_of(self.market.catalogue))
        if not products:
            return  # An empty feed is refused.
        self.index_changes += 1
        feed = index_changes.export_feed(products, self.environment.state_dir() / "export")
        index_changes.rebuild(self.environment, feed)

    @precondition(lambda self: self.index_changes < MOST_INDEX_CHANGES)
    @rule()
    def model_is_swapped(self) -> None:
        self.index_changes += 1
        index_changes.swap_model(self.environment, notice_s=0.0)

    def change(self, delivery: DeliveredStatement) -> Change:
        """Return a delivery as a change, with what the models see in its picture."""
        fields = self.market.catalogue.refresh_write_features()
        return change_of(delivery, picture_values(fields, delivery.statement.picture))

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
        for field, feature in self.market.catalogue.refresh_write_features().items():
            assert isinstance(feature, NumberedVector)
            wanted = feature.value(image_ids()[picture["image_id"]])
            assert [round(number, 1) for number in picture[field]] == wanted
        # A feed says whether what it has in stock is available, and shows its first picture.
        own = {"id", "updated_at", "availability", "image_link", *FIELDS}
        unsaid = {name for name in PRODUCT_FIELDS if name in stored} - own
        assert not unsaid
        return stored_product(stored)

    def expected(self, key: str) -> dict[str, Any] | None:
        """Return what the index must hold."""
        return expected_product(key, [d for d in self.deliveries if d.statement.key == key])


@pytest.fixture
def numbered(environment: Environment) -> Iterator[Market]:
    """A catalogue whose pictures are numbers, with a ledger."""
    catalogue = open_numbered(environment)
    catalogue.prepare()
    ledger = open_ledger(environment, catalogue.alias)
    path = ledger_path(environment.state_dir(), catalogue.alias)
    yield Market(catalogue, ledger, RecordedWriter(catalogue, ledger, RetryPolicy(10)), path)
    ledger.close()


def test_the_index_ends_equal_to_its_sources(
    numbered: Market, engine: Engine, environment: Environment
) -> None:
    machine = type(
        "Here",
        (Convergence,),
        {"market": numbered, "engine": engine, "environment": environment},
    )
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        machine,
        settings=settings(
            max_examples=8,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
