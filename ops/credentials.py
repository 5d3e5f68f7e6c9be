"""The local node's own password: made once, stored in a file that only we can read."""

import base64
import hashlib
import os
import secrets
import tempfile
from pathlib import Path

NODE_USER = "lookalike"

ITERATIONS = 10_000
"""Elasticsearch's default for PBKDF2; the password is random, so guessing it is hopeless anyway."""


def ensure_password(folder: Path) -> str:
    """Return the password stored in `folder`, making it first where there is none."""
    path = folder / "password"
    if not (password := read_secret(path)):
        password = secrets.token_urlsafe(32)
        save_secret(path, password)
    return password


def password_hash(password: str) -> str:
    """Return the line Elasticsearch's file realm keeps: PBKDF2 with HMAC-SHA512, 256 bits."""
    salt = secrets.token_bytes(32)
    key = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, ITERATIONS, dklen=32)
    return f"{{PBKDF2}}{ITERATIONS}${_base64(salt)}${_base64(key)}"


def save_secret(path: Path, text: str) -> None:
    """Write a file of mode 0600, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent)  # mkstemp makes it 0600
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    Path(name).replace(path)


def read_secret(path: Path) -> str:
    """Return what the file holds, or '' when it is not there."""
    try:
        return path.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return ""


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
