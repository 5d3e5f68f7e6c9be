"""How a command ends: by an error told in one line, or when it is asked to stop."""

import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from types import FrameType
from typing import ParamSpec

import click

from core.errors import LookalikeError

P = ParamSpec("P")
FAILED = 2


def one_line_errors(command: Callable[P, None]) -> Callable[P, None]:
    """Show what a person should be told in one line, and end with exit code 2."""

    @wraps(command)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except LookalikeError as error:
            click.echo(f"error: {error}", err=True)
            sys.exit(FAILED)

    return wrapped


@contextmanager
def stopping() -> Iterator[threading.Event]:
    """Give an event that Ctrl-C and SIGTERM set; a second one ends the program at once."""
    stop = threading.Event()

    def asked(number: int, frame: FrameType | None) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()
        click.echo("stopping after the batches in work; again to stop at once", err=True)

    before = {one: signal.signal(one, asked) for one in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
