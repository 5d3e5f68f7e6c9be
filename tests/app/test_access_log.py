"""Requests are logged as ECS JSON, without the address and the words of who sent them."""

import json
import logging

import ecs_logging
import pytest

from tests.support.shop import Shop


def test_request_is_a_line_of_ecs_json(shop: Shop, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "app.http.access_log")
    with shop.app(access_log=True) as app:
        app.test_client().get(
            "/api/v1/search?q=secret+words", environ_base={"REMOTE_ADDR": "203.0.113.77"}
        )
    (record,) = [record for record in caplog.records if record.name == "app.http.access_log"]
    text = ecs_logging.StdlibFormatter().format(record)
    line = json.loads(text)
    assert line["http"]["response"]["status_code"] == 200
    assert line["http"]["request"]["method"] == "GET"
    assert line["url"]["path"] == "/api/v1/search"
    assert line["event"]["duration"] > 0
    assert line["client"]["address"] == "203.0.113.0/24"
    assert "secret" not in text
    assert "203.0.113.77" not in text


def test_requests_are_not_logged_unless_asked_for(
    shop: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "app.http.access_log")
    with shop.app() as app:
        app.test_client().get("/livez")
    assert [record for record in caplog.records if record.name == "app.http.access_log"] == []
