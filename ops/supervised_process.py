"""A program beside the web server: started with it, ended with it, restarted once."""

import subprocess
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from types import TracebackType

from core.progress import Say
from ops.child_process import PATIENCE_S, running_module


class SupervisedProcess:
    """Runs ``python -m <module …>`` for as long as the `with` block lasts.

    When the block ends it is asked to end, and killed `patience_s` seconds later.

    Where it ends by itself it is started once more; a second time it stays away, and the web
    server goes on without it. Both are reported.
    """

    def __init__(
        self,
        name: str,
        module: Sequence[str],
        variables: Mapping[str, str],
        say: Say,
        patience_s: float = PATIENCE_S,
    ) -> None:
        self._name = name
        self._module = module
        self._variables = variables
        self._say = say
        self._patience_s = patience_s
        self._stack = ExitStack()
        self._process: subprocess.Popen[bytes] | None = None
        self._restarts = 1

    def __enter__(self) -> "SupervisedProcess":
        self._start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()

    @property
    def pid(self) -> int | None:
        """The running process; None when it stays away."""
        return self._process.pid if self._process is not None else None

    def restart_if_ended(self) -> None:
        """See whether it still runs."""
        if self._process is None or (code := self._process.poll()) is None:
            return
        if self._restarts:
            self._restarts -= 1
            self._say(f"{self._name} ended by itself (exit code {code}): starting it once more")
            self._start()
        else:
            self._say(
                f"{self._name} ended again (exit code {code}); the shop goes on without it. "
                f"To start it by hand: python -m {' '.join(self._module)}"
            )
            self._process = None

    def _start(self) -> None:
        self._process = self._stack.enter_context(
            running_module(self._module, self._variables, patience_s=self._patience_s)
        )
