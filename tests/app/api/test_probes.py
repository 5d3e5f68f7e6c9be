"""Alive, ready, version, and what an absent or foreign engine makes of them."""

import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient

from app.settings import AppSettings
from core.environment import Environment
from tests.support.shop import Shop
from tests.support.uploads import form


def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def forwarder(port: int, url: str) -> Iterator[Callable[[], None]]:
    """Give a function that opens `port` and passes every connection on to the server at `url`."""
    target = urlsplit(url)
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)

    def pump(source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError), source, sink:
            while data := source.recv(65_536):
                sink.sendall(data)

    def accept() -> None:
        with suppress(OSError):
            while True:
                near, _ = listener.accept()
                far = socket.create_connection((str(target.hostname), int(target.port or 9200)))
                for pair in ((near, far), (far, near)):
                    threading.Thread(target=pump, args=pair, daemon=True).start()

    def open_up() -> None:
        listener.bind(("127.0.0.1", port))
        listener.listen()
        threading.Thread(target=accept, daemon=True).start()

    with listener:
        yield open_up
        listener.close()


def test_ready_and_versions(client: FlaskClient) -> None:
    assert client.get("/readyz").status_code == 200
    assert client.get("/livez").json == {"status": "alive"}
    version = client.get("/version").json
    assert version is not None
    assert set(version["features"]) >= {"embedding", "pdq", "phash", "colour", "ocr", "checksum"}


def test_openapi_describes_every_route(client: FlaskClient) -> None:
    spec = client.get("/openapi.json").json
    assert spec is not None
    assert set(spec["paths"]) >= {
        "/api/v1/search", "/api/v1/products/{key}", "/api/v1/products/{key}/similar",
        "/api/v1/duplicates/check", "/nns", "/livez", "/readyz", "/version",
    }  # fmt: skip
    names = [p["name"] for p in spec["paths"]["/api/v1/search"]["get"]["parameters"]]
    assert {"q", "filter", "weight", "cursor"} <= set(names)


@pytest.mark.parametrize("path", ["/", "/api/v1/search", "/livez", "/api/nowhere"])
def test_every_answer_carries_the_security_headers(client: FlaskClient, path: str) -> None:
    headers = client.get(path).headers
    assert "default-src 'self'" in headers["Content-Security-Policy"]
    assert "unsafe-inline" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_absent_engine_is_503_within_a_second_and_alive_all_the_same(shop: Shop) -> None:
    away = f"http://127.0.0.1:{closed_port()}"
    engine = replace(AppSettings.from_env(shop.environment).engine, url=away)
    with shop.app(engine=engine, log_searches=False) as app:
        client = app.test_client()
        for _ in range(3):
            started = time.monotonic()
            answer = client.get("/api/v1/search?q=mug")
            assert time.monotonic() - started < 1
            assert answer.status_code == 503
            assert int(answer.headers["Retry-After"]) >= 1
            assert answer.json is not None
            assert "ops doctor" in answer.json["detail"]
        assert client.get("/livez").status_code == 200
        assert client.get("/readyz").status_code == 503


def test_engine_that_comes_back_is_found_without_a_restart(shop: Shop) -> None:
    settings = AppSettings.from_env(shop.environment).engine
    port = closed_port()
    with (
        shop.app(
            engine=replace(settings, url=f"http://127.0.0.1:{port}"), log_searches=False
        ) as app,
        forwarder(port, settings.url) as open_up,
    ):
        client = app.test_client()
        assert client.get("/api/v1/search?q=plimsolls").status_code == 503
        open_up()
        deadline = time.monotonic() + 5
        while (answer := client.get("/api/v1/search?q=plimsolls")).status_code == 503:
            assert time.monotonic() < deadline
        assert answer.status_code == 200
        assert client.get("/readyz").status_code == 200


def test_empty_engine_says_to_load_a_feed(shop: Shop) -> None:
    engine = replace(AppSettings.from_env(shop.environment).engine, index="test-nothing-here")
    with shop.app(engine=engine, log_searches=False) as app:
        answer = app.test_client().get("/api/v1/search?q=mug")
    assert (answer.status_code, answer.json["code"]) == (503, "index_missing")  # type: ignore[index]
    assert "python -m indexer load" in answer.json["detail"]  # type: ignore[index]


def test_index_of_another_model_is_refused(shop: Shop) -> None:
    class OtherEmbedding:
        """The same feature, made by another model."""

        def __init__(self, inner: object) -> None:
            self._inner = inner

        def __getattr__(self, name: str) -> object:
            return getattr(self._inner, name)

        def identity(self) -> dict[str, object]:
            return {"model": "another"}

    from app.factory import create_app
    from app.services import build_services
    from features.registry import Registry, load

    features = load(shop.environment)
    changed = [
        OtherEmbedding(one) if name == "embedding" else one for name, one in features.items()
    ]
    settings = replace(AppSettings.from_env(shop.environment), log_searches=False)
    services = build_services(settings, Registry(changed))  # type: ignore[arg-type]
    try:
        client = create_app(services).test_client()
        answer = client.post("/api/v1/search", **form(shop.picture("saleor-beanie-1.png")))
        assert (answer.status_code, answer.json["code"]) == (409, "model_mismatch")  # type: ignore[index]
        assert client.get("/readyz").status_code == 503
    finally:
        services.close()


def test_web_process_never_imports_tensorflow(shop: Shop) -> None:
    program = (
        "import pathlib, sys, app.wsgi as w\n"
        "from tests.support.uploads import form\n"
        "sent = form(pathlib.Path(sys.argv[1]).read_bytes())\n"
        "answer = w.application.test_client().post('/api/v1/search', **sent)\n"
        "assert answer.status_code == 200, answer.text\n"
        "assert not {'tensorflow', 'keras'} & set(sys.modules)\n"
    )
    picture = shop.pictures / "saleor-beanie-1.png"
    command = [sys.executable, "-c", program, str(picture)]
    done = subprocess.run(
        command, check=False, env=dict(shop.environment.values), capture_output=True
    )
    assert done.returncode == 0, done.stderr.decode()


def test_environment_of_the_app_names_a_bad_setting() -> None:
    from core.errors import InvalidSetting

    with pytest.raises(InvalidSetting, match="LOOKALIKE_WEIGHTS: 'pdq:much' is not NAME:NUMBER"):
        AppSettings.from_env(Environment({"LOOKALIKE_WEIGHTS": "pdq:much"}))
