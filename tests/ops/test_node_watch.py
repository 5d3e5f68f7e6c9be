"""The local node ends by itself while the shop is served."""

import pytest

from ops.errors import StageFailed
from ops.node import Node
from ops.node_watch import QUIET_S, NodeWatch
from ops.process_record import survivors
from ops.server import Server
from tests.ops.conftest import Running


def kill(node: Node) -> None:
    """Kill the server as the system does for want of memory; its launcher ends with it."""
    process = node.process()
    assert process is not None
    (server,) = process.children()
    server.kill()
    assert not survivors([process, server], 30)


def test_a_node_that_was_killed_is_started_again_but_not_over_and_over(running: Running) -> None:
    said: list[str] = []
    moment = [0.0]
    server = running.server
    watch = NodeWatch(running.node, server, said.append, lambda: moment[0])
    watch.restart_if_ended()
    assert said == []

    kill(running.node)
    watch.restart_if_ended()
    assert said[0].startswith("Elasticsearch ended by itself")
    assert said[-1].startswith("Elasticsearch is back")
    assert running.server.url == server.url
    assert server.request("GET", "/").status == 200

    kill(running.node)
    try:
        moment[0] = QUIET_S - 1
        with pytest.raises(StageFailed, match="ended again"):
            watch.restart_if_ended()
    finally:
        running.node.start(print)
    watch.restart_if_ended()
    assert server.request("GET", "/").status == 200


def test_the_server_of_somebody_else_is_not_watched() -> None:
    NodeWatch(None, Server("http://127.0.0.1:9"), pytest.fail).restart_if_ended()
