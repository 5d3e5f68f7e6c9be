"""Many changes in one request, changes that take long, and who may change products."""

import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from indexer.live.settings import LiveSettings
from tests.app.api.live_shop import TOKEN, LiveShop, data_url, open_live_shop, picture
from tests.conftest import node_environment
from tests.support.engine import Engine


@pytest.fixture(scope="module")
def live(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveShop]:
    folder = tmp_path_factory.mktemp("live")
    with open_live_shop(engine, folder, dict(node_environment(folder).values)) as shop:
        yield shop


def test_lines_are_worked_on_one_by_one_and_answered_in_order(live: LiveShop) -> None:
    answer = live.bulk(
        {"op": "put", "id": "line-1", "product": {"title": "One", "image": data_url(picture(12))}},
        "{ this is not JSON",
        {"op": "patch", "id": "line-1", "product": {"price": "2 EUR"}},
        {"op": "put", "id": "line-2", "product": {"title": "No picture"}},
        {"op": "delete", "id": "line-3"},
        {"op": "upsert", "id": "line-4"},
        {"op": "delete", "id": "\ud800"},
        {"op": "patch", "id": "a\x00b", "product": {"stock": 1}},
        {"op": "put", "id": "line-5", "product": {"title": "Five", "image": data_url(picture(13))}},
    )
    assert answer.status_code == 200, answer.text
    assert answer.json is not None
    items = answer.json["items"]
    assert answer.json["errors"] is True
    assert [item["line"] for item in items] == list(range(1, 10))
    assert [item["status"] for item in items] == [201, 400, 200, 422, 200, 400, 422, 422, 201]
    assert "picture" in items[3]["detail"]
    product = live.product("line-1")
    assert product is not None
    assert product["price"] == 2.0
    assert live.product("line-5") is not None


def test_events_of_debezium_are_understood(live: LiveShop) -> None:
    source = {"connector": "postgresql", "name": "shop", "schema": "public", "table": "products"}

    def event(op: str, lsn: int, before: object, after: object) -> dict[str, object]:
        body = {"op": op, "before": before, "after": after, "source": {**source, "lsn": lsn}}
        return {"schema": {"type": "struct"}, "payload": body}

    shown = data_url(picture(14))
    row = {"id": "cdc-1", "title": "Kettle", "price": 20, "currency": "EUR", "image_url": shown}
    first = live.bulk(
        event("r", 100, None, row),
        event("u", 300, row, {**row, "price": 18}),
        event("u", 200, row, {**row, "price": 19}),
        {**event("u", 400, None, {"id": "cdc-1", "stock": 4, "warehouse": "B7"})["payload"]},  # type: ignore[dict-item]
        event("t", 500, None, None),
    )
    assert first.json is not None
    outcomes = [item["outcome"] for item in first.json["items"]]
    assert outcomes == ["created", "updated", "superseded", "updated", "unreadable"]
    product = live.product("cdc-1")
    assert product is not None
    assert (product["price"], product["stock"]) == (18.0, 4)
    late = live.bulk(event("d", 600, row, None), event("c", 550, None, row))
    assert late.json is not None
    assert [item["outcome"] for item in late.json["items"]] == ["deleted", "superseded"]
    assert live.product("cdc-1") is None


def test_work_that_takes_long_is_answered_with_a_job(engine: Engine, tmp_path: Path) -> None:
    values = dict(node_environment(tmp_path).values)
    with open_live_shop(engine, tmp_path, values, LOOKALIKE_WRITER_PATIENCE_S="0") as live:
        answer = live.bulk(
            {"id": "slow-1", "product": {"title": "Slow", "image": data_url(picture(15))}},
            "not JSON",
        )
        assert answer.status_code == 202, answer.text
        address = answer.headers["Location"]
        until = time.monotonic() + 60
        while time.monotonic() < until:
            job = live.send("GET", address).json
            assert job is not None
            if job["status"] != "running":
                break
            time.sleep(0.1)
        assert (job["status"], job["total"]) == ("finished", 2)
        assert [item["status"] for item in job["items"]] == [201, 400]
        assert live.product("slow-1") is not None
        assert live.send("GET", "/api/v1/jobs/nowhere").status_code == 404


def test_only_the_writers_token_changes_products(
    live: LiveShop, engine: Engine, tmp_path: Path
) -> None:
    url = "/api/v1/products/secret"
    assert live.client.put(url, json={}).status_code == 401
    assert live.client.delete(url, headers={"Authorization": "Bearer wrong"}).status_code == 401
    assert live.client.get("/api/v1/jobs/1").status_code == 401
    values = dict(node_environment(tmp_path).values)
    with open_live_shop(engine, tmp_path, values, LOOKALIKE_WRITER_TOKEN="") as closed:
        answer = closed.send("PUT", url, {})
        assert answer.status_code == 403
        assert "LOOKALIKE_WRITER_TOKEN" in answer.json["detail"]  # type: ignore[index]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", "/api/v1/products/x?version=-1", {}),
        ("PUT", "/api/v1/products/x?version=many", {}),
        ("PUT", "/api/v1/products/x?refresh=maybe", {}),
        ("PUT", "/api/v1/products/x?speed=high", {}),
        ("PUT", "/api/v1/products/x", [1, 2]),
        ("PATCH", "/api/v1/products/x", "text"),
        ("POST", "/api/v1/products:bulk", None),
    ],
)
def test_requests_that_mean_nothing_are_told_why(
    live: LiveShop, method: str, path: str, body: object
) -> None:
    answer = live.send(method, path, body)
    assert 400 <= answer.status_code < 500, answer.text
    assert len(answer.json["detail"]) > 15  # type: ignore[index]


class Pictures(BaseHTTPRequestHandler):
    """A web server with one picture."""

    def do_GET(self) -> None:
        body = picture(16)
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def test_a_link_is_fetched(engine: Engine, tmp_path: Path) -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Pictures)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        values = dict(node_environment(tmp_path).values)
        with open_live_shop(engine, tmp_path, values, permit="127.0.0.1") as live:
            link = f"http://127.0.0.1:{server.server_port}/a.jpg"
            answer = live.put("linked", None, title="Linked", image_link=link)
            assert answer.status_code == 201, answer.text
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_the_token_shows_in_no_log() -> None:
    assert TOKEN not in repr(LiveSettings(token=TOKEN, api_key=TOKEN))
