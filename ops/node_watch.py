"""Keeps the local Elasticsearch node running while the shop is served."""

import time
from collections.abc import Callable

from core.progress import Say
from ops.errors import StageFailed
from ops.node import Node
from ops.server import Server

QUIET_S = 600.0
"""A node that ends again sooner than this has a cause that starting it does not cure."""


class NodeWatch:
    """Starts the local node again where it ended by itself, such as for want of memory.

    `node` is None where somebody else's server is used: then there is nothing to watch.
    """

    def __init__(
        self,
        node: Node | None,
        server: Server,
        say: Say,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._node = node
        self._server = server
        self._say = say
        self._clock = clock
        self._started_at: float | None = None

    def restart_if_ended(self) -> None:
        """See whether the node still runs; where not, start it and wait until it answers.

        Raises StageFailed when it ended twice within QUIET_S, or comes back under another address,
        which the programs that use it do not know; NodeFailed when it does not start.
        """
        if self._node is None or self._node.process() is not None:
            return
        began = self._clock()
        if self._started_at is not None and began - self._started_at < QUIET_S:
            raise StageFailed(
                "Elasticsearch ended again by itself; `make logs` shows its last words. On a "
                "machine with little memory, lower LOOKALIKE_NODE_HEAP_MB"
            )
        self._say(
            "Elasticsearch ended by itself: starting it again. Until it answers, searches are "
            "refused"
        )
        server = self._node.start(self._say)
        self._started_at = self._clock()
        if server.url != self._server.url:
            raise StageFailed(
                f"Elasticsearch is now at {server.url}, because another program took the port of "
                f"{self._server.url}: start the shop again"
            )
        self._say(f"Elasticsearch is back, after {self._started_at - began:.0f} s")
