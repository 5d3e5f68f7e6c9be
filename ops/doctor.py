"""Names every fault in one plain line with its cure."""

from collections.abc import Callable
from typing import TypeAlias

from core.environment import Environment
from ops.checks import (
    disk,
    distribution,
    index,
    java,
    memory,
    port,
    server,
    tesseract,
    weights,
)
from ops.checks.finding import Finding, Situation
from ops.node import Node
from ops.server import Server

Check: TypeAlias = Callable[[Situation], Finding]

HERE: tuple[Check, ...] = (tesseract.check, weights.check)
"""What lookalike itself needs."""

FOR_NODE: tuple[Check, ...] = (java.check, distribution.check, memory.check, disk.check)
"""What the local node needs, and nobody with a server of their own."""

OF_SERVER: tuple[Check, ...] = (server.check, index.blocked, index.red)
"""What can be asked of an Elasticsearch that runs."""


def situation_now(environment: Environment) -> Situation:
    """Return the situation with the given server, or else the local node if it runs."""
    given = Server.given(environment)
    return Situation(environment, given or Node(environment).server())


def machine_checks(environment: Environment) -> tuple[Check, ...]:
    """Return the checks that need no server: a server of one's own spares the node's."""
    return HERE if Server.given(environment) else HERE + FOR_NODE


def examine(situation: Situation, checks: tuple[Check, ...]) -> list[Finding]:
    """Run the checks in order."""
    return [check(situation) for check in checks]


def examine_all(environment: Environment) -> list[Finding]:
    """Run every check that means something with these settings."""
    situation = situation_now(environment)
    return examine(situation, (port.check, *machine_checks(environment), *OF_SERVER))
