"""Commands on the server that `make run` uses; a node that did not run before is stopped again."""

import subprocess
import sys
from collections.abc import Sequence

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


def load_feed(environment: Environment, feed: str, options: Sequence[str], say: Say) -> None:
    """Load a feed. Raises StageFailed and LookalikeErrors, each saying what to do."""
    with raise_on_signals(), server_access(environment, say) as access:
        run_load(load_arguments(environment, feed, options), access, say)


def keep_in_step(environment: Environment, command: str, arguments: Sequence[str], say: Say) -> int:
    """Run the indexer's ``sync`` or ``reconcile``; return its exit code."""
    try:
        with raise_on_signals(), server_access(environment, say) as access:
            return run_module(["indexer", command, *arguments], access.indexer)
    except Interrupted:
        say("stopped; the same command goes on from here")
        return EXIT_INTERRUPTED


def undo_rebuild(environment: Environment, say: Say) -> int:
    """Put the index before the last rebuild in service again; return the command's exit code."""
    with raise_on_signals(), server_access(environment, say) as access:
        return run_module(["indexer", "undo-rebuild"], access.indexer)


def sweep(environment: Environment, options: Sequence[str], say: Say) -> int:
    """Search the index for near-duplicates; return the command's exit code."""
    try:
        with raise_on_signals(), server_access(environment, say) as access:
            return run_module([*DUPLICATES, "sweep", *options], access.search)
    except Interrupted:
        say("interrupted; the same command continues from here")
        return EXIT_INTERRUPTED


def events(environment: Environment, arguments: Sequence[str], say: Say) -> int:
    """Run ``flask events``; return its exit code."""
    try:
        with raise_on_signals(), server_access(environment, say) as access:
            return run_module([*FLASK, "events", *arguments], access.search)
    except Interrupted:
        say("interrupted; what was written so far is not all")
        return EXIT_INTERRUPTED


def experiment(environment: Environment, command: str, arguments: Sequence[str], say: Say) -> int:
    """Run ``flask report`` or ``flask plan``; return its exit code."""
    with raise_on_signals(), server_access(environment, say) as access:
        return run_module([*FLASK, command, *arguments], access.search)


def demo_traffic(environment: Environment, arguments: Sequence[str], say: Say) -> int:
    """Simulate shoppers; return the command's exit code."""
    try:
        with raise_on_signals(), server_access(environment, say) as access:
            return run_module(["ops.demo_traffic", *arguments], access.search)
    except Interrupted:
        say("interrupted; run it again and it goes on")
        return EXIT_INTERRUPTED


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
    return event_erasure.waiting_bytes(folder)


def banks(environment: Environment, arguments: Sequence[str], say: Say) -> int:
    """Run ``flask banks``, whose list may come through a pipe; return its exit code."""
    piped = None if sys.stdin and not sys.stdin.isatty() else subprocess.DEVNULL
    try:
        with raise_on_signals(), server_access(environment, say) as access:
            return run_module([*FLASK, "banks", *arguments], access.search, piped)
    except Interrupted:
        say("interrupted; it is safe to run the same command again")
        return EXIT_INTERRUPTED


def swap_model(environment: Environment, options: Sequence[str], say: Say) -> int:
    """Change the model of the index; return the command's exit code."""
    try:
        with raise_on_signals(), server_access(environment, say) as access:
            return run_module(["indexer", "swap-model", *options], swap_variables(access))
    except Interrupted:
        say("interrupted; the same command continues from here")
        return EXIT_INTERRUPTED


def backfill(environment: Environment, options: Sequence[str], say: Say) -> int:
    """Fill in a feature that the index lacks; return the command's exit code."""
    try:
        with raise_on_signals(), server_access(environment, say) as access:
            return run_module(["indexer", "backfill", *options], swap_variables(access))
    except Interrupted:
        say("interrupted; the same command continues from here")
        return EXIT_INTERRUPTED


def swap_variables(access: ServerAccess) -> dict[str, str]:
    """Return the indexer's variables, and the key for the banks, whose pictures change too."""
    desk = {name: value for name, value in access.search.items() if name.startswith(DESK_KEY)}
    return {**access.indexer, **desk}
