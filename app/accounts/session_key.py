"""The key that signs sessions: given by a setting, or made once in the state folder."""

import secrets
from pathlib import Path

from core.atomic_file import PRIVATE_MODE, write
from core.errors import InvalidSetting
from core.locks import file_lock


def session_key(folder: Path, setting: str) -> bytes:
    """Return the key that signs sessions: `setting`, or one that is created in `folder` once.

    Raises InvalidSetting for a key that could be guessed, also for an empty file.
    """
    if setting:
        return _checked(setting, "LOOKALIKE_SESSION_KEY")
    path = folder / "session.key"
    if not path.exists():
        with file_lock(folder / "session.lock"):
            if not path.exists():
                write(path, secrets.token_hex(32).encode(), PRIVATE_MODE)
    stored = path.read_text(encoding="utf-8").strip()
    return _checked(stored, f"{path} (delete it to get a new one)")


def _checked(key: str, where: str) -> bytes:
    if len(key) < 32 or len(set(key)) < 8:
        raise InvalidSetting(f"{where}: a session key needs at least 32 random characters")
    return key.encode()
