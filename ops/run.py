"""From nothing to a searchable shop, in the foreground; what it started ends with it."""

import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from core.environment import Environment
from core.errors import EngineUnavailable
from core.progress import Say
from ops import desk_account, doctor, keys
from ops.checks import port
from ops.checks.finding import Finding, Situation
from ops.checks.port import APPLICATION, app_address
from ops.child_process import Interrupted, raise_on_signals, run_module, running_module
from ops.errors import NodeFailed
from ops.node import Node
from ops.ports import LOOPBACK
from ops.server import Server
from ops.supervised_process import SupervisedProcess

READY_PATIENCE_S = 60

SERVER_VARIABLES = (
    "ELASTICSEARCH_",
    "LOOKALIKE_EVENTS_API_KEY",
    "LOOKALIKE_DESK_API_KEY",
    "LOOKALIKE_SHOPPER_API_KEY",
)
"""How the variables begin that say where the server is and how to log in to it."""

DESK_KEY = "LOOKALIKE_DESK_API_KEY"
"""What may write the banks, whose pictures get another model as well."""

FLASK = ("flask", "--app", "app.wsgi")
DUPLICATES = (*FLASK, "duplicates")
POLL_S = 0.5
EXIT_INTERRUPTED = 130

EXIT_SOME_REJECTED = 1
"""The indexer's exit code when a part of the feed could not be used."""


class StageFailed(Exception):
    """A stage of the run ended badly; what it printed says more."""


@dataclass(frozen=True)
class ServerAccess:
    """The server this run uses, and the variables each of our programs gets for it."""

    server: Server
    search: Mapping[str, str]
    indexer: Mapping[str, str]


def run(environment: Environment, say: Say) -> None:
    """Bring everything up and serve until interrupted.

    Raises StageFailed and LookalikeErrors such as NodeFailed, each saying what to do.
    """
    try:
        with raise_on_signals():
            situation = doctor.current_situation(environment)
            report_faults(doctor.run_checks(situation, (port.check_free,)), say)
            report_faults(
                doctor.run_checks(situation, doctor.checks_before_start(environment)), say
            )
            with server_access(environment, say) as used:
                prepare_index(environment, used, say)
                serve(environment, used, say)
    except Interrupted:
        say("stopped")


def report_faults(findings: list[Finding], say: Say) -> None:
    """Say each fault in a line; raise StageFailed when one of them is blocking."""
    faults = [finding for finding in findings if finding.is_fault]
    for fault in faults:
        say(str(fault))
    if any(fault.is_blocking for fault in faults):
        raise StageFailed("nothing was started: see the line above")


@contextmanager
def server_access(environment: Environment, say: Say) -> Iterator[ServerAccess]:
    """Use the given server as it is, or the local node; stop the node if we started it."""
    if server := Server.from_env(environment):
        say(f"using the Elasticsearch at {server.url}")
        check_server(environment, server, say)
        yield ServerAccess(server, environment.values, environment.values)
        return
    node = Node(environment)
    was_running = node.process() is not None
    try:
        server = node.start(say)
        check_server(environment, server, say)
        index = environment.text("LOOKALIKE_INDEX", "products")
        desk = environment.text("LOOKALIKE_DESK_INDEX", "lookalike")
        made = keys.ensure(server, index, desk, node.keys_file)
        reading = child_variables(environment, server.url, made.search)
        yield ServerAccess(
            server,
            search={
                **reading,
                "LOOKALIKE_EVENTS_API_KEY": made.events,
                "LOOKALIKE_DESK_API_KEY": made.desk,
                "LOOKALIKE_SHOPPER_API_KEY": made.shoppers,
            },
            indexer=child_variables(environment, server.url, made.indexer),
        )
    finally:
        if not was_running:
            node.stop(say)


def check_server(environment: Environment, server: Server, say: Say) -> None:
    """Raise StageFailed when this server cannot be used."""
    report_faults(doctor.run_checks(Situation(environment, server), doctor.SERVER_CHECKS), say)


def child_variables(environment: Environment, url: str, api_key: str) -> dict[str, str]:
    """Return the environment of a program that logs in with `api_key` and nothing else."""
    ours = {
        name: value
        for name, value in environment.values.items()
        if not name.startswith(SERVER_VARIABLES)
    }
    return {**ours, "ELASTICSEARCH_URL": url, "ELASTICSEARCH_API_KEY": api_key}


def prepare_index(environment: Environment, used: ServerAccess, say: Say) -> None:
    """Convert the embedding model if need be, and fill the index if it is empty or told to."""
    say("preparing the embedding model")
    if code := run_module(["features.embedding.convert"], environment.values):
        raise StageFailed(f"the embedding model could not be prepared (exit code {code})")
    feed, held = environment.text("FEED"), count_products(environment, used.server)
    if feed:
        say(f"loading {feed}")
        if held:
            say(
                f"it joins the {held} products there; to replace them: make load REBUILD=yes FEED=…"
            )
        run_indexer(["indexer", "load", feed], used, say)
    elif not held:
        say("the index is empty: loading the demo catalogue")
        run_indexer(["indexer", "demo"], used, say)


def load_feed(environment: Environment, feed: str, rebuild: bool, say: Say) -> None:
    """Load a feed into the server `run` uses; it may be running, and is left as it was found.

    Raises StageFailed and LookalikeErrors, each saying what to do.
    """
    with raise_on_signals(), server_access(environment, say) as used:
        run_indexer(["indexer", "load", feed, *(["--rebuild"] if rebuild else [])], used, say)


def sweep(environment: Environment, options: Sequence[str], say: Say) -> int:
    """Sweep the server `run` uses for near-duplicates; return the sweep's exit code.

    The server may be running, and is left as it was found.
    """
    try:
        with raise_on_signals(), server_access(environment, say) as used:
            return run_module([*DUPLICATES, "sweep", *options], used.search)
    except Interrupted:
        say("interrupted; the same command goes on from here")
        return EXIT_INTERRUPTED


def banks(environment: Environment, arguments: Sequence[str], say: Say) -> int:
    """Run ``flask banks`` on the server `run` uses; return its exit code.

    A list may come through a pipe. The server may be running, and is left as it was found.
    """
    piped = None if sys.stdin and not sys.stdin.isatty() else subprocess.DEVNULL
    try:
        with raise_on_signals(), server_access(environment, say) as used:
            return run_module([*FLASK, "banks", *arguments], used.search, piped)
    except Interrupted:
        say("interrupted; the same command again does no harm")
        return EXIT_INTERRUPTED


def swap_model(environment: Environment, options: Sequence[str], say: Say) -> int:
    """Change the model of the server `run` uses; return the command's exit code.

    The server may be running, and is left as it was found.
    """
    try:
        with raise_on_signals(), server_access(environment, say) as used:
            desk = {k: v for k, v in used.search.items() if k.startswith(DESK_KEY)}
            return run_module(["indexer", "swap-model", *options], {**used.indexer, **desk})
    except Interrupted:
        say("interrupted; the same command goes on from here")
        return EXIT_INTERRUPTED


def run_indexer(command: list[str], used: ServerAccess, say: Say) -> None:
    """Run the indexer; raises StageFailed unless at least a part of the feed went in."""
    code = run_module(command, used.indexer)
    if code == EXIT_SOME_REJECTED:
        say("a part of the feed was rejected: see rejects.jsonl")
    elif code:
        raise StageFailed(f"the feed could not be loaded (exit code {code})")


def count_products(environment: Environment, server: Server) -> int:
    """Return how many products the index holds; 0 when there is no index yet."""
    answer = server.request("GET", f"/{environment.text('LOOKALIKE_INDEX', 'products')}/_count")
    if answer.status == 404:
        return 0
    if answer.status != 200:
        raise NodeFailed(f"the products could not be counted: {answer.reason}")
    return int(answer.body["count"])


def serve(environment: Environment, used: ServerAccess, say: Say) -> None:
    """Run the web server until it ends; raises StageFailed when it does so by itself."""
    host, number = app_address(environment)
    package = find_spec("app")
    if package is None or package.origin is None:
        raise StageFailed("the package `app` is not installed; `make install`")
    settings = Path(package.origin).with_name("gunicorn_conf.py")
    bind = f"[{host}]:{number}" if ":" in host else f"{host}:{number}"
    say("starting the web server")
    command = ["gunicorn", "-c", str(settings), "--bind", bind, APPLICATION]
    with running_module(command, used.search) as process:
        wait_until_ready(process, host, number)
        shown = "localhost" if host in (LOOPBACK, "0.0.0.0", "::", "::1") else host  # noqa: S104
        say(f"lookalike is at http://{shown}:{number}")
        secret = desk_account.ensure_first_account(environment)
        key = (
            f"; sign in as {desk_account.FIRST_ACCOUNT}, with the password in {secret}"
            if secret
            else ""
        )
        say(f"its trust desk is at http://{shown}:{number}/trust{key}")
        following = (*DUPLICATES, "follow")
        with SupervisedProcess("the duplicate watch", following, used.search, say) as follower:
            while (code := process.poll()) is None:
                follower.restart_if_ended()
                time.sleep(POLL_S)
    raise StageFailed(f"the web server ended by itself (exit code {code}); see the lines above")


def wait_until_ready(process: subprocess.Popen[bytes], host: str, number: int) -> None:
    """Wait until /readyz answers 200; raises StageFailed when that takes too long."""
    reached = LOOPBACK if host in ("0.0.0.0", "::") else host  # noqa: S104
    site = Server(
        f"http://[{reached}]:{number}" if ":" in reached else f"http://{reached}:{number}"
    )
    until = time.monotonic() + READY_PATIENCE_S
    said = "nothing"
    while time.monotonic() < until:
        if process.poll() is not None:
            raise StageFailed(f"the web server did not start (exit code {process.returncode})")
        try:
            answer = site.request("GET", "/readyz", timeout_s=5)
            if answer.status == 200:
                return
            said = f"HTTP {answer.status}: {answer.reason}"
        except EngineUnavailable:
            pass
        time.sleep(0.2)
    raise StageFailed(f"not ready within {READY_PATIENCE_S} s; /readyz says {said}")
