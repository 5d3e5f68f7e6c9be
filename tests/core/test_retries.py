"""Waiting for an Elasticsearch that is away."""

import threading
import time

import pytest

from core.errors import EngineRefused, EngineUnavailable
from core.retries import Backoff, RetryPolicy


class Engine:
    """Fails some times, then answers."""

    def __init__(self, failures: int) -> None:
        self.failures = failures
        self.calls = 0

    def __call__(self) -> str:
        self.calls += 1
        if self.calls <= self.failures:
            raise EngineUnavailable("away")
        return "answer"


def test_pause_is_said_once_and_its_end_once() -> None:
    said: list[str] = []
    policy = RetryPolicy(60, threading.Event(), said.append)
    engine = Engine(2)
    began = time.monotonic()
    assert policy.call(engine) == "answer"
    assert engine.calls == 3
    # The waits double from about a second: no hot loop.
    assert time.monotonic() - began > 2
    assert [line.split(" ")[0] for line in said] == ["paused,", "going"]


def test_answers_of_another_server_end_no_outage() -> None:
    said: list[str] = []
    policy = RetryPolicy(
        60, threading.Event(), said.append, pause=lambda seconds: other.call(Engine(0))
    )
    other = policy.for_another_server()
    assert policy.call(Engine(3)) == "answer"
    assert [line.split(" ")[0] for line in said] == ["paused,", "going"]


def test_nothing_is_said_when_all_is_well() -> None:
    said: list[str] = []
    assert RetryPolicy(60, threading.Event(), said.append).call(Engine(0)) == "answer"
    assert said == []


def test_error_is_raised_once_the_limit_is_reached() -> None:
    with pytest.raises(EngineUnavailable):
        RetryPolicy(0, threading.Event(), print).call(Engine(1))


def test_stop_ends_the_waiting() -> None:
    stop = threading.Event()
    threading.Timer(0.2, stop.set).start()
    began = time.monotonic()
    with pytest.raises(EngineUnavailable):
        RetryPolicy(60, stop, print).call(Engine(1000))
    assert time.monotonic() - began < 1.5


def test_refusal_is_not_waited_out() -> None:
    def refuse() -> None:
        raise EngineRefused("no")

    with pytest.raises(EngineRefused):
        RetryPolicy(60, threading.Event(), print).call(refuse)


def test_waits_follow_the_backoff_and_count_towards_the_limit() -> None:
    waits: list[float] = []
    backoff = Backoff(first_s=1, factor=4, longest_s=64, jitter=0)
    policy = RetryPolicy(85, backoff=backoff, pause=waits.append)
    with pytest.raises(EngineUnavailable):
        policy.call(Engine(1000))
    assert waits == [1, 4, 16, 64]


def test_wait_grows_to_its_longest_and_is_never_longer() -> None:
    backoff = Backoff(jitter=0)
    assert [backoff.wait_s(tries) for tries in (1, 2, 4, 5, 10_000)] == [1, 2, 8, 15, 15]
    assert all(0.75 <= Backoff().wait_s(1) <= 1 for _ in range(100))
