"""What runs beside the web server ends with it, and comes back once."""

import os
import time
from pathlib import Path

import psutil

from ops.supervised_process import SupervisedProcess


def module(folder: Path, body: str) -> dict[str, str]:
    """Write a program; return variables under which `python -m companion_of_a_test` runs it."""
    (folder / "companion_of_a_test.py").write_text(body)
    return {**os.environ, "PYTHONPATH": str(folder)}


def companion(folder: Path, body: str, said: list[str]) -> SupervisedProcess:
    return SupervisedProcess(
        "the watch", ["companion_of_a_test"], module(folder, body), said.append
    )


def looks(one: SupervisedProcess, said: list[str], lines: int) -> None:
    until = time.monotonic() + 20
    while len(said) < lines:
        assert time.monotonic() < until, said
        one.restart_if_ended()
        time.sleep(0.05)


def test_it_ends_with_the_block(tmp_path: Path) -> None:
    said: list[str] = []
    with companion(tmp_path, "import time; time.sleep(60)", said) as one:
        assert one.pid is not None
        assert psutil.pid_exists(one.pid)
        pid = one.pid
        one.restart_if_ended()
    assert not psutil.pid_exists(pid)
    assert said == []


def test_it_is_killed_when_it_takes_too_long_to_end(tmp_path: Path) -> None:
    body = (
        "import signal, time, pathlib\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        f"pathlib.Path({str(tmp_path / 'ready')!r}).touch()\n"
        "time.sleep(60)\n"
    )
    watch = SupervisedProcess(
        "the watch", ["companion_of_a_test"], module(tmp_path, body), print, patience_s=0.5
    )
    with watch:
        pid = watch.pid
        assert pid is not None
        until = time.monotonic() + 20
        while not (tmp_path / "ready").exists():
            assert time.monotonic() < until
            time.sleep(0.05)
        left = time.monotonic()
    assert not psutil.pid_exists(pid)
    assert time.monotonic() - left < 10


def test_it_is_started_once_more_and_then_given_up_aloud(tmp_path: Path) -> None:
    said: list[str] = []
    with companion(tmp_path, "raise SystemExit(3)", said) as one:
        looks(one, said, 2)
        assert one.pid is None
        one.restart_if_ended()
    assert "ended by itself (exit code 3): starting it once more" in said[0]
    assert "ended again (exit code 3); the shop goes on without it" in said[1]
    assert said[1].endswith("python -m companion_of_a_test")
    assert len(said) == 2
