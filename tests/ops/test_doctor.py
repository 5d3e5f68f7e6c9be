"""Each fault, injected for real where a test can, is one plain line with its cure."""

import json
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from os import getpid
from pathlib import Path
from threading import Thread

import pytest

from core.environment import Environment
from features.base import Json
from features.checksum import Checksum
from features.registry import Registry
from ops import doctor, jdk
from ops.checks import (
    disk,
    distribution,
    feature_service,
    index,
    java,
    memory,
    ocr,
    port,
    server,
    synonyms,
    tesseract,
    weights,
)
from ops.checks.finding import Finding, Situation
from ops.server import Server
from tests.support.feature_service import served


def fault(finding: Finding, *words: str) -> None:
    assert finding.is_fault, str(finding)
    line = str(finding)
    assert "\n" not in line
    assert line.startswith("FAULT")
    for word in words:
        assert word in line


def given(environment: Environment, **changes: str) -> Situation:
    changed = Environment({**environment.values, **changes})
    return Situation(changed, Server.from_env(changed))


def test_healthy_machine_has_no_fault(environment: Environment) -> None:
    assert [str(f) for f in doctor.run_all_checks(environment) if f.is_fault] == []


def test_a_feature_service_that_is_away_is_named() -> None:
    assert not feature_service.check(Situation(Environment({}))).is_fault
    away = Environment({"LOOKALIKE_FEATURE_URL": "http://127.0.0.1:1"})
    fault(feature_service.check(Situation(away)), "http://127.0.0.1:1", "python -m features.serve")
    with served(Registry([Checksum()])) as address:
        there = Situation(Environment({"LOOKALIKE_FEATURE_URL": address}))
        assert not feature_service.check(there).is_fault
        wrong = Situation(Environment({"LOOKALIKE_FEATURE_URL": f"{address}/shop"}))
        fault(feature_service.check(wrong), "HTTP 404")


def test_broken_synonyms_are_named_with_file_and_line(tmp_path: Path) -> None:
    broken = tmp_path / "synonyms.txt"
    broken.write_text("sofa, couch\n\nlamp => light => lantern\n", encoding="utf-8")
    situation = Situation(Environment({"LOOKALIKE_SYNONYMS": str(broken)}))
    fault(synonyms.check(situation), str(broken), "line 3", "more than one =>")
    broken.write_text("sofa, couch\n", encoding="utf-8")
    assert not synonyms.check(situation).is_fault
    broken.unlink()
    fault(synonyms.check(situation), str(broken), "cannot be read")


def test_missing_java(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jdk, "PLACES", ())
    fault(java.check(Situation(Environment({"PATH": str(tmp_path)}))), "jdk.attach", "install")


def test_missing_maven_and_no_copy(tmp_path: Path) -> None:
    nothing = {"HOME": str(tmp_path), "PATH": str(tmp_path), "LOOKALIKE_CACHE_DIR": str(tmp_path)}
    fault(distribution.check(Situation(Environment(nothing))), "no Maven", "apt-get install maven")


def test_taken_port_names_the_process() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        number = listener.getsockname()[1]
        found = port.check(Situation(Environment({"PORT": str(number)})))
    fault(found, f"{number} is taken by pid {getpid()} ", "PORT=")


def test_too_little_memory() -> None:
    situation = Situation(Environment({"LOOKALIKE_NODE_HEAP_MB": "31000"}))
    if memory.available_mb() > 40_000:
        pytest.fail("this machine has too much memory for this test; raise the heap in it")
    fault(memory.check(situation), "MB free", "LOOKALIKE_NODE_HEAP_MB")


def test_too_little_disk() -> None:
    # /proc is a file system without any room.
    situation = Situation(Environment({"LOOKALIKE_STATE_DIR": "/proc/lookalike"}))
    fault(disk.check(situation), "0 MB free", "LOOKALIKE_STATE_DIR")


def test_missing_tesseract_is_a_fault_for_who_has_chosen_it(tmp_path: Path) -> None:
    nowhere = {"PATH": str(tmp_path)}
    assert not ocr.check(Situation(Environment(nowhere))).is_fault
    chosen = Situation(Environment({**nowhere, "LOOKALIKE_OCR_ENGINE": "tesseract"}))
    fault(ocr.check(chosen), "Tesseract is missing", "apt-get install tesseract-ocr")


def test_unknown_engine() -> None:
    settings = Environment({"LOOKALIKE_OCR_ENGINE": "abacus"})
    fault(ocr.check(Situation(settings)), "'abacus'", "rapidocr, tesseract", "LOOKALIKE_OCR_ENGINE")


def test_missing_rapidocr(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    fault(ocr.check(Situation(Environment({}))), "rapidocr is missing", "make install")


def test_missing_japanese(tmp_path: Path, environment: Environment) -> None:
    (tmp_path / "eng.traineddata").touch()
    found = tesseract.check(given(environment, TESSDATA_PREFIX=str(tmp_path)))
    fault(found, "no data for jpn", "apt-get install tesseract-ocr-jpn")


def test_missing_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, weights.PACKAGE, None)
    fault(weights.check(Situation(Environment({}))), weights.PACKAGE, "make install")


def test_weights_are_not_asked_for_with_another_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, weights.PACKAGE, None)
    settings = Environment({"LOOKALIKE_EMBEDDING_MODEL": "MobileNetV3Large"})
    assert not weights.check(Situation(settings)).is_fault


def test_absent_server() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        number = listener.getsockname()[1]
    found = server.check(Situation(Environment({}), Server(f"http://127.0.0.1:{number}")))
    fault(found, "does not answer", "ELASTICSEARCH_URL")


def test_wrong_password(environment: Environment) -> None:
    found = server.check(given(environment, ELASTICSEARCH_PASSWORD="wrong"))
    fault(found, "password", "is wrong", "ELASTICSEARCH_PASSWORD")


def test_wrong_api_key(environment: Environment) -> None:
    found = server.check(given(environment, ELASTICSEARCH_API_KEY="d3Jvbmc6d3Jvbmc="))
    fault(found, "API key", "ELASTICSEARCH_API_KEY")


def test_server_of_another_major() -> None:
    # Stands for a server of another major, which our machines do not have.
    with answering({"version": {"number": "8.19.1"}}) as url:
        fault(server.check(Situation(Environment({}), Server(url))), "8.19.1", "major 9")


def test_server_that_is_no_elasticsearch() -> None:
    with answering(["a", "stranger"]) as url:
        fault(server.check(Situation(Environment({}), Server(url))), "no Elasticsearch")


def test_read_only_block(environment: Environment) -> None:
    situation = given(environment)
    assert situation.server is not None
    name = environment.text("LOOKALIKE_INDEX") + "-000001"
    body = {"settings": {"index.blocks.read_only_allow_delete": True}}
    assert situation.server.request("PUT", f"/{name}", body).status == 200
    fault(index.check_write_blocks(situation), name, "read_only_allow_delete", "PUT")


def test_red_index(environment: Environment) -> None:
    situation = given(environment)
    assert situation.server is not None
    name = environment.text("LOOKALIKE_INDEX") + "-000001"
    nowhere = {"index.routing.allocation.require._name": "no-such-node"}
    path = f"/{name}?wait_for_active_shards=0"
    assert situation.server.request("PUT", path, {"settings": nowhere}).status == 200
    fault(index.check_health(situation), name, "red", "allocation/explain")


@contextmanager
def answering(body: Json) -> Iterator[str]:
    """Serve one JSON value on a free port."""

    class Stub(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(body).encode())

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Stub) as stub:
        thread = Thread(target=stub.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{stub.server_address[1]}"
        stub.shutdown()
        thread.join()
