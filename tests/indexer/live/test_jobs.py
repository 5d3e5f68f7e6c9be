"""A request that was begun is finished, also when its process is killed."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from app.settings import AppSettings
from bench.data.drawn_pictures import draw_picture
from core.environment import Environment
from core.errors import Busy
from features import registry
from features.regions.finders import RegionFinderChain
from indexer.commands.catalogue import open_catalogue
from indexer.live.job_store import JobStore
from indexer.live.live_database import open_database
from indexer.live.live_service import LiveService
from indexer.live.uploaded_pictures import PictureUploads
from tests.app.api.live_shop import data_url
from tests.conftest import node_environment
from tests.support.engine import Engine
from tests.support.own_index import own_index

LINES = 100

SCRIPT = """
import sys
from core.environment import Environment
from core.errors import Busy
from indexer.live.uploaded_pictures import PictureUploads
from tests.indexer.live.test_jobs import open_service

live = open_service(Environment.current())
requests = live.read_lines(sys.stdin.buffer.read())
job = live.run(requests, PictureUploads(), wait=False)
print(job.id, flush=True)
while not live.job(job.id).results:
    pass
print("begun", flush=True)
live.close()
"""


def open_service(environment: Environment) -> LiveService:
    """Return a service with a patience of none, as one web worker has it."""
    settings = AppSettings.from_env(environment)
    return LiveService(
        settings.live,
        settings.engine,
        registry.load(environment),
        (),
        settings.fields,
        RegionFinderChain(),
        decoders=1,
    )


def test_a_job_whose_process_is_killed_is_finished_by_another(
    engine: Engine, tmp_path: Path
) -> None:
    values = {
        **node_environment(tmp_path).values,
        "LOOKALIKE_STATE_DIR": str(tmp_path),
        "LOOKALIKE_FEATURES": "checksum,pdq",
        "LOOKALIKE_WRITER_PATIENCE_S": "0",
    }
    shown = [data_url(draw_picture(number)) for number in range(3)]
    lines = [
        json.dumps({"id": f"p{n}", "product": {"title": "x", "image_link": shown[n % 3]}})
        for n in range(LINES)
    ]
    with own_index(engine, values) as environment:
        catalogue = open_catalogue(environment, registry.load(environment))
        catalogue.prepare()
        with subprocess.Popen(
            [sys.executable, "-c", SCRIPT],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=dict(environment.values),
            text=True,
        ) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write("\n".join(lines))
            process.stdin.close()
            key = process.stdout.readline().strip()
            assert process.stdout.readline() == "begun\n"
            os.kill(process.pid, signal.SIGKILL)
        live = open_service(environment)
        try:
            assert 0 < len(live.job(key).results) < LINES
            live.start()
            until = time.monotonic() + 60
            while not live.job(key).is_finished and time.monotonic() < until:
                time.sleep(0.2)
            job = live.job(key)
            assert job.is_finished
            assert not job.failure
            outcomes = [result.outcome for result in job.results]
            assert len(outcomes) == LINES
            assert set(outcomes) <= {"created", "updated", "unchanged"}
            catalogue.refresh()
            assert catalogue.summary()["products"] == LINES
        finally:
            live.close()


def test_a_job_that_another_has_taken_up_is_waited_for(tmp_path: Path) -> None:
    store = JobStore(open_database(tmp_path, "products"))
    order: list[str] = []

    def wait() -> None:
        with store.lock("job", waits=True):
            order.append("second")

    thread = threading.Thread(target=wait)
    with store.lock("job", waits=False):
        thread.start()
        with pytest.raises(Busy), store.lock("job", waits=False):
            pass
        time.sleep(0.2)
        order.append("first")
    thread.join(10)
    assert order == ["first", "second"]


def test_uploads_are_read_as_they_were_sent(tmp_path: Path) -> None:
    uploads = PictureUploads()
    address = uploads.add(b"bytes")
    assert uploads.get(address) == b"bytes"
    assert uploads.get("https://shop.example/a.jpg") is None
    cells = uploads.take_from(
        {"title": "data:x", "image": ["https://a.example/1.jpg", "data:text/plain,hello"]}
    )
    assert cells["title"] == "data:x"
    assert cells["image"][0] == "https://a.example/1.jpg"
    assert uploads.get(cells["image"][1]) == b"hello"
