"""How a command says what went wrong: one line on standard error, and exit code 2."""

import functools
from collections.abc import Callable
from typing import ParamSpec, TypeVar

import click

from core.errors import LookalikeError

P = ParamSpec("P")
R = TypeVar("R")

SOME_SKIPPED, COULD_NOT_RUN = 1, 2


def errors_told(command: Callable[P, R]) -> Callable[P, R]:
    """Turn our own errors into one line that says what to do."""

    @functools.wraps(command)
    def told(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except LookalikeError as error:
            click.echo(f"error: {error}", err=True)
            raise click.exceptions.Exit(COULD_NOT_RUN) from error

    return told
