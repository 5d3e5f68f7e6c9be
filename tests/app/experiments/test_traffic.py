"""What Elasticsearch sums up is what the events say, to the last digit."""

import secrets
from collections.abc import Iterator
from datetime import timedelta
from functools import partial

import numpy as np
import pytest

from app.experiments.experiment import Experiment
from app.experiments.traffic import ExperimentTraffic, read_traffic
from bench.experiments.event_index import event_index, store_events
from bench.experiments.published import published_rates
from bench.experiments.shoppers import CURRENCY, Rates, Sessions, events_of, make_sessions
from features.base import Json
from mappings.engine.gateway import Gateway
from mappings.events import experiment_sums, ubi_mapping
from tests.bench.experiments.declared import END, START, experiment

CATEGORIES = ("Shoes", "Bags > Totes", "Home")
RATES = Rates(np.array([[0.1] * 3, [0.2] * 3]), np.array([[0.05] * 3, [0.1] * 3]))


@pytest.fixture(scope="module")
def sessions() -> Sessions:
    return make_sessions(experiment(), RATES, 300, seed=1)


@pytest.fixture
def index(gateway: Gateway) -> Iterator[str]:
    with event_index(gateway, "test-events") as name:
        yield name


def read(gateway: Gateway, index: str, declared: Experiment | None = None) -> ExperimentTraffic:
    return read_traffic(partial(gateway.search, index), declared or experiment(), END)


def test_sums_are_those_of_the_events(
    gateway: Gateway, index: str, sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    store_events(gateway, index, list(events_of(sessions, CATEGORIES)))
    found = {}
    for events_per_part in (1_000_000, 500):
        monkeypatch.setattr(experiment_sums, "EVENTS_PER_PART", events_per_part)
        found[events_per_part] = read(gateway, index)
    expected = dict(zip(("control", "colour"), sessions.moments(), strict=True))
    for traffic in found.values():
        assert traffic.currency == CURRENCY
        assert traffic.mixed_clients == 0
        assert traffic.events == sessions.events
        for variant, moments in expected.items():
            assert traffic.variants[variant].clients == moments.clients
            assert traffic.variants[variant].sums == pytest.approx(moments.sums)
            assert traffic.variants[variant].products == pytest.approx(moments.products)
        assert set(traffic.categories) == set(CATEGORIES)
        for number, category in enumerate(CATEGORIES):
            for variant, moments in zip(expected, sessions.moments(category=number), strict=True):
                summed = traffic.categories[category][variant]
                assert summed.sums == pytest.approx(moments.sums)
                assert summed.products == pytest.approx(moments.products)


def event(
    key: str, action: str, client: str = "ada", session: str = "s", **attributes: Json
) -> tuple[str, Json]:
    at = attributes.pop("at", START + timedelta(hours=1)).isoformat()
    return key, {
        "@timestamp": at,
        "action_name": action,
        "client_id": client,
        "session_id": session,
        "event_attributes": attributes,
    }


SHOWN = {"experiment": "e", "variant": "colour"}


def test_client_in_two_variants_counts_in_neither(gateway: Gateway, index: str) -> None:
    other = {**SHOWN, "variant": "control"}
    store_events(
        gateway,
        index,
        [
            event("1", "impression", **SHOWN),
            event("2", "impression", session="t", **other),
            event("3", "impression", client="emi", **SHOWN),
        ],
    )
    traffic = read(gateway, index)
    assert traffic.mixed_clients == 1
    assert {name: sums.clients for name, sums in traffic.variants.items()} == {"colour": 1}


def test_what_is_bought_counts_in_sessions_that_were_shown_the_variant(
    gateway: Gateway, index: str
) -> None:
    paid = {"price": 10.0, "quantity": 3, "currency": "EUR"}
    store_events(
        gateway,
        index,
        [
            event("1", "impression", **SHOWN),
            event("2", "purchase", **paid),
            event("3", "purchase", session="other", **paid),
            event("4", "purchase", **{**paid, "currency": "JPY", "price": 5_000.0}),
            event("5", "purchase", client="emi", **paid),
        ],
    )
    sums = read(gateway, index).variants["colour"]
    assert sums.clients == 1
    assert (sums.total("purchases"), sums.total("revenue")) == (2, 30)
    assert (sums.total("sessions"), sums.total("before_sessions")) == (1, 0)


def test_events_of_another_experiment_and_after_the_end_do_not_count(
    gateway: Gateway, index: str
) -> None:
    store_events(
        gateway,
        index,
        [
            event("1", "impression", **SHOWN),
            event("2", "click", **{**SHOWN, "experiment": "older"}),
            event("3", "click", at=END, **SHOWN),
            event("4", "click", **{**SHOWN, "variant": "no longer declared"}),
            event("5", "click", at=START - timedelta(days=1)),
            event("6", "click", at=START - timedelta(days=20)),
        ],
    )
    sums = read(gateway, index).variants["colour"]
    assert (sums.total("clicks"), sums.total("before_clicks")) == (0, 1)


def test_client_for_whom_nothing_was_found_is_a_client_too(gateway: Gateway, index: str) -> None:
    queries = f"{index}-queries"
    fields = ubi_mapping.query_properties({})
    gateway.create_index(queries, {"dynamic": False, "properties": fields}, {})
    query = {
        "@timestamp": START.isoformat(),
        "client_id": "emi",
        "session_id": "s",
        "query_attributes": {"lookalike": SHOWN},
    }
    store_events(gateway, queries, [("q1", query), ("q2", {**query, "client_id": "ada"})])
    store_events(gateway, index, [event("1", "impression", **SHOWN)])
    sums = read(gateway, f"{index}*").variants["colour"]
    gateway.delete_index(queries)
    assert sums.clients == 2
    assert (sums.total("impressions"), sums.total("sessions")) == (1, 2)


def test_stream_without_events_is_no_traffic(gateway: Gateway, index: str) -> None:
    assert read(gateway, index) == ExperimentTraffic()


def test_stream_that_was_never_written_to_is_no_traffic(gateway: Gateway) -> None:
    name = f"logs-lookalike.{secrets.token_hex(6)}-default"
    assert read(gateway, f"{name}*") == ExperimentTraffic()


def test_published_rates_have_the_published_means() -> None:
    rates = published_rates(1)
    assert rates.click.mean(axis=1) == pytest.approx([0.0051, 0.0076])
    assert rates.purchase.mean(axis=1) == pytest.approx([0.0021, 0.0028])
    assert (rates.click[1] > rates.click[0]).sum() == 92
