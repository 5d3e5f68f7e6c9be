"""Names every fault in one line, with its cure."""

from collections.abc import Callable
from typing import TypeAlias

from core.environment import Environment
from ops.checks import (
    disk,
    distribution,
    feature_service,
    index,
    java,
    memory,
    ocr,
    plug_ins,
    port,
    server,
    synonyms,
    weights,
)
from ops.checks.finding import Finding, Situation
from ops.node import Node
from ops.server import Server

Check: TypeAlias = Callable[[Situation], Finding]

MACHINE_CHECKS: tuple[Check, ...] = (
    ocr.check,
    weights.check,
    plug_ins.check,
    synonyms.check,
    feature_service.check,
)
"""What lookalike itself needs."""

NODE_CHECKS: tuple[Check, ...] = (java.check, distribution.check, memory.check, disk.check)
"""What the local node needs, and nobody with a server of their own."""

SERVER_CHECKS: tuple[Check, ...] = (server.check, index.check_write_blocks, index.check_health)
"""Checks of an Elasticsearch that runs."""


def current_situation(environment: Environment) -> Situation:
    """Return the situation with the given server, or else the local node if it runs."""
    given = Server.from_env(environment)
    return Situation(environment, given or Node(environment).server())


def checks_before_start(environment: Environment) -> tuple[Check, ...]:
    """Return the checks that need no server: a given server spares those of the node."""
    return MACHINE_CHECKS if Server.from_env(environment) else MACHINE_CHECKS + NODE_CHECKS


def run_checks(situation: Situation, checks: tuple[Check, ...]) -> list[Finding]:
    """Run the checks in order."""
    return [check(situation) for check in checks]


def run_all_checks(environment: Environment) -> list[Finding]:
    """Run every check that means something with these settings."""
    situation = current_situation(environment)
    return run_checks(situation, (port.check, *checks_before_start(environment), *SERVER_CHECKS))
