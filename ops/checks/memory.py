"""Is there memory for the local node and for us?"""

from pathlib import Path

import psutil

from ops.checks.finding import Finding, Situation
from ops.node_config import NodeSettings

OVERHEAD_MB = 1200
"""What the node takes beside its heap (measured: 0.3 GB), and two web workers."""

CGROUP = Path("/sys/fs/cgroup")


def check(situation: Situation) -> Finding:
    """Compare what is free with the node's heap and what comes on top."""
    available = available_mb()
    if situation.server:
        return Finding("memory", f"{available} MB free, with Elasticsearch running")
    heap = NodeSettings.from_env(situation.environment).heap_mb
    if available >= heap + OVERHEAD_MB:
        return Finding("memory", f"{available} MB free")
    return Finding(
        "memory",
        f"{available} MB free, but a heap of {heap} MB needs {heap + OVERHEAD_MB} MB in all",
        "close other programs, or set LOOKALIKE_NODE_HEAP_MB lower (512 is enough for the demo)",
    )


def available_mb() -> int:
    """Return what can still be taken, by the machine and by the container we may be in."""
    available = int(psutil.virtual_memory().available)
    try:
        limit = int((CGROUP / "memory.max").read_text(encoding="ascii"))
        stat = (CGROUP / "memory.stat").read_text(encoding="ascii").split()
        available = min(available, limit - int(stat[stat.index("anon") + 1]))
    except (OSError, ValueError):  # no container, or one without a limit ("max")
        pass
    return available // 1_000_000
