"""What people type, as they type it."""

import socket
import subprocess
import sys
from os import getpid
from pathlib import Path

import pytest

from core.environment import Environment
from ops import reset


def ops(
    environment: Environment, *words: str, answer: str = ""
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "ops", *words],
        env=dict(environment.values),
        input=answer,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_doctor_ends_with_0_when_all_is_well(environment: Environment) -> None:
    done = ops(environment, "doctor")
    assert done.returncode == 0, done.stdout
    assert all(line.startswith("ok ") for line in done.stdout.splitlines())


def test_doctor_ends_with_1_on_a_fault(environment: Environment) -> None:
    wrong = Environment({**environment.values, "ELASTICSEARCH_PASSWORD": "wrong"})
    done = ops(wrong, "doctor")
    assert done.returncode == 1
    assert sum(line.startswith("FAULT") for line in done.stdout.splitlines()) == 1


def test_run_refuses_a_taken_port_before_anything_else(environment: Environment) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        number = listener.getsockname()[1]
        taken = Environment({**environment.values, "PORT": str(number)})
        done = ops(taken, "run")
    assert done.returncode == 2
    (line,) = done.stdout.splitlines()
    assert f"{number} is taken by pid {getpid()} " in line
    assert "Traceback" not in done.stderr


def test_bad_setting_is_one_line(environment: Environment) -> None:
    bad = Environment({**environment.values, "PORT": "web"})
    done = ops(bad, "run")
    assert done.returncode == 2
    assert done.stderr.splitlines() == ["error: PORT='web' is not a number"]


def test_status_of_a_node_that_does_not_run(environment: Environment) -> None:
    done = ops(environment, "node", "status")
    assert (done.returncode, done.stdout) == (3, "the node is not running\n")


def test_lists_go_into_the_banks_and_out_through_pipes(environment: Environment) -> None:
    line = f"{'6' * 64},100"
    given = ops(environment, "banks", "import", "allowed", "-", answer=f"{line}\n")
    assert (given.returncode, given.stdout) == (0, "1 new, 0 already known, 0 left out\n")
    written = ops(environment, "banks", "export", "allowed")
    assert written.stdout.splitlines() == ["hash,quality", line]


def test_exit_code_of_a_bad_list_is_the_banks_own(environment: Environment) -> None:
    assert ops(environment, "banks", "import", "blocked", "-", answer="nonsense\n").returncode == 1


def test_swap_model_is_run_on_the_given_server(environment: Environment) -> None:
    done = ops(environment, "swap-model", "status")
    assert (done.returncode, "load a feed first" in done.stderr) == (2, True), done.stderr
    assert "--even-so" in ops(environment, "swap-model", "switch", "--help").stdout


def test_keys_are_printed_one_a_line(environment: Environment) -> None:
    done = ops(environment, "keys")
    names = [line.partition("=")[0] for line in done.stdout.splitlines()]
    assert names == ["search", "indexer", "events", "desk", "shoppers", "writer"]


@pytest.fixture
def filled(environment: Environment) -> Environment:
    for name in (*reset.DATA_FOLDERS, "somebody-elses"):
        (environment.state_dir() / name / "inside").mkdir(parents=True)
    return environment


def left(environment: Environment) -> set[Path]:
    return set(environment.state_dir().iterdir())


def test_reset_asks_first(filled: Environment) -> None:
    before = left(filled)
    assert ops(filled, "reset", answer="n\n").returncode == 1
    assert left(filled) == before


def test_reset_deletes_what_is_ours_and_nothing_else(filled: Environment) -> None:
    assert ops(filled, "reset", "--yes").returncode == 0
    assert left(filled) == {filled.state_dir() / "somebody-elses"}
    assert ops(filled, "reset", "--yes").stdout == "there is nothing to delete\n"


def test_report_without_an_experiment_says_what_to_do(environment: Environment) -> None:
    done = ops(environment, "report")
    assert done.returncode != 0
    assert "no experiment has begun" in done.stderr
    assert "there is no experiment 'x'" in ops(environment, "plan", "x").stderr
