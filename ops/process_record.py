"""Recognises a process from an earlier run: the system may have given its pid to another."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from time import monotonic, sleep

import psutil

CLOCK_SLACK_S = 2.0
"""How far a start time may shift between two readings when the wall clock is corrected."""

KILL_TIMEOUT_S = 10.0
POLL_S = 0.1


@dataclass(frozen=True)
class ProcessRecord:
    """A process we started: its pid, its start time in epoch seconds, and its HTTP port."""

    pid: int
    created_s: float
    port: int

    def save(self, path: Path) -> None:
        """Write it to `path`, whole or not at all."""
        draft = path.with_suffix(".new")
        draft.write_text(json.dumps(asdict(self)), encoding="utf-8")
        draft.replace(path)

    @classmethod
    def load(cls, path: Path) -> "ProcessRecord | None":
        """Return what `path` holds, or None when it is missing or damaged."""
        try:
            return cls(**json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None

    def process(self) -> psutil.Process | None:
        """Return the process while it is still the one we started, else None."""
        try:
            process = psutil.Process(self.pid)
            same = abs(process.create_time() - self.created_s) < CLOCK_SLACK_S
            if same and is_alive(process):
                return process
        except psutil.Error:
            return None
        return None


def terminate(process: psutil.Process, patience_s: float) -> bool:
    """Ask a process to end and wait for it and its children; kill those that remain.

    Returns whether it ended by itself.
    """
    family = [process]
    try:
        family += process.children(recursive=True)
        process.terminate()
    except psutil.NoSuchProcess:
        pass
    remaining = survivors(family, patience_s)
    for member in remaining:
        try:
            member.kill()
        except psutil.NoSuchProcess:
            continue
    survivors(remaining, KILL_TIMEOUT_S)
    return not remaining


def survivors(family: list[psutil.Process], patience_s: float) -> list[psutil.Process]:
    """Return the processes still running after at most `patience_s`.

    A zombie has ended: it only waits for a parent, such as `make run`, to take note.
    """
    until = monotonic() + patience_s
    while (remaining := [member for member in family if is_alive(member)]) and monotonic() < until:
        sleep(POLL_S)
    return remaining


def is_alive(process: psutil.Process) -> bool:
    """Say whether a process runs; a zombie does not."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
