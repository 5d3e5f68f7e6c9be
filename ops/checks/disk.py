"""Is there room on the disk?"""

import shutil
from pathlib import Path

from ops import distribution
from ops.checks.finding import Finding, Situation
from ops.node_config import WATERMARKS_MB

FETCH_MB = 1300
"""The archive (947 MB), what is unpacked of it (206 MB), and some air."""

DATA_MB = WATERMARKS_MB["low"] + 500


def check(situation: Situation) -> Finding:
    """Compare what is free with what a fetch and a small index take."""
    environment = situation.environment
    needs = {environment.state_dir(): (DATA_MB, "LOOKALIKE_STATE_DIR")}
    here = environment.text("ES_HOME") or distribution.is_whole(
        distribution.cached_home(environment)
    )
    if not here:
        needs[environment.cache_dir()] = (FETCH_MB, "LOOKALIKE_CACHE_DIR")
    for folder, (needed, setting) in needs.items():
        free = free_mb(folder)
        if free < needed:
            return Finding(
                "disk",
                f"{free} MB free for {folder}, {needed} MB needed",
                f"make room there, or choose another place with {setting}",
            )
    return Finding("disk", f"{free_mb(environment.state_dir())} MB free")


def free_mb(folder: Path) -> int:
    """Return the free space where `folder` is, or will be."""
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free // 1_000_000
