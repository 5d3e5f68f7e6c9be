"""Commands on the server that `make run` uses; a node that did not run before is stopped again."""

import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence

from app.events.spool import waiting_bytes
from app.events.ubi_delivery import FOLDER
from core.environment import Environment
from core.progress import Say
from features.base import Json
from ops import event_erasure
from ops.child_process import Interrupted, raise_on_signals, run_module
from ops.index_load import load_arguments, run_load
from ops.server_access import ServerAccess, server_access

FLASK = ("flask", "--app", "app.wsgi")
DUPLICATES = (*FLASK, "duplicates")

DESK_KEY = "LOOKALIKE_DESK_API_KEY"
"""The key that may write the banks, whose pictures get another model as well."""

EXIT_INTERRUPTED = 130
CONTINUES = "interrupted; the same command continues from here"


def load_feed(environment: Environment, feed: str, options: Sequence[str], say: Say) -> None:
    """Load a feed. Raises StageFailed and LookalikeErrors, each saying what to do."""
    with raise_on_signals(), server_access(environment, say) as access:
        run_load(load_arguments(environment, feed, options), access, say)


def keep_in_step(environment: Environment, command: str, arguments: Sequence[str], say: Say) -> int:
    """Run the indexer's ``sync`` or ``reconcile``; return its exit code."""
    ended = "stopped; the same command goes on from here"
    return _run(environment, say, ("indexer", command, *arguments), indexer_variables, ended)


def undo_rebuild(environment: Environment, say: Say) -> int:
    """Put the index before the last rebuild in service again; return the command's exit code."""
    with raise_on_signals(), server_access(environment, say) as access:
        return run_module(["indexer", "undo-rebuild"], access.indexer)


def sweep(environment: Environment, options: Sequence[str], say: Say) -> int:
    """Search the index for near-duplicates; return the command's exit code."""
    return _run(environment, say, (*DUPLICATES, "sweep", *options), search_variables, CONTINUES)


def events(environment: Environment, arguments: Sequence[str], say: Say) -> int:
    """Run ``flask events``; return its exit code."""
    ended = "interrupted; what was written so far is not all"
    return _run(environment, say, (*FLASK, "events", *arguments), search_variables, ended)


def experiment(environment: Environment, command: str, arguments: Sequence[str], say: Say) -> int:
    """Run ``flask report`` or ``flask plan``; return its exit code."""
    with raise_on_signals(), server_access(environment, say) as access:
        return run_module([*FLASK, command, *arguments], access.search)


def demo_traffic(environment: Environment, arguments: Sequence[str], say: Say) -> int:
    """Simulate shoppers; return the command's exit code."""
    ended = "interrupted; run it again and it goes on"
    return _run(environment, say, ("ops.demo_traffic", *arguments), search_variables, ended)


def banks(environment: Environment, arguments: Sequence[str], say: Say) -> int:
    """Run ``flask banks``, whose list may come through a pipe; return its exit code."""
    piped = None if sys.stdin and not sys.stdin.isatty() else subprocess.DEVNULL
    ended = "interrupted; it is safe to run the same command again"
    return _run(environment, say, (*FLASK, "banks", *arguments), search_variables, ended, piped)


def swap_model(environment: Environment, options: Sequence[str], say: Say) -> int:
    """Change the model of the index; return the command's exit code."""
    return _run(environment, say, ("indexer", "swap-model", *options), swap_variables, CONTINUES)


def backfill(environment: Environment, options: Sequence[str], say: Say) -> int:
    """Fill in a feature that the index lacks; return the command's exit code."""
    return _run(environment, say, ("indexer", "backfill", *options), swap_variables, CONTINUES)


def erase_events(environment: Environment, query: Json, pseudonyms: Sequence[str], say: Say) -> int:
    """Erase what a query finds of shoppers; return how many bytes still wait to be delivered.

    What was refused is erased by the pseudonyms themselves.

    Raises EngineRefused and EngineUnavailable.
    """
    with raise_on_signals(), server_access(environment, say) as access:
        erased = event_erasure.erase(access.server, query)
    say(
        f"erased: {erased.events} events, {erased.queries} queries, "
        f"{erased.searches} entries of the search log"
    )
    folder = environment.state_dir() / FOLDER
    event_erasure.erase_refused(folder, pseudonyms)
    return waiting_bytes(folder)


def swap_variables(access: ServerAccess) -> dict[str, str]:
    """Return the indexer's variables, and the key for the banks, whose pictures change too."""
    desk = {name: value for name, value in access.search.items() if name.startswith(DESK_KEY)}
    return {**access.indexer, **desk}


def search_variables(access: ServerAccess) -> Mapping[str, str]:
    """Return the web application's variables."""
    return access.search


def indexer_variables(access: ServerAccess) -> Mapping[str, str]:
    """Return the indexer's variables."""
    return access.indexer


def _run(
    environment: Environment,
    say: Say,
    module: Sequence[str],
    variables: Callable[[ServerAccess], Mapping[str, str]],
    ended: str,
    stdin: int | None = subprocess.DEVNULL,
) -> int:
    """Run ``python -m <module …>`` and return its exit code; `ended` is said when interrupted."""
    try:
        with raise_on_signals(), server_access(environment, say) as access:
            return run_module(module, variables(access), stdin)
    except Interrupted:
        say(ended)
        return EXIT_INTERRUPTED
