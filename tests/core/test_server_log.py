"""A server's log is for people at a terminal, and for machines everywhere else."""

import io
import json
import logging
import os
from collections.abc import Iterator
from typing import TextIO

import pytest

from core.errors import InvalidSetting
from core.server_log import log_formatter


@pytest.fixture
def terminal() -> Iterator[TextIO]:
    leader, follower = os.openpty()
    with os.fdopen(follower, "w") as stream:
        yield stream
    os.close(leader)


def line(stream: TextIO) -> str:
    record = logging.LogRecord("app", logging.INFO, "app.py", 1, "took %d ms", (7,), None)
    return log_formatter(stream).format(record)


def test_terminal_gets_plain_lines(terminal: TextIO) -> None:
    assert line(terminal).endswith("INFO took 7 ms")


def test_file_gets_ecs_json() -> None:
    written = json.loads(line(io.StringIO()))
    assert written["message"] == "took 7 ms"
    assert written["log.level"] == "info"
    assert written["ecs.version"]


def test_setting_decides(terminal: TextIO, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOOKALIKE_LOG_FORMAT", "json")
    assert json.loads(line(terminal))["message"] == "took 7 ms"
    monkeypatch.setenv("LOOKALIKE_LOG_FORMAT", "plain")
    assert line(io.StringIO()).endswith("INFO took 7 ms")


def test_unknown_format_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOOKALIKE_LOG_FORMAT", "xml")
    with pytest.raises(InvalidSetting, match=r"LOOKALIKE_LOG_FORMAT.*auto.*plain.*json"):
        log_formatter(io.StringIO())
