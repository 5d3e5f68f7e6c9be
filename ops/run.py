"""From nothing to a searchable shop, in the foreground; what it started ends with it.

What does not depend on each other runs at the same time: the node starts while the model is
converted, and the web server starts while the first products are loaded. The shop is announced
once they can be searched; the rest is loaded behind it.
"""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from core.environment import Environment
from core.progress import Say
from features.embedding.model_choice import ModelChoice
from ops import desk_account, doctor
from ops.checks import port
from ops.child_process import Interrupted, raise_on_signals, run_module, running_module
from ops.demo_state import is_demo_desk_due
from ops.errors import NodeFailed, StageFailed
from ops.index_load import BackgroundLoad, choose_load, run_load
from ops.maintenance import DUPLICATES
from ops.node_watch import NodeWatch
from ops.server_access import ServerAccess, count_products, report_faults, server_access
from ops.supervised_process import SupervisedProcess
from ops.web_server import WebServer, web_server

CONVERSION = ("features.embedding.convert",)

DEMO_DESK = ("ops.demo_desk",)

FIRST_PRODUCTS_S = 60
"""How long the announcement waits for the first products; a feed on the web may take longer."""

POLL_S = 0.5

FOLLOWER_PATIENCE_S = 2
"""A sweep can be killed at any moment and goes on where it was; a batch of it takes half a minute,
which nobody waits for after Ctrl-C."""


def run(environment: Environment, say: Say) -> None:
    """Bring everything up and serve until interrupted.

    Raises StageFailed and LookalikeErrors such as NodeFailed, each saying what to do.
    """
    try:
        with raise_on_signals():
            situation = doctor.current_situation(environment)
            report_faults(doctor.run_checks(situation, (port.check_free,)), say)
            checks = doctor.checks_before_start(environment)
            report_faults(doctor.run_checks(situation, checks), say)
            with converted_model(environment), server_access(environment, say) as access:
                serve(environment, access, say)
    except Interrupted:
        say("stopped; the next `make run` continues from here")


@contextmanager
def converted_model(environment: Environment) -> Iterator[None]:
    """Convert the embedding model, unless it is there, while the block begins its work.

    Raises StageFailed when the block is left and the model could not be converted.
    """
    if ModelChoice.from_env(environment).is_ready():
        yield
        return
    with running_module(CONVERSION, environment.values):
        yield


def wait_for_model(environment: Environment) -> None:
    """Wait for the conversion that runs, or convert the model; raises StageFailed."""
    if ModelChoice.from_env(environment).is_ready():
        return
    if code := run_module(CONVERSION, environment.values):
        raise StageFailed(f"the embedding model could not be prepared (exit code {code})")


def prepare_index(environment: Environment, access: ServerAccess, say: Say) -> None:
    """Convert the embedding model if need be, and fill the index if it is empty or told to."""
    wait_for_model(environment)
    if arguments := choose_load(environment, access, say):
        run_load(arguments, access, say)


def serve(environment: Environment, access: ServerAccess, say: Say) -> None:
    """Serve the shop and load what is to be loaded; raises StageFailed when the server ends."""
    wait_for_model(environment)
    arguments = choose_load(environment, access, say)
    say("starting the web server")
    with (
        BackgroundLoad(arguments, environment, access, say) as load,
        web_server(environment, access) as web,
    ):
        wait_for_first_products(environment, access, load, web)
        announce(environment, access, load, web, say)
        load.step_back()
        watch(environment, access, load, web, say)


def wait_for_first_products(
    environment: Environment, access: ServerAccess, load: BackgroundLoad, web: WebServer
) -> None:
    """Wait until searches are answered and find something, or the load has ended.

    Raises StageFailed when nothing can be loaded or the web server does not start.
    """
    # Until the load has made the index, there is nothing the web server could be ready for.
    while load.is_running and web.refusal():
        time.sleep(POLL_S)
    load.finish()
    web.wait_until_ready()
    until = time.monotonic() + FIRST_PRODUCTS_S
    while load.is_running and time.monotonic() < until and not has_products(environment, access):
        time.sleep(POLL_S)


def has_products(environment: Environment, access: ServerAccess) -> bool:
    """Return whether a search can find anything; an index whose shards still start has nothing."""
    try:
        return count_products(environment, access.server) > 0
    except NodeFailed:
        return False


def announce(
    environment: Environment, access: ServerAccess, load: BackgroundLoad, web: WebServer, say: Say
) -> None:
    """Say where the shop is, and how to sign in to its trust desk."""
    more = "; the others follow" if load.is_running else ""
    products = count_products(environment, access.server)
    say(f"lookalike is at {web.address}, with {products} products{more}")
    path = desk_account.ensure_first_account(environment)
    user = desk_account.FIRST_ACCOUNT
    hint = f"; sign in as {user}, with the password in {path}" if path else ""
    say(f"its trust desk is at {web.address}/trust{hint}")


def watch(
    environment: Environment, access: ServerAccess, load: BackgroundLoad, web: WebServer, say: Say
) -> None:
    """Watch the web server until it ends, which raises StageFailed, and the local node.

    New products are followed for duplicates once the load has ended: both at once would be slow.
    The demo shop's desk gets its first decisions once the cases are there.
    """
    with ExitStack() as stack:
        follower: SupervisedProcess | None = None
        node = NodeWatch(access.node, access.server, say)
        while (code := web.process.poll()) is None:
            node.restart_if_ended()
            if follower is not None:
                follower.restart_if_ended()
            elif not load.is_running:
                try:
                    load.finish()
                except StageFailed as error:
                    say(f"{error}; the shop goes on with the products it has")
                if is_demo_desk_due(environment):
                    stack.enter_context(running_module(DEMO_DESK, access.search))
                command = (*DUPLICATES, "follow")
                follower = stack.enter_context(
                    SupervisedProcess(
                        "the duplicate watch", command, access.search, say, FOLLOWER_PATIENCE_S
                    )
                )
            time.sleep(POLL_S)
    raise StageFailed(f"the web server ended by itself (exit code {code}); see the lines above")
