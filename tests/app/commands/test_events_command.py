"""What shoppers did is written out as User Behavior Insights has it, and erased for good."""

import json
from pathlib import Path
from secrets import token_hex

import pytest
from flask.testing import FlaskClient

from app.events.spool import REFUSED, waiting_bytes
from app.events.ubi_delivery import FOLDER
from features.base import Json
from mappings.events import erasure
from mappings.events.event_documents import DATA_STREAM
from mappings.events.ubi_mapping import EVENTS, QUERIES
from ops import event_erasure
from ops.server import Server
from tests.support.engine import Engine
from tests.support.shop import Shop
from tests.support.ubi import click, faults_of, stored


def visit(client: FlaskClient, session: str) -> str:
    """Search and click; return the query's id."""
    found = client.get(f"/api/v1/search?q={session}").json
    assert found is not None
    events = [click("saleor-127", session_id=session, query_id=found["query_id"])] * 2
    client.post("/api/v1/events", json=events)
    return str(found["query_id"])


def test_exports_validate_against_the_schemas(shop: Shop, tmp_path: Path) -> None:
    session = token_hex(8)
    with shop.app() as app:
        query_id = visit(app.test_client(use_cookies=False), session)
        stored(shop.environment, EVENTS, {"term": {"session_id": session}}, 2)
        stored(shop.environment, QUERIES, {"term": {"query_id": query_id}}, 1)
        written: dict[str, list[Json]] = {}
        for kind in ("events", "queries"):
            path = tmp_path / f"{kind}.jsonl"
            result = app.test_cli_runner().invoke(
                args=["events", "export", "--kind", kind, str(path)]
            )
            assert result.exit_code == 0, result.output
            written[kind] = [json.loads(line) for line in path.read_text().splitlines()]
    assert [fault for event in written["events"] for fault in faults_of("event", event)] == []
    assert [fault for query in written["queries"] for fault in faults_of("query", query)] == []
    ours = [event for event in written["events"] if event.get("session_id") == session]
    assert len(ours) == 2
    assert all(event["query_id"] == query_id and event["event_id"] for event in ours)
    assert [q["user_query"] for q in written["queries"] if q["query_id"] == query_id] == [session]
    assert not {"@timestamp", "event", "picture"} & set().union(*written["queries"])


def test_export_takes_a_span_of_time(shop: Shop) -> None:
    with shop.app() as app:
        arguments = ["events", "export", "--until", "2001-01-01"]
        result = app.test_cli_runner().invoke(args=arguments)
    assert result.exit_code == 0
    assert result.stdout == ""


def test_visit_is_erased_everywhere_and_others_stay(shop: Shop, engine: Engine) -> None:
    session, other = token_hex(8), token_hex(8)
    with shop.app() as app:
        browser = app.test_client()
        browser.get(f"/search?q={session}", headers={"Accept": "text/html"})
        browser.post("/api/v1/events", json=click("saleor-127", message=session))
        visit(app.test_client(use_cookies=False), other)
    (query,) = stored(shop.environment, QUERIES, {"term": {"user_query": session}}, 1)
    searches = {"term": {"lookalike.query.id": query["query_id"]}}
    stored(shop.environment, EVENTS, {"match": {"message": session}}, 1)
    stored(shop.environment, EVENTS, {"term": {"session_id": other}}, 2)
    stored(shop.environment, DATA_STREAM, searches, 1)
    server = Server(engine.url, engine.user, engine.password)
    whose = erasure.shopper_query(session_id=query["session_id"])
    erased = event_erasure.erase(server, whose)
    assert (erased.events, erased.queries, erased.searches) == (1, 1, 1)
    assert event_erasure.erase(server, whose) == event_erasure.Erased(0, 0, 0)
    for stream, body in ((EVENTS, whose), (QUERIES, whose), (DATA_STREAM, searches)):
        assert stored(shop.environment, stream, body, 0) == []
    assert len(stored(shop.environment, EVENTS, {"term": {"session_id": other}}, 2)) == 2


def test_refused_lines_of_a_visit_are_erased_too(tmp_path: Path) -> None:
    folder = tmp_path / FOLDER
    folder.mkdir()
    (folder / REFUSED).write_text('{"line": "visit-a"}\n{"line": "visit-b"}\n')
    (folder / "events-1.ndjson").write_text("12345\n")
    event_erasure.erase_refused(folder, ["visit-a"])
    assert (folder / REFUSED).read_text() == '{"line": "visit-b"}\n'
    assert waiting_bytes(folder) == 6


@pytest.mark.parametrize("arguments", [[], ["--session", "a", "--before", "2026-01-01"]])
def test_erasing_needs_to_know_whose(arguments: list[str]) -> None:
    from click.testing import CliRunner

    from ops.__main__ import cli

    result = CliRunner().invoke(cli, ["erase-events", *arguments])
    assert result.exit_code == 2
    assert "--session, --client, or --before" in result.output
