"""One caller reads a value anew; nobody else waits for it."""

import threading

import pytest

from core.expiring import ExpiringValue

WAIT_S = 10.0


class Clock:
    """A clock that is put forward by hand."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Source:
    """Counts how often it is read; can be held up, and can fail."""

    def __init__(self) -> None:
        self.reads = 0
        self.reading = threading.Event()
        self.may_go_on = threading.Event()
        self.may_go_on.set()
        self.broken = False

    def __call__(self) -> int:
        self.reading.set()
        assert self.may_go_on.wait(WAIT_S)
        if self.broken:
            raise ConnectionError("nobody answers")
        self.reads += 1
        return self.reads


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def source() -> Source:
    return Source()


@pytest.fixture
def kept(source: Source, clock: Clock) -> ExpiringValue[int]:
    return ExpiringValue(source, 5, clock)


def test_a_value_is_read_anew_once_it_is_old(kept: ExpiringValue[int], clock: Clock) -> None:
    assert kept.latest is None
    assert [kept.current(), kept.current()] == [1, 1]
    clock.now = 4.9
    assert kept.current() == 1
    clock.now = 5
    assert kept.current() == kept.latest == 2


def test_others_go_on_with_the_old_value_while_one_reads(
    kept: ExpiringValue[int], source: Source, clock: Clock
) -> None:
    kept.current()
    clock.now = 6
    source.reading.clear()
    source.may_go_on.clear()
    reader = threading.Thread(target=kept.current)
    reader.start()
    assert source.reading.wait(WAIT_S)
    assert kept.current() == 1, "the source is held up: who asked it would wait"
    source.may_go_on.set()
    reader.join(WAIT_S)
    assert kept.current() == 2


def test_the_first_callers_wait_for_one_reading(kept: ExpiringValue[int], source: Source) -> None:
    source.may_go_on.clear()
    found: list[int] = []
    callers = [threading.Thread(target=lambda: found.append(kept.current())) for _ in range(4)]
    for caller in callers:
        caller.start()
    assert source.reading.wait(WAIT_S)
    assert found == []
    source.may_go_on.set()
    for caller in callers:
        caller.join(WAIT_S)
    assert found == [1, 1, 1, 1]


def test_an_error_reaches_its_reader_and_the_next_tries_again(
    kept: ExpiringValue[int], source: Source, clock: Clock
) -> None:
    kept.current()
    clock.now, source.broken = 6, True
    with pytest.raises(ConnectionError):
        kept.current()
    assert kept.latest == 1
    source.broken = False
    assert kept.current() == 2
