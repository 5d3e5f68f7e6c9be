"""The Elasticsearch our programs use: the given server, or the local node with keys of its own."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from core.environment import Environment
from core.progress import Say
from ops import doctor, keys
from ops.checks.finding import Finding, Situation
from ops.errors import NodeFailed, StageFailed
from ops.keys import ApiKeys
from ops.node import Node
from ops.server import Server

SERVER_VARIABLES = (
    "ELASTICSEARCH_",
    "LOOKALIKE_EVENTS_API_KEY",
    "LOOKALIKE_DESK_API_KEY",
    "LOOKALIKE_SHOPPER_API_KEY",
    "LOOKALIKE_WRITER_API_KEY",
)
"""Prefixes of the variables that say where the server is and how to log in to it."""


@dataclass(frozen=True)
class ServerAccess:
    """A server, and the variables with which the web application and the indexer reach it.

    `node` is the local node; None for a server of somebody else's.
    """

    server: Server
    search: Mapping[str, str]
    indexer: Mapping[str, str]
    node: Node | None = None

    @classmethod
    def by_keys(
        cls, environment: Environment, server: Server, api_keys: ApiKeys, node: Node | None = None
    ) -> "ServerAccess":
        """Return an access in which each program has the keys of its own role and no other."""
        return cls(
            server,
            search={
                **child_variables(environment, server.url, api_keys.search),
                "LOOKALIKE_EVENTS_API_KEY": api_keys.events,
                "LOOKALIKE_DESK_API_KEY": api_keys.desk,
                "LOOKALIKE_SHOPPER_API_KEY": api_keys.shoppers,
                "LOOKALIKE_WRITER_API_KEY": api_keys.writer,
            },
            indexer=child_variables(environment, server.url, api_keys.indexer),
            node=node,
        )


@contextmanager
def server_access(environment: Environment, say: Say) -> Iterator[ServerAccess]:
    """Use the given server as it is, or the local node; stop the node if we started it.

    Raises StageFailed where the server cannot be used, NodeFailed and EngineRefused.
    """
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
        yield ServerAccess.by_keys(
            environment, server, keys.ensure(server, index, desk, node.keys_file), node
        )
    finally:
        if not was_running:
            node.stop(say)


def check_server(environment: Environment, server: Server, say: Say) -> None:
    """Raise StageFailed when this server cannot be used."""
    report_faults(doctor.run_checks(Situation(environment, server), doctor.SERVER_CHECKS), say)


def report_faults(findings: list[Finding], say: Say) -> None:
    """Say each fault in a line; raise StageFailed when one of them is blocking."""
    faults = [finding for finding in findings if finding.is_fault]
    for fault in faults:
        say(str(fault))
    if any(fault.is_blocking for fault in faults):
        raise StageFailed("nothing was started: see the line above")


def child_variables(environment: Environment, url: str, api_key: str) -> dict[str, str]:
    """Return the environment of a program that logs in with `api_key` and nothing else."""
    unrelated = {
        name: value
        for name, value in environment.values.items()
        if not name.startswith(SERVER_VARIABLES)
    }
    return {**unrelated, "ELASTICSEARCH_URL": url, "ELASTICSEARCH_API_KEY": api_key}


def count_products(environment: Environment, server: Server) -> int:
    """Return how many products can be searched; 0 when there is no index yet."""
    answer = server.request("GET", f"/{environment.text('LOOKALIKE_INDEX', 'products')}/_count")
    if answer.status == 404:
        return 0
    if answer.status != 200:
        raise NodeFailed(f"the products could not be counted: {answer.reason}")
    return int(answer.body["count"])
