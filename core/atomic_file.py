"""Writes files so that no reader ever finds half of one."""

import os
import tempfile
from pathlib import Path

PUBLIC_MODE, PRIVATE_MODE = 0o644, 0o600


def write(path: Path, data: bytes, mode: int = PUBLIC_MODE) -> None:
    """Write `data` to `path`, replacing what is there; missing folders are made.

    File and folders are readable for everybody, whatever the umask: an unprivileged server must be
    able to read what root prepares. A secret is written with PRIVATE_MODE.
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
    """Make the folder and those above it that are missing; everybody may enter them."""
    if not folder.is_dir():
        make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        folder.chmod(0o755)
