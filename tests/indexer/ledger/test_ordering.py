"""Which change counts does not depend on the order in which changes arrive."""

import random
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.base import Json
from indexer.ledger.ordering import ChangeOrder, History, decide_fields, decide_whole


@dataclass(frozen=True)
class Change:
    """A change as a source sends it: `values` of a put or a patch, None of a delete."""

    version: int
    is_patch: bool
    values: dict[str, Json] | None


@dataclass
class Product:
    """A product as a writer keeps it, by the decisions alone."""

    history: History | None = None
    fields: dict[str, Json] | None = None
    arrivals: int = 0
    waiting: list[Change] = field(default_factory=list)

    def receive(self, change: Change, source: str = "shop", *, versioned: bool = True) -> None:
        """Apply a change; a patch of a product that is not there waits, as its sender would."""
        self.arrivals += 1
        order = ChangeOrder(self.arrivals, change.version if versioned else None, source)
        if not change.is_patch:
            history = decide_whole(self.history, order, change.values)
            if history is None:
                return
            self.history = history
            self.fields = None if change.values is None else history.overlay(change.values)
        elif self.history is None or self.fields is None:
            is_old = self.history is not None and order.precedes(self.history.base)
            self.waiting += [] if is_old else [change]
        else:
            assert change.values is not None
            self.history, accepted = decide_fields(self.history, order, change.values)
            self.fields = {n: v for n, v in {**self.fields, **accepted}.items() if v is not None}

    def receive_all(self, changes: list[Change]) -> None:
        for change in changes:
            self.receive(change)
        # Whoever was told that the product is not there sends the patch again.
        while self.waiting:
            again, self.waiting = self.waiting, []
            before = (self.history, self.fields)
            for change in again:
                self.receive(change)
            if (self.history, self.fields) == before:
                return


VALUES = st.dictionaries(st.sampled_from("abc"), st.integers(0, 3), max_size=3)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("put"), VALUES),
        st.tuples(
            st.just("patch"),
            st.dictionaries(st.sampled_from("abc"), st.none() | st.integers(0, 3), min_size=1),
        ),
        st.tuples(st.just("delete"), st.none()),
    ),
    min_size=1,
    max_size=9,
)


def history_of(steps: list[tuple[str, dict[str, Json] | None]]) -> tuple[list[Change], Json]:
    """Return a source's changes, and what it holds after them."""
    changes: list[Change] = []
    state: dict[str, Json] | None = None
    for kind, values in steps:
        if kind == "patch" and state is None:
            continue
        changes.append(Change(len(changes) + 1, kind == "patch", values))
        if kind == "patch":
            assert values is not None
            assert state is not None
            state = {n: v for n, v in {**state, **values}.items() if v is not None}
        else:
            state = None if values is None else dict(values)
    return changes, state


@given(STEPS, st.randoms(use_true_random=False))
def test_shuffled_and_doubled_changes_lead_to_what_the_source_holds(
    steps: list[tuple[str, dict[str, Json] | None]], chance: random.Random
) -> None:
    changes, state = history_of(steps)
    delivered = changes + [change for change in changes if chance.random() < 0.5]
    chance.shuffle(delivered)
    product = Product()
    product.receive_all(delivered)
    assert product.fields == state


def test_an_older_version_never_wins() -> None:
    product = Product()
    product.receive(Change(10, False, {"a": 10}))
    product.receive(Change(9, False, {"a": 9}))
    assert product.fields == {"a": 10}


def test_without_a_version_the_arrival_decides() -> None:
    product = Product()
    product.receive(Change(10, False, {"a": 1}), versioned=False)
    product.receive(Change(9, False, {"a": 2}), versioned=False)
    assert product.fields == {"a": 2}


def test_a_decision_that_is_late_loses_to_a_later_arrival() -> None:
    late, early = ChangeOrder(2), ChangeOrder(1)
    history = decide_whole(None, late, {})
    assert history is not None
    assert decide_whole(history, early, {}) is None


def test_a_put_that_comes_after_a_delete_of_a_higher_version_brings_nothing_back() -> None:
    product = Product()
    product.receive(Change(1, False, {"a": 1}))
    product.receive(Change(3, False, None))
    product.receive(Change(2, False, {"a": 2}))
    assert product.fields is None


def test_an_old_version_of_one_source_stays_old_when_another_source_came_between() -> None:
    product = Product()
    product.receive(Change(10, False, {"a": 10}), "shop")
    product.receive(Change(1, False, {"a": 1}), "warehouse")
    product.receive(Change(9, False, {"a": 9}), "shop")
    assert product.fields == {"a": 1}


def test_versions_of_two_sources_say_nothing_of_each_other() -> None:
    product = Product()
    product.receive(Change(1_700_000_000, False, {"a": 1}), "database")
    product.receive(Change(2, False, {"a": 2}), "shop")
    assert product.fields == {"a": 2}


def test_a_patch_is_forgotten_once_a_newer_put_replaces_it() -> None:
    product = Product()
    product.receive(Change(1, False, {"a": 1}))
    product.receive(Change(2, True, {"a": 2}))
    assert product.history is not None
    assert set(product.history.later) == {"a"}
    product.receive(Change(3, False, {"a": 3}))
    assert product.history.later == {}
    assert set(product.history.versions["shop"]) == {""}


@pytest.mark.parametrize("again", [Change(2, False, None), Change(2, False, {"a": 2})])
def test_a_change_that_comes_again_overrides_no_other_source(again: Change) -> None:
    product = Product()
    product.receive(Change(1, False, {"a": 1}))
    product.receive(again)
    product.receive(Change(0, False, {"a": 5}), "warehouse", versioned=False)
    product.receive(again)
    assert product.fields == {"a": 5}


def test_a_patch_that_comes_again_overrides_no_other_source() -> None:
    product = Product()
    product.receive(Change(1, False, {"a": 1}))
    product.receive(Change(2, True, {"a": 2}))
    product.receive(Change(0, True, {"a": 5}), "warehouse", versioned=False)
    product.receive(Change(2, True, {"a": 2}))
    assert product.fields == {"a": 5}


def test_of_two_changes_with_one_version_the_later_arrival_counts() -> None:
    product = Product()
    product.receive(Change(1, False, {"a": 1}))
    product.receive(Change(1, False, {"a": 2}))
    assert product.fields == {"a": 2}
