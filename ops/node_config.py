"""Writes what the local node is configured by; everything is written anew at every start."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from core.atomic_file import make_folder
from core.environment import Environment
from core.setting import Setting
from ops.credentials import NODE_USER, password_hash
from ops.node_account import NodeAccount

SETTINGS = (
    Setting("LOOKALIKE_NODE_HEAP_MB", "1024", "heap of the local node, in MB"),
    Setting("LOOKALIKE_NODE_PORT", "9200", "first port that the local node tries"),
)


COPIED_FILES = ("jvm.options", "log4j2.properties", "roles.yml", "role_mapping.yml")
"""Taken over from the distribution as they are."""

PORT_ATTEMPTS = 99
"""How many further ports the node tries when the first is taken."""

WATERMARKS_MB = {"low": 1000, "high": 700, "flood_stage": 500}
"""Free space in MB: shares would call a large disk short of space at 85 %."""


@dataclass(frozen=True)
class NodeSettings:
    """Where the local node lives, and how large it is."""

    folder: Path
    heap_mb: int
    port: int

    @classmethod
    def from_env(cls, environment: Environment) -> "NodeSettings":
        """Read LOOKALIKE_NODE_* variables."""
        return cls(
            folder=environment.state_dir() / "node",
            heap_mb=environment.integer("LOOKALIKE_NODE_HEAP_MB", 1024, 256, 31_000),
            port=environment.integer("LOOKALIKE_NODE_PORT", 9200, 1024, 65_535),
        )


@dataclass(frozen=True)
class NodeFolders:
    """The folders of one node, owned by its account."""

    root: Path

    @property
    def conf(self) -> Path:
        """Where its configuration is."""
        return self.root / "conf"

    @property
    def data(self) -> Path:
        """Where its indices are."""
        return self.root / "data"

    @property
    def logs(self) -> Path:
        """Where it logs."""
        return self.root / "logs"

    @property
    def tmp(self) -> Path:
        """Where it keeps what may go when it stops."""
        return self.root / "tmp"

    @property
    def snapshots(self) -> Path:
        """Where its snapshots are: beside its folder, which a reset deletes."""
        return self.root.parent / "snapshots" / "indices"

    def make(self, account: NodeAccount) -> None:
        """Make the folders; those of another account change hands."""
        self.root.mkdir(parents=True, exist_ok=True)
        self.root.chmod(0o755)  # the account must pass through; the secrets in it are 0600
        shutil.rmtree(self.tmp, ignore_errors=True)
        make_folder(self.snapshots.parent)
        for folder in (self.conf, self.data, self.logs, self.tmp, self.snapshots):
            account.make_private(folder)


def write(layout: NodeFolders, settings: NodeSettings, home: Path, password: str) -> None:
    """Write the configuration for the distribution in `home`; the folders must exist."""
    for name in COPIED_FILES:
        shutil.copyfile(home / "config" / name, layout.conf / name)
    (layout.conf / "elasticsearch.yml").write_text(
        elasticsearch_yml(layout, settings.port), encoding="utf-8"
    )
    options = layout.conf / "jvm.options.d"
    options.mkdir(exist_ok=True)
    heap = f"-Xms{settings.heap_mb}m\n-Xmx{settings.heap_mb}m\n"
    (options / "heap.options").write_text(heap, encoding="utf-8")
    users = layout.conf / "users"
    users.touch(mode=0o600)
    users.write_text(f"{NODE_USER}:{password_hash(password)}\n", encoding="utf-8")
    (layout.conf / "users_roles").write_text(f"superuser:{NODE_USER}\n", encoding="utf-8")


def elasticsearch_yml(layout: NodeFolders, port: int) -> str:
    """Return elasticsearch.yml: one node, loopback only, security on, TLS off on loopback."""
    lines = {
        "cluster.name": "lookalike",
        "node.name": "lookalike",
        "discovery.type": "single-node",
        "network.host": "127.0.0.1",
        "http.port": f"{port}-{min(port + PORT_ATTEMPTS, 65_535)}",
        "path.data": f"'{layout.data}'",
        "path.logs": f"'{layout.logs}'",
        "path.repo": f"['{layout.snapshots}']",
        "xpack.security.enabled": "true",
        "xpack.security.autoconfiguration.enabled": "false",
        "xpack.security.authc.reserved_realm.enabled": "false",
        "xpack.security.http.ssl.enabled": "false",
        "xpack.security.transport.ssl.enabled": "false",
        **{
            f"cluster.routing.allocation.disk.watermark.{name}": f"{size}mb"
            for name, size in WATERMARKS_MB.items()
        },
    }
    return "".join(f"{name}: {value}\n" for name, value in lines.items())
