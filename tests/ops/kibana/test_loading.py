"""Loading the objects into Kibana, which cannot run here: a stand-in takes the import."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import ClassVar

import pytest
from click.testing import CliRunner

from core.errors import EngineRefused, EngineUnavailable
from features.base import Json
from ops.kibana import load
from ops.kibana.command import group
from ops.kibana.objects import ndjson


class Kibana(BaseHTTPRequestHandler):
    """Stands in for Kibana, which cannot run here: takes one import and keeps what it was sent."""

    answer: ClassVar[tuple[int, Json]] = (200, {"success": True, "successCount": 13})
    asked: ClassVar[list[tuple[str, dict[str, str], bytes]]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.asked.append((self.path, dict(self.headers), body))
        status, said = self.answer
        self.send_response(status)
        self.end_headers()
        self.wfile.write(json.dumps(said).encode())

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def kibana() -> Iterator[load.KibanaSettings]:
    with HTTPServer(("127.0.0.1", 0), Kibana) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        url = f"http://127.0.0.1:{server.server_port}"
        yield load.KibanaSettings(url, "elastic", "http://shop.test", "secret")
        server.shutdown()
        thread.join()


def test_loading_sends_every_object_and_replaces_older_ones(kibana: load.KibanaSettings) -> None:
    Kibana.asked.clear()
    assert load.load(kibana) == 13
    ((path, headers, body),) = Kibana.asked
    assert path == "/api/saved_objects/_import?overwrite=true"
    assert headers["Kbn-Xsrf"]
    assert ndjson("http://shop.test").encode() in body


@pytest.mark.parametrize(
    "answer", [(200, {"success": False, "errors": [{"id": "x"}]}), (401, {"error": "no"})]
)
def test_a_refused_import_is_an_error(
    kibana: load.KibanaSettings, answer: tuple[int, Json], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Kibana, "answer", answer)
    with pytest.raises(EngineRefused):
        load.load(kibana)


def test_the_command_loads_them_for_the_index_of_the_settings(
    kibana: load.KibanaSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    Kibana.asked.clear()
    for name, value in {
        "LOOKALIKE_KIBANA_URL": kibana.url,
        "LOOKALIKE_PUBLIC_URL": "http://shop.test",
        "LOOKALIKE_INDEX": "goods",
        "ELASTICSEARCH_PASSWORD": "secret",
    }.items():
        monkeypatch.setenv(name, value)
    result = CliRunner().invoke(group, ["load"], catch_exceptions=False)
    assert result.output == "13 saved objects are in Kibana\n"
    ((_, _, body),) = Kibana.asked
    assert ndjson("http://shop.test", "goods").encode() in body


def test_an_absent_kibana_is_an_error() -> None:
    with pytest.raises(EngineUnavailable, match="does not answer"):
        load.load(load.KibanaSettings("http://127.0.0.1:9", "u", "http://x", "p"), timeout_s=2)
