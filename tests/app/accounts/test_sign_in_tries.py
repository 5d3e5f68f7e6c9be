"""Guessing passwords becomes slower with every failure, for all workers together."""

import threading
from pathlib import Path

import pytest

from app.accounts.errors import TooManyTries
from app.accounts.sign_in_tries import ACCOUNT, ADDRESS, MAX_AGE_S, SignInTries, network

HERE = "192.0.2.7"


class Time:
    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def tries(tmp_path: Path, time: Time) -> SignInTries:
    return SignInTries(tmp_path, b"key", time)


def wait_s(tries: SignInTries, name: str, address: str = HERE) -> int:
    """Return how long a try has to wait; 0 when it was let through."""
    try:
        tries.begin(name, address)
    except TooManyTries as error:
        return error.retry_after_s or -1
    return 0


def test_wait_doubles_up_to_a_minute_for_an_account(tries: SignInTries, time: Time) -> None:
    waits = []
    for _ in range(12):
        while wait := wait_s(tries, "rika", f"192.0.2.{len(waits)}"):
            waits.append(wait)
            time.now += wait
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60][: len(waits)]
    assert len(waits) >= 7


def test_wait_grows_for_an_address_that_tries_many_names(tries: SignInTries, time: Time) -> None:
    for number in range(ADDRESS.free):
        assert wait_s(tries, f"name-{number}") == 0
    assert wait_s(tries, "one more") == 1
    assert wait_s(tries, "one more", "192.0.2.8") == 0


def test_success_clears_the_account(tries: SignInTries) -> None:
    for _ in range(ACCOUNT.free - 1):
        tries.begin("rika", HERE)
    tries.begin("rika", HERE)
    tries.succeed("rika", HERE)
    assert wait_s(tries, "rika") == 0


def test_tries_that_wait_are_not_counted(tries: SignInTries, time: Time) -> None:
    for _ in range(ACCOUNT.free):
        tries.begin("rika", HERE)
    assert [wait_s(tries, "rika") for _ in range(10)] == [1] * 10


def test_failures_are_forgotten_after_an_hour(tries: SignInTries, time: Time) -> None:
    for _ in range(ACCOUNT.free):
        tries.begin("rika", HERE)
    time.now += MAX_AGE_S
    tries.begin("somebody else", HERE)
    assert wait_s(tries, "rika") == 0


def test_tries_at_the_same_time_are_all_counted(tmp_path: Path, time: Time) -> None:
    def guess() -> None:
        if wait_s(SignInTries(tmp_path, b"key", time), "rika") == 0:
            through.append(1)

    through: list[int] = []
    threads = [threading.Thread(target=guess) for _ in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(through) == ACCOUNT.free


def test_neither_names_nor_addresses_are_written_down(tmp_path: Path, tries: SignInTries) -> None:
    tries.begin("my-secret-password", HERE)
    written = (tmp_path / "sign-in-tries.json").read_text()
    assert "secret" not in written
    assert HERE not in written


def test_broken_file_begins_anew(tmp_path: Path, tries: SignInTries) -> None:
    (tmp_path / "sign-in-tries.json").write_text("{")
    assert wait_s(tries, "rika") == 0


def test_ipv6_counts_by_its_network() -> None:
    assert network("2001:db8::1") == network("2001:db8::ffff")
    assert network("2001:db8::1") != network("2001:db8:0:1::1")
    assert network("192.0.2.1") != network("192.0.2.2")
