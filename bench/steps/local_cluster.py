"""A cluster of Elasticsearch nodes on this machine, to be killed and stopped at will.

Its nodes listen on loopback alone and ask for no password; everything is gone at the end.
"""

import os
import signal
import socket
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import psutil

from bench.report import log_progress
from core.environment import Environment
from core.errors import EngineUnavailable, LookalikeError
from features.base import Json
from ops import distribution, jdk, node_config
from ops.node_account import NodeAccount
from ops.node_config import NodeFolders, NodeSettings
from ops.server import Server

HEAP_MB = 512
PATIENCE_S = 400
SERVER_CLASS = "org.elasticsearch.bootstrap.Elasticsearch"
REPLACED = ("node.name", "discovery.type", "http.port", "xpack.security", "path.repo")
"""Beginnings of the local node's own settings that a cluster sets otherwise."""


@dataclass
class ClusterNode:
    """One node: its folders, its two ports and its launcher while it runs."""

    name: str
    folders: NodeFolders
    http: int
    transport: int
    launcher: "subprocess.Popen[bytes] | None" = None

    @property
    def server(self) -> Server:
        """How to reach it."""
        return Server(f"http://127.0.0.1:{self.http}")

    def processes(self) -> list[psutil.Process]:
        """Return its launcher and its server."""
        if self.launcher is None or self.launcher.poll() is not None:
            return []
        with suppress(psutil.NoSuchProcess):
            launcher = psutil.Process(self.launcher.pid)
            return [launcher, *launcher.children(recursive=True)]
        return []

    def send(self, number: int) -> None:
        """Send a signal to both."""
        for process in self.processes():
            with suppress(psutil.NoSuchProcess):
                process.send_signal(number)


@dataclass
class LocalCluster:
    """Three nodes in a folder that the nodes' account can enter. A context manager."""

    folder: Path
    environment: Environment
    heap_mb: int = HEAP_MB
    nodes: list[ClusterNode] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._home = distribution.ensure(self.environment, log_progress)
        self._java = jdk.find(self.environment)
        self._account = NodeAccount.for_node()
        ports = _free_ports(6)
        self.folder.chmod(0o755)
        for number in range(3):
            folders = NodeFolders(self.folder / f"node-{number}" / "node")
            node = ClusterNode(f"n{number}", folders, ports[2 * number], ports[2 * number + 1])
            self.nodes.append(node)
        for node in self.nodes:
            self._configure(node)
            self.start(node)
        self.wait_for("green", 3)
        return self

    def __exit__(self, *_: object) -> None:
        for node in self.nodes:
            node.send(signal.SIGCONT)
            node.send(signal.SIGKILL)
            if node.launcher is not None:
                node.launcher.wait()

    @property
    def addresses(self) -> str:
        """The nodes' addresses, as ELASTICSEARCH_URL takes them."""
        return ",".join(node.server.url for node in self.nodes)

    def request(self, method: str, path: str, body: Json = None) -> Json:
        """Send a request to the first node that answers; raises EngineUnavailable."""
        problem: LookalikeError = EngineUnavailable("no node answers")
        for node in self.nodes:
            try:
                answer = node.server.request(method, path, body, timeout_s=2)
            except EngineUnavailable as error:
                problem = error
                continue
            if answer.status == 200:
                return answer.body
            problem = EngineUnavailable(answer.reason)
        raise problem

    def wait_for(self, colour: str, count: int) -> float:
        """Wait until so many nodes are there and the health is that; return the seconds."""
        began = time.monotonic()
        while time.monotonic() - began < PATIENCE_S:
            with suppress(EngineUnavailable):
                health = self.request("GET", "/_cluster/health")
                if health["number_of_nodes"] == count and health["status"] == colour:
                    return time.monotonic() - began
            time.sleep(0.5)
        raise LookalikeError(f"the cluster was not {colour} with {count} nodes in {PATIENCE_S} s")

    def master(self) -> ClusterNode:
        """Return the elected master."""
        (name,) = [row["node"] for row in self.request("GET", "/_cat/master?format=json")]
        (node,) = [node for node in self.nodes if node.name == name]
        return node

    def stop(self, node: ClusterNode) -> None:
        """End a node as an operator does."""
        node.send(signal.SIGTERM)
        if node.launcher is not None:
            node.launcher.wait()

    def kill(self, node: ClusterNode) -> None:
        """End a node as a power cut does."""
        node.send(signal.SIGKILL)
        if node.launcher is not None:
            node.launcher.wait()

    def start(self, node: ClusterNode) -> None:
        """Start a node, without waiting for it."""
        java = self._java.home / "bin" / "java"
        variables = {
            "PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LANG": "C.UTF-8",
            "HOME": str(node.folders.tmp), "HOSTNAME": "localhost", "ES_HOME": str(self._home),
            "ES_PATH_CONF": str(node.folders.conf), "ES_JAVA_HOME": str(self._java.home),
            "ES_TMPDIR": str(node.folders.tmp), "ES_DISTRIBUTION_TYPE": "tar",
            "JAVA_HOME": str(self._java.home), "JAVA": str(java), "JAVA_TYPE": "ES_JAVA_HOME",
        }  # fmt: skip
        account = self._account
        with (self.folder / f"{node.name}.log").open("ab") as console:
            node.launcher = subprocess.Popen(
                [java, "-Xms4m", "-Xmx64m", "-cp", self._home / distribution.LAUNCHER / "*",
                 "org.elasticsearch.server.launcher.ServerLauncher"],
                cwd=self._home, env=variables, stdin=subprocess.DEVNULL, stdout=console,
                stderr=subprocess.STDOUT, start_new_session=True,
                user=account.uid if account.is_another else None,
                group=account.gid if account.is_another else None,
                extra_groups=[] if account.is_another else None,
            )  # fmt: skip

    def _configure(self, node: ClusterNode) -> None:
        folders = node.folders
        folders.root.parent.mkdir(parents=True)
        folders.make(self._account)
        node_config.write(
            folders, NodeSettings(folders.root, self.heap_mb, node.http), self._home, "-"
        )
        path = folders.conf / "elasticsearch.yml"
        lines = [
            line for line in path.read_text(encoding="utf-8").splitlines()
            if not line.startswith(REPLACED)
        ]  # fmt: skip
        names = ", ".join(other.name for other in self.nodes)
        seeds = ", ".join(f'"127.0.0.1:{other.transport}"' for other in self.nodes)
        lines += [
            f"node.name: {node.name}",
            f"http.port: {node.http}",
            f"transport.port: {node.transport}",
            f"discovery.seed_hosts: [{seeds}]",
            f"cluster.initial_master_nodes: [{names}]",
            "xpack.security.enabled: false",
        ]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        self._account.take_ownership(folders.conf)


def _free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    try:
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [int(each.getsockname()[1]) for each in sockets]
    finally:
        for each in sockets:
            each.close()
