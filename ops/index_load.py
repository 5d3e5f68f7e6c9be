"""Fills the index: to its end for a command, or in the background while the shop is served."""

import json
import subprocess
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Self

import psutil

from core import atomic_file, load_status
from core.environment import Environment
from core.progress import Say
from core.setting import Setting
from ops.child_process import run_module, running_module
from ops.errors import StageFailed
from ops.server_access import ServerAccess, count_products

SETTINGS = (Setting("FEED", "a demo shop", "feed that `make run` loads"),)


EXIT_SOME_REJECTED = 1
"""The indexer's exit code when a part of the feed could not be used."""

NICENESS = 10
"""Of a load once the shop is served: whoever searches comes first."""


def run_load(arguments: Sequence[str], access: ServerAccess, say: Say) -> None:
    """Run the indexer; raises StageFailed unless at least a part of the feed went in."""
    check_exit_code(run_module(["indexer", *arguments], access.indexer), say)


def check_exit_code(code: int, say: Say) -> None:
    """Raise StageFailed when nothing was loaded; say when a part of the feed was rejected."""
    if code == EXIT_SOME_REJECTED:
        say("part of the feed was rejected: see rejects.jsonl")
    elif code:
        raise StageFailed(f"the feed could not be loaded (exit code {code})")


class UnfinishedLoad:
    """Remembers which load `make run` has begun, so that the next run finishes it."""

    def __init__(self, environment: Environment) -> None:
        self._path: Path = environment.state_dir() / load_status.FOLDER / "unfinished"

    def arguments(self) -> list[str]:
        """Return the indexer's arguments, [] where no load was left unfinished."""
        try:
            return [str(argument) for argument in json.loads(self._path.read_bytes())]
        except (OSError, ValueError, TypeError):
            return []

    def save(self, arguments: Sequence[str]) -> None:
        """Remember a load that begins now."""
        atomic_file.write(self._path, json.dumps(list(arguments)).encode())

    def clear(self) -> None:
        """Forget it: the load has ended."""
        self._path.unlink(missing_ok=True)


def choose_load(environment: Environment, access: ServerAccess, say: Say) -> list[str]:
    """Return the indexer's arguments for what is to be loaded now, [] for nothing.

    That is FEED, or else a load that was not finished, or the demo shop while the index is empty.
    """
    if feed := environment.text("FEED"):
        if products := count_products(environment, access.server):
            say(
                f"{feed} joins the {products} products in the index; "
                "to replace them: make load REBUILD=yes FEED=…"
            )
        return load_arguments(environment, feed)
    if arguments := UnfinishedLoad(environment).arguments():
        say("the last load was not finished: it continues")
        return arguments
    if not count_products(environment, access.server):
        say("the index is empty: loading the demo shop")
        return ["demo"]
    return []


def load_arguments(environment: Environment, feed: str, options: Sequence[str] = ()) -> list[str]:
    """Return the indexer's arguments for a feed that a person named on this machine.

    Shop systems export addresses of pictures on the web. They are fetched, unless a setting says
    otherwise; addresses inside a network never are.
    """
    from_web = [] if environment.text("LOOKALIKE_FETCH_HTTP") else ["--allow-http"]
    return ["load", feed, *from_web, *options]


class BackgroundLoad:
    """A load that runs for as long as the `with` block lasts, or until it has ended by itself."""

    def __init__(
        self, arguments: Sequence[str], environment: Environment, access: ServerAccess, say: Say
    ) -> None:
        self._arguments = arguments
        self._unfinished = UnfinishedLoad(environment)
        # A progress bar would be torn by the lines of the web server.
        self._variables = {**access.indexer, "TTY_COMPATIBLE": "0"}
        self._say = say
        self._stack = ExitStack()
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        if self._arguments:
            self._unfinished.save(self._arguments)
            self._process = self._stack.enter_context(
                running_module(["indexer", *self._arguments], self._variables)
            )
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    @property
    def is_running(self) -> bool:
        """Whether the load is still at work."""
        return self._process is not None and self._process.poll() is None

    def step_back(self) -> None:
        """Leave the processor to searches from now on."""
        if self._process is None:
            return
        with suppress(psutil.NoSuchProcess):
            load = psutil.Process(self._process.pid)
            for process in (load, *load.children(recursive=True)):
                process.nice(NICENESS)

    def finish(self) -> None:
        """Take note of its end, once; raises StageFailed when nothing could be loaded."""
        if self._process is None or self.is_running:
            return
        code, self._process = self._process.returncode, None
        # A feed that cannot be loaded at all would fail at every start.
        self._unfinished.clear()
        check_exit_code(code, self._say)
        self._say("everything is loaded")
