"""The search log against the real node: nothing lost, nothing doubled, nobody waits."""

import json
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from uuid import uuid4

import pytest

from app.events.event_log import EventLog
from app.events.spool import REFUSED
from app.trust.examination.evidence import LABELS
from core.errors import Busy
from features.base import Json
from mappings.engine.gateway import Gateway
from mappings.events.event_documents import (
    DATASET,
    TEMPLATE_NAME,
    index_template,
)
from mappings.events.event_mapping import VERDICTS
from tests.support.search_events import event, stored, until


def test_recorded_events_are_stored_and_the_spool_is_empty(
    gateway: Gateway, index: str, tmp_path: Path
) -> None:
    log = EventLog(tmp_path, lambda batch: gateway.bulk_create(index, batch, stream=False))
    for number in range(50):
        log.record(event(f"q{number:02}"))
    log.close()
    assert stored(gateway, index) == [f"q{number:02}" for number in range(50)]
    assert (log.counts.shipped, log.counts.dropped, log.waiting_bytes()) == (50, 0, 0)


def test_the_stream_is_a_data_stream_made_from_our_template(
    gateway: Gateway, tmp_path: Path
) -> None:
    stream, identity = f"logs-{DATASET}-test", uuid4().hex
    gateway.put_template(TEMPLATE_NAME, index_template())
    log = EventLog(tmp_path, lambda batch: gateway.bulk_create(stream, batch))
    log.record(event(identity))
    log.record(event(identity))
    log.close()
    gateway.refresh(stream)
    ours: Json = {"query": {"term": {"event.id": identity}}}
    hits = gateway.search(stream, ours)["hits"]["hits"]
    assert [hit["_id"] for hit in hits] == [identity]
    assert hits[0]["_index"].startswith(f".ds-{stream}-")
    # No API of the local node deletes a data stream, so this one stays; its documents do not.
    gateway._client.delete_by_query(index=stream, body=ours, refresh=True)


def test_events_wait_while_the_server_is_away_and_follow_when_it_is_back(
    gateway: Gateway, absent: Gateway, index: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    servers = [absent]
    log = EventLog(tmp_path, lambda batch: servers[-1].bulk_create(index, batch, stream=False))
    for number in range(30):
        log.record(event(f"q{number:02}"))
        time.sleep(0.02)
    until(lambda: "search events wait in" in caplog.text)
    assert log.waiting_bytes() > 0
    servers.append(gateway)
    until(lambda: log.waiting_bytes() == 0)
    log.close()
    assert stored(gateway, index) == [f"q{number:02}" for number in range(30)]
    assert caplog.text.count("search events wait in") == 1


def test_what_could_not_be_shipped_before_the_end_is_shipped_by_the_next_process(
    gateway: Gateway, absent: Gateway, index: str, tmp_path: Path
) -> None:
    before = EventLog(tmp_path, lambda batch: absent.bulk_create(index, batch, stream=False))
    before.record(event("q1"))
    before.close()
    assert before.waiting_bytes() > 0
    after = EventLog(tmp_path, lambda batch: gateway.bulk_create(index, batch, stream=False))
    after.start()
    until(lambda: after.waiting_bytes() == 0)
    after.close()
    assert stored(gateway, index) == ["q1"]


def test_recording_waits_for_nobody(tmp_path: Path) -> None:
    hanging = threading.Event()

    def ship(batch: Sequence[tuple[str, Json]]) -> dict[str, str]:
        hanging.wait(30)
        return {}

    log = EventLog(tmp_path, ship)
    log.record(event("first"))
    started = time.perf_counter()
    for number in range(1000):
        log.record(event(f"q{number}"))
    assert time.perf_counter() - started < 1.0
    # Written even while the shipping hangs: a kill now would cost nothing.
    until(lambda: b"".join(p.read_bytes() for p in tmp_path.glob("events-*")).count(b"\n") >= 1000)
    hanging.set()
    log.close()


def test_a_refused_event_is_set_aside_and_the_others_go_on(
    gateway: Gateway, index: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    bad = event("bad")
    bad["lookalike"]["total"] = "many"
    log = EventLog(tmp_path, lambda batch: gateway.bulk_create(index, batch, stream=False))
    for one in (event("q1"), bad, event("q2")):
        log.record(one)
    log.close()
    assert stored(gateway, index) == ["q1", "q2"]
    assert log.counts.refused == 1
    assert "document_parsing_exception" in caplog.text
    (kept,) = map(json.loads, (tmp_path / REFUSED).read_text().splitlines())
    assert json.loads(kept["line"])["event"]["id"] == "bad"
    assert log.waiting_bytes() == 0


def test_a_full_spool_drops_the_newest_counts_them_and_says_so_once(
    gateway: Gateway, absent: Gateway, index: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    servers = [absent]
    log = EventLog(
        tmp_path,
        lambda batch: servers[-1].bulk_create(index, batch, stream=False),
        limit_bytes=5_000,
    )
    for number in range(100):
        log.record(event(f"q{number:02}"))
    until(lambda: log.counts.dropped > 0)
    servers.append(gateway)
    log.close()
    kept = stored(gateway, index)
    assert kept == [f"q{number:02}" for number in range(len(kept))]
    assert len(kept) + log.counts.dropped == 100
    assert caplog.text.count("search events are lost") == 1


@pytest.mark.parametrize("nonsense", [object(), {"score": float("nan")}, {"no": "id"}])
def test_nonsense_is_counted_and_stops_nothing(
    gateway: Gateway, index: str, tmp_path: Path, nonsense: Json
) -> None:
    log = EventLog(tmp_path, lambda batch: gateway.bulk_create(index, batch, stream=False))
    log.record(nonsense)
    log.record(event("q1", words="\ud800 half a character"))
    log.close()
    assert stored(gateway, index) == ["q1"]
    assert log.counts.dropped + log.counts.refused == 1


def test_a_line_cut_off_by_a_crash_does_not_hold_up_the_others(
    gateway: Gateway, index: str, tmp_path: Path
) -> None:
    whole = json.dumps(event("q1"))
    (tmp_path / "events-0-1-x.ndjson").write_text(f"{whole}\n{whole[:40]}")
    log = EventLog(tmp_path, lambda batch: gateway.bulk_create(index, batch, stream=False))
    log.start()
    until(lambda: log.waiting_bytes() == 0)
    log.close()
    assert stored(gateway, index) == ["q1"]


def test_verdicts_are_the_labels_of_a_duplicate_check() -> None:
    assert VERDICTS == LABELS


def test_events_that_are_written_outlive_the_process_and_arrive(
    gateway: Gateway, index: str, tmp_path: Path
) -> None:
    released = threading.Event()

    def ship(batch: Sequence[tuple[str, Json]]) -> dict[str, str]:
        released.wait(30)
        return dict(gateway.bulk_create(index, batch, stream=False))

    log = EventLog(tmp_path, ship)
    log.write([event("q1"), event("q2")])
    assert b"".join(p.read_bytes() for p in tmp_path.glob("events-*")).count(b"\n") == 2
    released.set()
    until(lambda: log.waiting_bytes() == 0)
    log.close()
    assert stored(gateway, index) == ["q1", "q2"]


def test_events_that_do_not_fit_are_refused_whole(absent: Gateway, tmp_path: Path) -> None:
    log = EventLog(
        tmp_path,
        lambda batch: absent.bulk_create("x", batch, stream=False),
        limit_bytes=2_000,
    )
    log.write([event("q1")])
    before = log.waiting_bytes()
    with pytest.raises(Busy):
        log.write([event(f"q{number}") for number in range(50)])
    assert log.waiting_bytes() == before
    log.close()
