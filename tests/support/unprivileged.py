"""Starts servers that refuse to run as root, on a free port of this machine."""

import os
import pwd
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

READY_S = 90
STOP_S = 20


def account() -> Mapping[str, Any]:
    """Return what makes a child process run as nobody; nothing where we are not root."""
    if os.geteuid():
        return {}
    entry = pwd.getpwnam("nobody")
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


@contextmanager
def private_folder(prefix: str) -> Iterator[Path]:
    """Give a folder of that account's own; it is deleted at the end."""
    with tempfile.TemporaryDirectory(prefix=prefix, ignore_cleanup_errors=True) as name:
        folder = Path(name)
        if identity := account():
            os.chown(folder, identity["user"], identity["group"])
        yield folder


def free_port() -> int:
    """Return a port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def run(command: Sequence[str | Path], **options: Any) -> None:
    """Run a command to its end as that account; a failure shows what it printed."""
    finished = subprocess.run(
        command,
        **account(),
        capture_output=True,
        text=True,
        timeout=READY_S,
        cwd="/",
        check=False,
        **options,
    )
    assert finished.returncode == 0, finished.stderr + finished.stdout


@contextmanager
def running(
    command: Sequence[str | Path], is_ready: Callable[[], bool], log: Path, **options: Any
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server while the block lasts, once it answers; its output goes to `log`."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, **account(), stdout=output, stderr=subprocess.STDOUT, cwd="/", **options
        )
    try:
        until = time.monotonic() + READY_S
        while not is_ready():
            if process.poll() is not None or time.monotonic() > until:
                pytest.fail(f"{command[0]} does not start:\n{log.read_text(errors='replace')}")
            time.sleep(0.2)
        yield process
    finally:
        process.terminate()
        try:
            process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
