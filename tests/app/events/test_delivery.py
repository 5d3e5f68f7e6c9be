"""Delivering goes on for as long as it fails, more and more rarely, and complains once."""

import logging
from collections.abc import Sequence
from pathlib import Path

import pytest

from app.events.delivery import Delivery
from app.events.spool import Spool


class Away(Exception):
    """Nobody takes the lines now."""


class Receiver:
    """Takes lines, unless there is a problem."""

    def __init__(self) -> None:
        self.problem: Exception | None = None
        self.lines: list[bytes] = []

    def __call__(self, lines: Sequence[bytes]) -> None:
        if self.problem is not None:
            raise self.problem
        self.lines += lines


@pytest.fixture
def receiver() -> Receiver:
    return Receiver()


@pytest.fixture
def delivery(tmp_path: Path, receiver: Receiver) -> Delivery:
    spool = Spool(tmp_path, 1000)
    spool.append([b"one", b"two"])
    return Delivery(
        spool, receiver, label="letters", unavailable=Away, first_wait_s=0.5, longest_wait_s=3.0
    )


def test_what_waits_is_delivered_and_nothing_is_waited_for(
    delivery: Delivery, receiver: Receiver
) -> None:
    assert delivery.attempt() == 0
    assert receiver.lines == [b"one", b"two"]


def test_waits_double_up_to_the_longest_and_begin_anew_after_a_success(
    delivery: Delivery, receiver: Receiver
) -> None:
    receiver.problem = Away()
    assert [delivery.attempt() for _ in range(5)] == [0.5, 1.0, 2.0, 3.0, 3.0]
    receiver.problem = None
    assert delivery.attempt() == 0
    assert receiver.lines == [b"one", b"two"]


def test_log_tells_once_that_lines_wait_and_once_that_they_went(
    delivery: Delivery, receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    receiver.problem = Away("the post office is shut")
    delivery.attempt()
    delivery.attempt()
    receiver.problem = None
    delivery.attempt()
    delivery.attempt()
    told = [(one.levelname, one.getMessage().split(" in ")[0]) for one in caplog.records]
    assert told == [("WARNING", "letters wait"), ("INFO", "letters are delivered again")]
    assert "the post office is shut" in caplog.text


def test_fault_of_ours_is_logged_with_its_traceback(
    delivery: Delivery, receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    receiver.problem = ZeroDivisionError("by us")
    assert delivery.attempt() == 0.5
    (told,) = caplog.records
    assert told.levelname == "ERROR"
    assert told.exc_info is not None
