"""Retries are bounded, errors say what to do: against the real server and a closed port."""

import secrets
import socket
import time

import pytest

from core.errors import EngineRefused, EngineUnavailable, IndexBlocked, IndexMissing
from mappings.catalogue.catalogue import Catalogue
from mappings.engine import bulk
from mappings.engine import gateway as gateways
from mappings.engine.gateway import Gateway
from mappings.events import event_documents
from tests.support.engine import Engine


def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_absent_engine_is_told_within_a_second() -> None:
    gateway = Gateway(f"http://127.0.0.1:{closed_port()}")
    started = time.monotonic()
    with pytest.raises(EngineUnavailable, match="does not answer"):
        gateway.search("products", {"query": {"match_all": {}}})
    assert time.monotonic() - started < 1


def test_bulk_to_an_absent_engine_gives_up_after_its_tries() -> None:
    pauses: list[float] = []
    gateway = Gateway(f"http://127.0.0.1:{closed_port()}", pause=pauses.append)
    with pytest.raises(EngineUnavailable):
        gateway.bulk_index("products", [("a", {"id": "a"})])
    assert len(pauses) == gateways.BULK_ATTEMPTS - 1
    assert pauses == sorted(pauses)


def test_wrong_password_names_the_settings_to_check(engine: Engine) -> None:
    gateway = Gateway(engine.url, basic_auth=(engine.user, "wrong"))
    with pytest.raises(EngineRefused, match="ELASTICSEARCH_PASSWORD"):
        gateway.info()


def test_missing_index_is_named(gateway: Gateway) -> None:
    with pytest.raises(IndexMissing, match="'test-nowhere'"):
        gateway.search("test-nowhere", {})


def test_bad_query_is_our_fault_and_says_why(catalogue: Catalogue) -> None:
    with pytest.raises(EngineRefused, match="no_such_query"):
        catalogue.search({"query": {"no_such_query": {}}})


def test_blocked_index_is_told_after_the_tries(gateway: Gateway, catalogue: Catalogue) -> None:
    (name,) = gateway.indices(f"{catalogue.alias}-*")
    block = {"index.blocks.read_only_allow_delete": True}
    gateway._client.indices.put_settings(index=name, settings=block)
    gateway._pause = lambda seconds: None
    with pytest.raises(IndexBlocked, match="disk is nearly full"):
        catalogue.write([{"id": "a", "images": []}])


def test_large_bulk_goes_in_several_requests(
    catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "BULK_BYTES", 2_000)
    documents = [{"id": str(n), "title": "x" * 500, "images": []} for n in range(20)]
    assert len(list(bulk.split_bulk("index", [(d["id"], d) for d in documents]))) > 5
    assert catalogue.write(documents, refresh=True) == {}
    assert catalogue.summary()["products"] == 20


def test_event_written_twice_is_stored_once(gateway: Gateway) -> None:
    gateway.put_template(event_documents.TEMPLATE_NAME, event_documents.index_template())
    stream, key = "logs-lookalike.search-test", secrets.token_hex(8)
    event = {"@timestamp": "2026-01-01T00:00:00Z", "event": {"id": key}}
    for _ in range(2):
        assert gateway.bulk_create(stream, [(key, event)]) == {}
    gateway.refresh(stream)
    found = gateway.search(stream, {"query": {"term": {"event.id": key}}})
    assert found["hits"]["total"]["value"] == 1


def test_events_wait_where_the_template_is_missing(gateway: Gateway) -> None:
    gateway._pause = lambda seconds: None
    with pytest.raises(EngineUnavailable, match="accepts no writes from us now"):
        gateway.bulk_create(f"test-{secrets.token_hex(4)}", [("a", {"@timestamp": 0})])
