"""Deletes what lookalike keeps on this machine; downloads and converted models stay."""

import shutil
from pathlib import Path

from core.environment import Environment

DATA_FOLDERS = (
    "demo", "keypoints", "ledger", "loads", "media", "node", "queries", "shoppers", "spool", "sync",
)  # fmt: skip
"""The folders of state_dir(). Named, because a person may point LOOKALIKE_STATE_DIR anywhere."""


def existing_folders(environment: Environment) -> list[Path]:
    """Return the folders that exist."""
    folders = (environment.state_dir() / name for name in DATA_FOLDERS)
    return [folder for folder in folders if folder.exists()]


def delete(folders: list[Path]) -> None:
    """Delete them with all they hold."""
    for folder in folders:
        shutil.rmtree(folder)
