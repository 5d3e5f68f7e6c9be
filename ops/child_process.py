"""Programs we start and must not leave behind, and the signals that end us."""

import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import FrameType

PATIENCE_S = 35
"""Enough for the requests gunicorn still answers, and for an indexer's last batch."""


class Interrupted(Exception):
    """Somebody asked us to stop."""


@contextmanager
def raise_on_signals() -> Iterator[None]:
    """Raise Interrupted on the first signal to end; later ones are ignored while we tidy up."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        for number in former:
            signal.signal(number, signal.SIG_IGN)
        raise Interrupted

    former = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # ignored: we run under nohup
        former[signal.SIGHUP] = signal.getsignal(signal.SIGHUP)
    for number in former:
        signal.signal(number, interrupt)
    try:
        yield
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)


@contextmanager
def running_module(
    module: Sequence[str],
    variables: Mapping[str, str],
    stdin: int | None = subprocess.DEVNULL,
    patience_s: float = PATIENCE_S,
) -> Iterator[subprocess.Popen[bytes]]:
    """Start ``python -m <module …>`` and stop it when the block ends.

    One that has not ended `patience_s` seconds after it was asked to is killed.

    It gets its own process group, so that Ctrl-C reaches us alone and things end in order. `stdin`
    is what `subprocess.Popen` takes; None is our own, which must then be no terminal: the terminal
    is our group's alone.
    """
    process = subprocess.Popen(
        [sys.executable, "-m", *module],
        env=dict(variables),
        stdin=stdin,
        process_group=0,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(patience_s)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def run_module(
    module: Sequence[str], variables: Mapping[str, str], stdin: int | None = subprocess.DEVNULL
) -> int:
    """Run ``python -m <module …>`` to its end and return its exit code."""
    with running_module(module, variables, stdin) as process:
        return process.wait()
