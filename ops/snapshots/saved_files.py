"""The files beside the index that a snapshot takes: pictures, the ledger of changes, and accounts.

A picture's file is named by its content and never changes, so that a hard link saves it without
taking space. Keypoints are left out: they are computed from the thumbnails when they are needed.
"""

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from core.atomic_file import PRIVATE_MODE, make_folder, write
from indexer.ledger.settings import FOLDER as LEDGER

PICTURES = ("media", "shoppers")
"""Folders of thumbnails, and of the photos that shoppers gave."""

ACCOUNTS = ("reviewers.json", "session.key")
"""The desk's accounts, and the key that its sessions are signed with."""


class SavedFiles:
    """Saved copies of the state folder's files, a folder for each snapshot."""

    def __init__(self, state_dir: Path, folder: Path) -> None:
        self._state_dir = state_dir
        self._folder = folder

    def save_records(self, name: str) -> None:
        """Save ledgers and accounts.

        Done before the index: a change that the ledger lacks is made again.
        """
        self._copy_records(self._state_dir, self._folder / name)

    def save_pictures(self, name: str) -> int:
        """Save the pictures; return how many. Done after the index, which names them."""
        return self._link_pictures(self._state_dir, self._folder / name)

    def restore(self, name: str) -> int:
        """Put the files back, leave pictures that are there, and return how many were gone.

        A ledger takes the place of today's, which knows of changes that the index no longer has.
        """
        self._copy_records(self._folder / name, self._state_dir)
        return self._link_pictures(self._folder / name, self._state_dir)

    def has(self, name: str) -> bool:
        """Say whether there are files of a snapshot."""
        return (self._folder / name).is_dir()

    def delete(self, name: str) -> None:
        """Delete the files of a snapshot, if there are any."""
        shutil.rmtree(self._folder / name, ignore_errors=True)

    @staticmethod
    def _copy_records(source: Path, target: Path) -> None:
        for path in sorted((source / LEDGER).glob("*.sqlite3")):
            _copy_database(path, target / LEDGER / path.name)
        for name in ACCOUNTS:
            if (source / name).is_file():
                write(target / name, (source / name).read_bytes(), PRIVATE_MODE)

    @staticmethod
    def _link_pictures(source: Path, target: Path) -> int:
        return sum(_link_all(source / name, target / name) for name in PICTURES)


def _link_all(source: Path, target: Path) -> int:
    """Link or copy the files that `target` lacks; return how many."""
    count = 0
    for path in _files(source):
        copy = target / path.relative_to(source)
        if copy.exists():
            continue
        make_folder(copy.parent)
        try:
            os.link(path, copy)
        except FileNotFoundError:  # deleted meanwhile
            continue
        except OSError:  # another file system
            shutil.copyfile(path, copy)
        count += 1
    return count


def _files(folder: Path) -> Iterator[Path]:
    # A name that begins with a dot is a file that is still being written.
    return (path for path in folder.rglob("*.jpg") if not path.name.startswith("."))


def _copy_database(source: Path, target: Path) -> None:
    """Copy a SQLite file that others may be writing, in place of the one that is there."""
    make_folder(target.parent)
    for ending in ("", "-wal", "-shm"):
        target.with_name(target.name + ending).unlink(missing_ok=True)
    with closing(sqlite3.connect(source)) as there, closing(sqlite3.connect(target)) as here:
        there.backup(here)
