"""Writes files that are never seen half-written."""

import os
import tempfile
from pathlib import Path

PUBLIC_MODE, PRIVATE_MODE = 0o644, 0o600


def write(path: Path, data: bytes, mode: int = PUBLIC_MODE) -> None:
    """Put `data` at `path`, replacing what is there; folders are made as needed.

    Both are made readable for everybody, whatever the umask: what root prepares, an unprivileged
    server must be able to read. A secret is written with the mode PRIVATE.
    """
    make_folder(path.parent)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            os.fchmod(file.fileno(), mode)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def make_folder(folder: Path) -> None:
    """Make the folder and those above it that are missing, enterable for everybody."""
    if not folder.is_dir():
        make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        folder.chmod(0o755)
