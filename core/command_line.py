"""How commands end: exit codes, errors in one line, and a stop that finishes what is at work."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import click

from core.errors import LookalikeError

SUCCEEDED, INCOMPLETE, FAILED, INTERRUPTED = 0, 1, 2, 130
"""All done; done but for some items, which are named; not done; stopped by Ctrl-C or SIGTERM."""

STOPPING = "stopping once the work at hand is done; press Ctrl-C again to stop at once"


def skip_line(subject: object, reason: object) -> str:
    """Return the line that names an item a command could not use; the others go on."""
    return f"skipped: {subject}: {reason}"


@contextmanager
def report_errors(*others: type[Exception]) -> Iterator[None]:
    """Print an error a person can act on in one line, and exit with FAILED.

    A context manager, and with `@report_errors()` a decorator of commands. `others` are errors
    beside LookalikeError whose message is meant for people; any other error keeps its traceback.
    """
    caught: tuple[type[Exception], ...] = (LookalikeError, *others)
    try:
        yield
    except caught as error:
        click.echo(f"error: {error}", err=True)
        raise SystemExit(FAILED) from error


@contextmanager
def stop_on_signals(notice: str = STOPPING) -> Iterator[threading.Event]:
    """Give an event that Ctrl-C and SIGTERM set, printing `notice`; a second one interrupts.

    The handlers that were there before come back at the end.
    """
    stop = threading.Event()

    def handle(number: int, frame: FrameType | None) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()
        if notice:
            click.echo(notice, err=True)

    signals = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.signal(number, handle) for number in signals}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
