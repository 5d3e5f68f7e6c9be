"""The search log against the real node: nothing lost, nothing doubled, nobody waits."""

import json
import signal
import socket
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest

from app.events.search_log import SearchLog
from app.events.spool import REFUSED, Spool
from app.trust.examination.evidence import LABELS
from features.base import Json
from mappings.engine.gateway import Gateway
from mappings.events.event_documents import (
    DATASET,
    TEMPLATE_NAME,
    RecordedQuery,
    RecordedRequest,
    RecordedResults,
    SearchRecord,
    index_template,
    search_event,
)
from mappings.events.event_mapping import VERDICTS
from tests.support.engine import Engine

WORKER = """
import os, sys, time
from pathlib import Path
from app import search_log
from app.events.spool import Spool
from core.environment import Environment
from mappings.engine.connection import EngineSettings, connect
from tests.app.test_search_log import event

class Telling(Spool):
    def append(self, lines):
        missed = super().append(lines)
        os.write(1, b"".join(b"%d\\n" % len(line) for line in lines))
        return missed

search_log.Spool = Telling
folder, index, prefix, number = sys.argv[1:]
gateway = connect(EngineSettings.from_env(Environment.current()))
ship = lambda batch: gateway.bulk_create(index, batch, stream=False)
log = search_log.SearchLog(Path(folder), ship)
{body}
"""


def event(identity: str, words: str = "red shoe") -> Json:
    request = RecordedRequest(identity, datetime.now(UTC), took_ms=12.5)
    return search_event(
        SearchRecord(request, RecordedQuery(identity, words), None, RecordedResults(0))
    )


@pytest.fixture
def gateway(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[Gateway]:
    """The real server; the environment names it too, for the processes a test starts."""
    monkeypatch.setenv("ELASTICSEARCH_URL", engine.url)
    monkeypatch.setenv("ELASTICSEARCH_USER", engine.user)
    monkeypatch.setenv("ELASTICSEARCH_PASSWORD", engine.password)
    made = Gateway(engine.url, basic_auth=(engine.user, engine.password))
    yield made
    made.close()


@pytest.fixture
def index(gateway: Gateway) -> Iterator[str]:
    """A plain index with the stream's fields: the local node can create data streams, but has no
    API that deletes one."""
    name = f"lookalike-events-{uuid4().hex}"
    inner = index_template()["template"]
    gateway.create_index(name, inner["mappings"], {"index.number_of_replicas": 0})
    yield name
    gateway.delete_index(name)


@pytest.fixture
def absent() -> Iterator[Gateway]:
    """A server that is away: a port nobody listens on."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{held.getsockname()[1]}"
        yield Gateway(url, pause=lambda seconds: None)


def stored(gateway: Gateway, index: str) -> list[str]:
    gateway.refresh(index)
    body = {"size": 10_000, "query": {"match_all": {}}, "_source": ["event.id"]}
    hits = gateway.search(index, body)["hits"]["hits"]
    return sorted(hit["_source"]["event"]["id"] for hit in hits)


def until(claim: Callable[[], bool], seconds: float = 20.0) -> None:
    end = time.monotonic() + seconds
    while not claim():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


def worker(
    body: str, folder: Path, index: str, prefix: str, number: int
) -> subprocess.Popen[bytes]:
    script = WORKER.replace("{body}", textwrap.dedent(body))
    arguments = [str(folder), index, prefix, str(number)]
    return subprocess.Popen([sys.executable, "-c", script, *arguments], stdout=subprocess.PIPE)


def test_recorded_events_are_stored_and_the_spool_is_empty(
    gateway: Gateway, index: str, tmp_path: Path
) -> None:
    log = SearchLog(tmp_path, lambda batch: gateway.bulk_create(index, batch, stream=False))
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
    log = SearchLog(tmp_path, lambda batch: gateway.bulk_create(stream, batch))
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
    log = SearchLog(tmp_path, lambda batch: servers[-1].bulk_create(index, batch, stream=False))
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
    before = SearchLog(tmp_path, lambda batch: absent.bulk_create(index, batch, stream=False))
    before.record(event("q1"))
    before.close()
    assert before.waiting_bytes() > 0
    after = SearchLog(tmp_path, lambda batch: gateway.bulk_create(index, batch, stream=False))
    after.start()
    until(lambda: after.waiting_bytes() == 0)
    after.close()
    assert stored(gateway, index) == ["q1"]


def test_a_killed_worker_loses_nothing_it_has_written_and_doubles_nothing(
    gateway: Gateway, index: str, tmp_path: Path
) -> None:
    body = """
    for n in range(int(number)):
        log.record(event(f"{prefix}-{n:05}"))
        time.sleep(0.001)
    time.sleep(60)
    """
    written = 0
    for life in range(3):
        with worker(body, tmp_path, index, f"life{life}", 5000) as process:
            assert process.stdout
            lines = [process.stdout.readline() for _ in range(100 + 150 * life)]
            process.send_signal(signal.SIGKILL)
            written += len([line for line in lines + process.stdout.readlines() if line])
    log = SearchLog(tmp_path, lambda batch: gateway.bulk_create(index, batch, stream=False))
    log.start()
    until(lambda: log.waiting_bytes() == 0)
    log.close()
    kept = stored(gateway, index)
    assert len(kept) == len(set(kept))
    # A line may have been written and the kill have come before the worker could tell us.
    assert written <= len(kept) <= written + 3 * 20
    for life in range(3):
        numbers = [name for name in kept if name.startswith(f"life{life}-")]
        assert numbers == [f"life{life}-{n:05}" for n in range(len(numbers))]


def test_two_processes_share_one_folder(gateway: Gateway, index: str, tmp_path: Path) -> None:
    body = """
    for n in range(int(number)):
        log.record(event(f"{prefix}-{n:04}"))
        time.sleep(0.002)
    log.close(30)
    """
    workers = [worker(body, tmp_path, index, name, 400) for name in ("a", "b")]
    assert [process.communicate()[0] and process.returncode for process in workers] == [0, 0]
    assert stored(gateway, index) == sorted(f"{w}-{n:04}" for w in "ab" for n in range(400))
    assert list(tmp_path.iterdir()) == []


def test_a_log_made_before_a_fork_works_on_both_sides_of_it(
    gateway: Gateway, index: str, tmp_path: Path
) -> None:
    body = """
    log.record(event(f"{prefix}-before"))
    child = os.fork()
    gateway = connect(EngineSettings.from_env(Environment.current()))
    log.record(event(f"{prefix}-{'child' if child == 0 else 'parent'}"))
    log.close(30)
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
    """
    process = worker(body, tmp_path, index, "q", 0)
    process.communicate()
    assert process.returncode == 0
    assert stored(gateway, index) == ["q-before", "q-child", "q-parent"]
    assert list(tmp_path.iterdir()) == []


def test_recording_waits_for_nobody(tmp_path: Path) -> None:
    hanging = threading.Event()

    def ship(batch: Sequence[tuple[str, Json]]) -> dict[str, str]:
        hanging.wait(30)
        return {}

    log = SearchLog(tmp_path, ship)
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
    log = SearchLog(tmp_path, lambda batch: gateway.bulk_create(index, batch, stream=False))
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
    log = SearchLog(
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
    log = SearchLog(tmp_path, lambda batch: gateway.bulk_create(index, batch, stream=False))
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
    log = SearchLog(tmp_path, lambda batch: gateway.bulk_create(index, batch, stream=False))
    log.start()
    until(lambda: log.waiting_bytes() == 0)
    log.close()
    assert stored(gateway, index) == ["q1"]


def test_verdicts_are_the_labels_of_a_duplicate_check() -> None:
    assert VERDICTS == LABELS


def test_a_segment_in_use_is_left_alone(tmp_path: Path) -> None:
    writer, reader = Spool(tmp_path, 1000), Spool(tmp_path, 1000)
    seen: list[bytes] = []
    writer.append([b"one"])
    reader.deliver(seen.extend)
    assert seen == []
    writer.seal()
    reader.deliver(seen.extend)
    assert seen == [b"one"]


def test_events_are_readable_by_us_alone(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool", 1000)
    spool.append([b"one"])
    spool.refuse(b"two")
    modes = [path.stat().st_mode & 0o777 for path in (tmp_path / "spool").iterdir()]
    assert modes == [0o600, 0o600]
    assert (tmp_path / "spool").stat().st_mode & 0o777 == 0o700
