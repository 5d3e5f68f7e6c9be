"""Events for tests of the search log, and processes that record them."""

import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from features.base import Json
from mappings.engine.gateway import Gateway
from mappings.events.event_documents import (
    RecordedQuery,
    RecordedRequest,
    RecordedResults,
    SearchRecord,
    search_event,
)

WORKER = """
import os, sys, time
from pathlib import Path
from app.events import event_log
from app.events.spool import Spool
from core.environment import Environment
from mappings.engine.connection import EngineSettings, connect
from tests.support.search_events import event

class ReportingSpool(Spool):
    def append(self, lines):
        missed = super().append(lines)
        os.write(1, b"".join(b"%d\\n" % len(line) for line in lines))
        return missed

event_log.Spool = ReportingSpool
folder, index, prefix, number = sys.argv[1:]
gateway = connect(EngineSettings.from_env(Environment.current()))
ship = lambda batch: gateway.bulk_create(index, batch, stream=False)
log = event_log.EventLog(Path(folder), ship)
{body}
"""


def event(identity: str, words: str = "red shoe") -> Json:
    request = RecordedRequest(identity, datetime.now(UTC), took_ms=12.5)
    return search_event(
        SearchRecord(request, RecordedQuery(identity, words), None, RecordedResults(0))
    )


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
