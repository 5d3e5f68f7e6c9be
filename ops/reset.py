"""Deletes what lookalike keeps on this machine; downloads and converted models stay."""

import shutil
from pathlib import Path

from core.environment import Environment

KEPT = ("demo", "media", "node", "queries", "spool")
"""The folders of state_dir(). Named, because a person may point LOOKALIKE_STATE_DIR anywhere."""


def kept(environment: Environment) -> list[Path]:
    """Return the folders that exist."""
    folders = (environment.state_dir() / name for name in KEPT)
    return [folder for folder in folders if folder.exists()]


def delete(folders: list[Path]) -> None:
    """Delete them with all they hold."""
    for folder in folders:
        shutil.rmtree(folder)
