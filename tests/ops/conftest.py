"""One local node, shared by the tests of this folder; each leaves it running."""

import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

import pytest

from ops.node import Node
from ops.server import Server
from tests.conftest import node_environment


@dataclass(frozen=True)
class Running:
    """A node started beside a listener on the port it would have liked."""

    node: Node
    taken_port: int
    start_s: float
    start_cpu_s: float

    @property
    def server(self) -> Server:
        """How to reach it now."""
        server = self.node.server()
        assert server is not None
        return server


@pytest.fixture(scope="session")
def running(state_folder: Path) -> Iterator[Running]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        taken = listener.getsockname()[1]
        environment = node_environment(state_folder / "own", LOOKALIKE_NODE_PORT=str(taken))
        node = Node(environment)
        try:
            began = monotonic()
            node.start(print)
            start_s = monotonic() - began
            yield Running(node, taken, start_s, cpu_s(node))
        finally:
            node.stop(print)


def cpu_s(node: Node) -> float:
    """Return the processor time that the node has used since it was started."""
    process = node.process()
    assert process is not None
    times = [member.cpu_times() for member in (process, *process.children(recursive=True))]
    return sum(time.user + time.system for time in times)
