"""The webhook against a real server on loopback that fails at first: signed, late, never lost."""

import hashlib
import hmac
import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from app.events.spool import REFUSED
from app.trust.desk.settings import DeskSettings
from app.trust.desk.webhook import Webhook
from core.environment import Environment
from core.errors import InvalidSetting
from features.base import Json
from mappings.engine.gateway import Gateway
from tests.support.desk import case, office

SECRET = "a secret of the operator"


class Receiver(ThreadingHTTPServer):
    """Answers with `answers` in turn, then 204; keeps what it took and what it was sent."""

    daemon_threads = True

    def __init__(self, *answers: int) -> None:
        super().__init__(("127.0.0.1", 0), Post)
        self.answers = list(answers)
        self.tries: list[Json] = []
        self.taken: list[Json] = []
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/hook?team=trust"


class Post(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        stamp = self.headers["X-Lookalike-Timestamp"]
        signed = hmac.new(SECRET.encode(), stamp.encode() + b"." + body, hashlib.sha256)
        assert self.headers["X-Lookalike-Signature"] == f"sha256={signed.hexdigest()}"
        assert abs(time.time() - int(stamp)) < 30
        assert self.path == "/hook?team=trust"
        message = json.loads(body)
        self.server.tries.append(message)
        status = self.server.answers.pop(0) if self.server.answers else 204
        if status < 300:
            self.server.taken.append(message)
        self.send_response(status)
        self.send_header("Content-Length", "0")
        if status == 302:
            self.send_header("Location", "/elsewhere")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Keep the test's output clean."""


@pytest.fixture
def receivers() -> Iterator[Callable[..., Receiver]]:
    made: list[Receiver] = []

    def receiver(*answers: int) -> Receiver:
        made.append(Receiver(*answers))
        return made[-1]

    yield receiver
    for one in made:
        one.shutdown()
        one.server_close()


def message(name: str) -> Json:
    return {"id": name, "type": "case.decided", "reviewer": "青井"}


def until(claim: Callable[[], bool], seconds: float = 10.0) -> None:
    end = time.monotonic() + seconds
    while not claim():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


def test_a_decision_and_an_undo_reach_the_server_signed(
    gateway: Gateway, alias: str, tmp_path: Path, receivers: Callable[..., Receiver]
) -> None:
    server = receivers()
    hook = Webhook(server.url, SECRET, tmp_path)
    at_work = office(gateway, alias, tell=hook.send)
    (asked,) = at_work.opened(case())
    at_work.desk.comment(asked.id, "aoi", "not of interest outside")
    at_work.decided(asked, "aoi", "permitted")
    at_work.desk.undo(asked.id, "ben")
    hook.close()
    decided, undone = server.taken
    assert (decided["type"], decided["reviewer"]) == ("case.decided", "aoi")
    assert decided["case"]["id"] == asked.id
    assert [one["verdict"] for one in decided["case"]["members"]] == ["permitted"]
    assert (undone["type"], undone["reviewer"]) == ("case.undone", "ben")
    assert undone["undoes"] == decided["id"]
    assert hook.waiting_bytes() == 0


def test_a_server_that_fails_at_first_gets_everything_once_and_in_order(
    tmp_path: Path, receivers: Callable[..., Receiver], caplog: pytest.LogCaptureFixture
) -> None:
    server = receivers(500, 204, 401, 302, 503)
    hook = Webhook(server.url, SECRET, tmp_path, first_wait_s=0.02)
    names = [f"d{number}" for number in range(5)]
    for name in names:
        hook.send(message(name))
    until(lambda: hook.waiting_bytes() == 0)
    hook.close()
    assert [one["id"] for one in server.taken] == names
    assert server.taken[0] == message("d0")
    assert len(server.tries) == len(names) + 4
    assert "answers 500" in caplog.text


def test_sending_waits_for_nobody(tmp_path: Path) -> None:
    hook = Webhook("http://127.0.0.1:9/", SECRET, tmp_path)
    began = time.perf_counter()
    for number in range(100):
        hook.send(message(f"d{number}"))
    assert time.perf_counter() - began < 1.0
    hook.close()
    assert hook.waiting_bytes() > 0


def test_what_a_stopped_process_could_not_deliver_the_next_one_does(
    tmp_path: Path, receivers: Callable[..., Receiver]
) -> None:
    before = Webhook("http://127.0.0.1:9/", SECRET, tmp_path, first_wait_s=0.02)
    before.send(message("d1"))
    before.close()
    server = receivers()
    after = Webhook(server.url, SECRET, tmp_path)
    after.start()
    until(lambda: after.waiting_bytes() == 0)
    after.close()
    assert [one["id"] for one in server.taken] == ["d1"]


@pytest.mark.parametrize("status", [400, 410, 422])
def test_a_message_the_server_finds_wrong_is_set_aside_and_the_next_goes_on(
    tmp_path: Path, receivers: Callable[..., Receiver], status: int
) -> None:
    server = receivers(status)
    hook = Webhook(server.url, SECRET, tmp_path)
    hook.send(message("bad"))
    hook.send(message("good"))
    until(lambda: hook.waiting_bytes() == 0)
    hook.close()
    assert [one["id"] for one in server.taken] == ["good"]
    kept = json.loads((tmp_path / REFUSED).read_text())
    assert kept["reason"] == f"127.0.0.1 answers {status}"
    assert json.loads(kept["line"])["message"]["id"] == "bad"


def test_a_message_nobody_takes_for_days_is_set_aside(tmp_path: Path) -> None:
    hook = Webhook("http://127.0.0.1:9/", SECRET, tmp_path, max_age_s=0.0)
    hook.send(message("old"))
    until((tmp_path / REFUSED).exists)
    hook.close()
    assert hook.waiting_bytes() == 0


@pytest.mark.parametrize(
    "url",
    [
        "ftp://127.0.0.1/",
        "127.0.0.1:80",
        "http://",
        "http://me:pass@host/",
        "http://h:x/",
        "http://[/",
    ],
)
def test_a_webhook_that_cannot_be_asked_is_refused_at_the_start(url: str) -> None:
    values = {"LOOKALIKE_WEBHOOK_URL": url, "LOOKALIKE_WEBHOOK_SECRET": SECRET}
    with pytest.raises(InvalidSetting, match="LOOKALIKE_WEBHOOK_URL"):
        DeskSettings.from_env(Environment(values))


@pytest.mark.parametrize("secret", ["", "short"])
def test_an_unsigned_webhook_is_refused_at_the_start(secret: str) -> None:
    values = {"LOOKALIKE_WEBHOOK_URL": "http://127.0.0.1/", "LOOKALIKE_WEBHOOK_SECRET": secret}
    with pytest.raises(InvalidSetting, match="at least 16"):
        DeskSettings.from_env(Environment(values))


def test_the_secret_does_not_show_in_a_log() -> None:
    assert SECRET not in repr(DeskSettings(webhook_secret=SECRET, api_key=SECRET))
