"""Can the index be read and written?"""

from core.environment import Environment
from core.errors import EngineUnavailable
from features.base import Json
from ops.checks.finding import Finding, Situation
from ops.server import Server

WRITE_BLOCKS = ("read_only", "read_only_allow_delete", "write")

# Both leave searches possible, at least in part: they are reported, and do not prevent a start.
BLOCKS_START = False


def check_write_blocks(situation: Situation) -> Finding:
    """Look for a read-only block on the cluster or on our indices."""
    if situation.server is None:
        return Finding("writes", "not checked: no server runs")
    pattern = index_pattern(situation.environment)
    path = f"/{pattern}/_settings/index.blocks.*?flat_settings=true"
    found = get_if_answered(situation.server, path)
    for index, content in (found or {}).items():
        for block in WRITE_BLOCKS:
            if content["settings"].get(f"index.blocks.{block}") == "true":
                return Finding(
                    "writes",
                    f"index {index} is blocked ({block})",
                    "free disk space if it is short, then PUT "
                    f'/{index}/_settings {{"index.blocks.{block}": null}}',
                    BLOCKS_START,
                )
    cluster = get_if_answered(situation.server, "/_cluster/settings?flat_settings=true") or {}
    for kind in ("persistent", "transient"):
        for block in ("read_only", "read_only_allow_delete"):
            if cluster.get(kind, {}).get(f"cluster.blocks.{block}") == "true":
                return Finding(
                    "writes",
                    f"the whole cluster is blocked ({block})",
                    f'PUT /_cluster/settings {{"{kind}": {{"cluster.blocks.{block}": null}}}}',
                    BLOCKS_START,
                )
    if found is None:
        return Finding("writes", "not checked: the server does not answer")
    return Finding("writes", f"{pattern} is open for writing")


def check_health(situation: Situation) -> Finding:
    """Look for an index that has lost a shard."""
    if situation.server is None:
        return Finding("health", "not checked: no server runs")
    pattern = index_pattern(situation.environment)
    found = get_if_answered(
        situation.server, f"/_cluster/health/{pattern}?level=indices&timeout=1s"
    )
    if found is None:
        return Finding("health", "not checked: the server does not answer")
    lost = [name for name, part in found["indices"].items() if part["status"] == "red"]
    if not lost:
        return Finding("health", f"{pattern} is {found['status']}")
    return Finding(
        "health",
        f"index {', '.join(lost)} is red: part of it is missing",
        "GET /_cluster/allocation/explain says why; bring the missing node or disk back, "
        "restore a snapshot, or delete the index and load the feed again",
        BLOCKS_START,
    )


def index_pattern(environment: Environment) -> str:
    """Return the pattern that covers the versions of our index."""
    return environment.text("LOOKALIKE_INDEX", "products") + "*"


def get_if_answered(server: Server, path: str) -> Json | None:
    """Return the answer's body, or None when there is none to be had: `server` tells why."""
    try:
        answer = server.request("GET", path, timeout_s=5)
    except EngineUnavailable:
        return None
    return answer.body if answer.status in (200, 408) else None
