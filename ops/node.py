"""The local Elasticsearch node: one real server on loopback, whose data outlives it."""

import contextlib
import re
import subprocess
import time
from collections import deque
from dataclasses import replace
from pathlib import Path

import psutil

from core.environment import Environment
from core.errors import EngineUnavailable
from core.locks import file_lock
from core.progress import Say
from ops import distribution, jdk, node_config, ports
from ops.credentials import NODE_USER, ensure_password
from ops.errors import NodeFailed
from ops.node_account import NodeAccount
from ops.node_config import NodeFolders, NodeSettings
from ops.process_record import ProcessRecord, terminate
from ops.server import Server

START_PATIENCE_S = 300
"""Twenty times a usual start: a cold disk and a busy machine are no failure."""

STOP_PATIENCE_S = 60

PUBLISHED_ADDRESS = re.compile(r"HttpServerTransport.*publish_address \{127\.0\.0\.1:(\d+)\}")

# What Elasticsearch says when it gives up, and what that means here.
KNOWN_REASONS = {
    "failed to obtain node lock": "another Elasticsearch uses the same data folder; stop it first",
    "Failed to bind": "no free port from LOOKALIKE_NODE_PORT on; set it to another",
    "There is insufficient memory": "the machine has too little memory; "
    "lower LOOKALIKE_NODE_HEAP_MB",
    "No space left on device": "the disk is full",
    "cannot downgrade a node": "its data was written by a newer Elasticsearch; "
    "`make reset` deletes it",
}


class Node:
    """The one node of a state folder. Nothing is read or started before a method is called."""

    def __init__(self, environment: Environment) -> None:
        self.environment = environment
        self.settings = NodeSettings.from_env(environment)
        self._layout = NodeFolders(self.settings.folder)
        self._record = self.settings.folder / "process.json"
        self._console = self._layout.logs / "console.log"
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def data_dir(self) -> Path:
        """Return where its indices are."""
        return self._layout.data

    @property
    def snapshot_dir(self) -> Path:
        """Return where its snapshots are."""
        return self._layout.snapshots

    @property
    def keys_file(self) -> Path:
        """Return where the API keys made on it are kept."""
        return self.settings.folder / "keys.json"

    def process(self) -> psutil.Process | None:
        """Return the running process, or None; a stale record counts for nothing."""
        if self._child:
            self._child.poll()
        record = ProcessRecord.load(self._record)
        return record.process() if record else None

    def server(self) -> Server | None:
        """Return how to reach the node, or None while it does not run or is not there yet."""
        record = ProcessRecord.load(self._record)
        if record is None or self.process() is None or not record.port:
            return None
        url = f"http://{ports.LOOPBACK}:{record.port}"
        return Server(url, NODE_USER, ensure_password(self.settings.folder))

    def start(self, say: Say) -> Server:
        """Start the node unless it runs, and return how to reach it once it answers.

        Raises NodeFailed with the reason and what to do.
        """
        with file_lock(self.settings.folder / "lock"):
            if self.process():
                server = self._ready()
                say(f"the Elasticsearch node runs already, at {server.url}")
                return server
            home = distribution.ensure(self.environment, say)
            java = jdk.find(self.environment)
            account = NodeAccount.for_node()
            account.require_access(self.settings.folder.parent, "LOOKALIKE_STATE_DIR")
            account.require_access(home, "LOOKALIKE_CACHE_DIR or ES_HOME")
            account.require_access(java.home, "JAVA_HOME")
            say(f"starting Elasticsearch (Java {java.version})")
            self._layout.make(account)
            node_config.write(
                self._layout, self.settings, home, ensure_password(self.settings.folder)
            )
            account.take_ownership(self._layout.conf)
            self._launch(home, java.home, account)
            return self._ready()

    def stop(self, say: Say) -> bool:
        """Stop the node and wait for it; returns False when it did not run."""
        process = self.process()
        if process is None:
            self._record.unlink(missing_ok=True)
            return False
        say("stopping Elasticsearch")
        if not terminate(process, STOP_PATIENCE_S):
            say(f"it did not stop within {STOP_PATIENCE_S} s and was killed; its data is safe")
        self._record.unlink(missing_ok=True)
        if self._child:
            # The launcher ends a moment after its server; until then it counts as running.
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._child.wait(STOP_PATIENCE_S)
        return True

    def log_tail(self, lines: int) -> list[str]:
        """Return the last lines of the server's log, [] before its first start."""
        for path in (self._layout.logs / "lookalike.log", self._console):
            if path.exists() and path.stat().st_size:
                with path.open(encoding="utf-8", errors="replace") as file:
                    return [line.rstrip("\n") for line in deque(file, lines)]
        return []

    def _launch(self, home: Path, java_home: Path, account: NodeAccount) -> None:
        """Start the launcher, which the distribution for Linux would call from a shell script."""
        java = java_home / "bin" / "java"
        classes = home / distribution.LAUNCHER / "*"
        variables = {
            "PATH": self.environment.text("PATH", "/usr/bin:/bin"),
            "LANG": "C.UTF-8",
            "HOME": str(self._layout.tmp),
            "HOSTNAME": "localhost",
            "ES_HOME": str(home),
            "ES_PATH_CONF": str(self._layout.conf),
            "ES_JAVA_HOME": str(java_home),
            "ES_TMPDIR": str(self._layout.tmp),
            "ES_DISTRIBUTION_TYPE": "tar",
            "JAVA_HOME": str(java_home),
            "JAVA": str(java),
            "JAVA_TYPE": "ES_JAVA_HOME",
        }
        if self._child:
            self._child.wait()  # it has ended; this lets the system forget it
        with self._console.open("wb") as console:
            self._child = subprocess.Popen(
                [
                    *(java, "-Xms4m", "-Xmx64m", "-cp", classes),
                    "org.elasticsearch.server.launcher.ServerLauncher",
                ],
                cwd=home,
                env=variables,
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C is for us, who then stop it in order
                user=account.uid if account.is_another else None,
                group=account.gid if account.is_another else None,
                extra_groups=[] if account.is_another else None,
            )
        created = psutil.Process(self._child.pid).create_time()
        ProcessRecord(self._child.pid, created, port=0).save(self._record)

    def _ready(self) -> Server:
        """Wait until the node answers and its indices are at least yellow."""
        until = time.monotonic() + START_PATIENCE_S
        while time.monotonic() < until:
            if self.process() is None:
                self._record.unlink(missing_ok=True)
                raise NodeFailed(f"Elasticsearch did not start: {self._last_words()}")
            self._note_port()
            server = self.server()
            if server and self._answers(server):
                return server
            time.sleep(0.2)
        raise NodeFailed(
            f"Elasticsearch was not ready within {START_PATIENCE_S} s; see `make logs` or "
            f"{self._layout.logs}"
        )

    def _note_port(self) -> None:
        """Record the port that the node has taken: it chooses the first free one itself.

        Were we to choose, somebody else could take the port before it does, and answer us.
        """
        record = ProcessRecord.load(self._record)
        if record and not record.port and (found := PUBLISHED_ADDRESS.search(self._console_text())):
            replace(record, port=int(found[1])).save(self._record)

    def _answers(self, server: Server) -> bool:
        try:
            answer = server.request("GET", "/_cluster/health?wait_for_status=yellow&timeout=5s")
        except EngineUnavailable:
            return False
        if answer.status == 401:
            raise NodeFailed(
                "the running node does not take our password; "
                "`make down`, then start it again: both are then written anew"
            )
        return answer.status == 200

    def _console_text(self) -> str:
        try:
            return self._console.read_text(encoding="utf-8", errors="replace")
        except FileNotFoundError:
            return ""

    def _last_words(self) -> str:
        """Return why the node ended: a known reason, or the last line worth reading."""
        # The console's log begins anew at every start; the server's own also holds old quarrels.
        lines = self._console_text().splitlines()
        for line in reversed(lines):
            for sign, meaning in KNOWN_REASONS.items():
                if sign in line:
                    return meaning
        relevant = [line for line in lines if "ERROR" in line or "Exception" in line] or lines
        reason = relevant[-1].strip()[:300] if relevant else "it printed nothing"
        return f"{reason} ({self._layout.logs})"
