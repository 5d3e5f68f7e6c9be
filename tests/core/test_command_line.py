"""How commands end."""

import os
import signal

import click
import pytest
from click.testing import CliRunner

from core.command_line import FAILED, report_errors, stop_on_signals
from core.errors import NotFound


class Stumble(Exception):
    """An error of one command's own."""


@click.command()
@click.argument("kind")
@report_errors(Stumble)
def command(kind: str) -> None:
    """Fail in the given way."""
    raise {"ours": NotFound, "own": Stumble, "other": ZeroDivisionError}[kind]("no such thing")


@pytest.mark.parametrize("kind", ["ours", "own"])
def test_error_for_people_is_one_line_and_exit_code_2(kind: str) -> None:
    result = CliRunner().invoke(command, [kind])
    assert (result.exit_code, result.stderr) == (FAILED, "error: no such thing\n")


def test_other_errors_keep_their_traceback() -> None:
    result = CliRunner().invoke(command, ["other"])
    assert isinstance(result.exception, ZeroDivisionError)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_first_signal_asks_to_stop_and_the_second_interrupts(
    number: signal.Signals, capsys: pytest.CaptureFixture[str]
) -> None:
    with stop_on_signals("stopping") as stop:
        os.kill(os.getpid(), number)
        assert stop.is_set()
        assert capsys.readouterr().err == "stopping\n"
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), number)


def test_handlers_come_back() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with stop_on_signals():
        assert signal.getsignal(signal.SIGTERM) is not before
    assert signal.getsignal(signal.SIGTERM) is before
