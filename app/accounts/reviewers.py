"""Who may sit at the trust desk: accounts in one private file, passwords as argon2id.

The file is read anew whenever it changes, so a removal or a new password counts at once, in every
worker. Each password has a stamp of its own; a session that carries another one has ended.
"""

import json
import re
import secrets
import threading
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from core.atomic_file import PRIVATE_MODE, write
from core.errors import Busy, InvalidQuery, InvalidSetting, NotFound
from core.locks import file_lock
from features.base import Json

REVIEWER, ADMIN = "reviewer", "admin"
ROLES = (REVIEWER, ADMIN)
"""Admins may also change the banks; nothing else sets them apart."""

NAME = re.compile(r"\w[\w.@+-]{0,63}")
MIN_PASSWORD_LENGTH, MAX_PASSWORD_LENGTH = 12, 256
"""Characters of a password; NIST SP 800-63B asks for room for 64 at least."""

MAX_PARALLEL_HASHES = 2
"""Passwords hashed at the same time in one worker: each takes 64 MiB (RFC 9106, second choice)."""

MAX_WAIT_S = 2.0


@dataclass(frozen=True)
class Reviewer:
    """One account. `stamp` changes with the password."""

    name: str
    role: str
    added_at: str
    stamp: str = field(repr=False)
    password_hash: str = field(repr=False)

    @property
    def is_admin(self) -> bool:
        """Say whether this account may change the banks."""
        return self.role == ADMIN


class Reviewers:
    """The accounts in `folder`. Safe between threads and processes."""

    def __init__(self, folder: Path, hasher: PasswordHasher | None = None) -> None:
        self._path = folder / "reviewers.json"
        self._lock = folder / "reviewers.lock"
        self._hasher = hasher or PasswordHasher()
        self._turns = threading.BoundedSemaphore(MAX_PARALLEL_HASHES)
        self._read: tuple[object, dict[str, Reviewer]] = (None, {})
        # What a name that nobody has is compared with, so that it takes as long as any other.
        self._nobody: str | None = None

    def list_all(self) -> tuple[Reviewer, ...]:
        """Return every account, by name."""
        return tuple(sorted(self._accounts().values(), key=lambda one: one.name))

    def find(self, name: str) -> Reviewer | None:
        """Return the account of this name, or None."""
        return self._accounts().get(name)

    def add(self, name: str, password: str, role: str = REVIEWER) -> Reviewer:
        """Make an account. Raises InvalidQuery for a bad or taken name, password or role."""
        name = normalise_name(name)
        if not NAME.fullmatch(name):
            raise InvalidQuery("a name is 1 to 64 letters, digits or any of . _ @ + -")
        if role not in ROLES:
            raise InvalidQuery(f"a role is one of {', '.join(ROLES)}")
        made = Reviewer(
            name,
            role,
            datetime.now(UTC).isoformat(timespec="seconds"),
            secrets.token_urlsafe(16),
            self._hash(password),
        )
        with self._changing() as accounts:
            if name in accounts:
                raise InvalidQuery(f"there is a reviewer {name!r} already")
            accounts[name] = made
        return made

    def remove(self, name: str) -> None:
        """Delete an account; its sessions end. Raises NotFound."""
        with self._changing() as accounts:
            if accounts.pop(normalise_name(name), None) is None:
                raise NotFound(f"there is no reviewer {name[:64]!r}")

    def change_password(self, name: str, password: str) -> None:
        """Set another password; all sessions of the account end. Raises as `add`, and NotFound."""
        password_hash = self._hash(password)
        with self._changing() as accounts:
            known = accounts.get(normalise_name(name))
            if known is None:
                raise NotFound(f"there is no reviewer {name[:64]!r}")
            accounts[known.name] = replace(
                known, password_hash=password_hash, stamp=secrets.token_urlsafe(16)
            )

    def authenticate(self, name: str, password: str) -> Reviewer | None:
        """Return the account if the password is its own, else None, after the same time.

        Raises Busy when too many are being checked.
        """
        account = self.find(normalise_name(name))
        with self._turn():
            if self._nobody is None:
                self._nobody = self._hasher.hash(secrets.token_urlsafe(16))
            expected = account.password_hash if account else self._nobody
            try:
                self._hasher.verify(expected, password[: MAX_PASSWORD_LENGTH + 1])
            except (Argon2Error, InvalidHashError):
                return None
        return account

    def _hash(self, password: str) -> str:
        if not MIN_PASSWORD_LENGTH <= len(password) <= MAX_PASSWORD_LENGTH:
            raise InvalidQuery(
                f"a password has {MIN_PASSWORD_LENGTH} to {MAX_PASSWORD_LENGTH} characters"
            )
        with self._turn():
            return self._hasher.hash(password)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if not self._turns.acquire(timeout=MAX_WAIT_S):
            raise Busy("too many people are signing in at this moment: try again in a second")
        try:
            yield
        finally:
            self._turns.release()

    @contextmanager
    def _changing(self) -> Iterator[dict[str, Reviewer]]:
        with file_lock(self._lock):
            accounts = dict(self._accounts())
            yield accounts
            listed = [asdict(accounts[name]) for name in sorted(accounts)]
            text = json.dumps({"reviewers": listed}, ensure_ascii=False, indent=1)
            write(self._path, text.encode(), PRIVATE_MODE)

    def _accounts(self) -> dict[str, Reviewer]:
        try:
            status = self._path.stat()
        except FileNotFoundError:
            return {}
        # A new file has a new inode: it is always written beside the old one and renamed.
        state = (status.st_ino, status.st_mtime_ns, status.st_size)
        before, accounts = self._read
        if before != state:
            accounts = parse_accounts(self._path.read_text(encoding="utf-8"), self._path)
            self._read = (state, accounts)
        return accounts


def parse_accounts(text: str, path: Path) -> dict[str, Reviewer]:
    """Return the accounts a file's text holds; raises InvalidSetting naming the file."""
    try:
        listed: list[dict[str, Json]] = json.loads(text)["reviewers"]
        return {one["name"]: Reviewer(**one) for one in listed}
    except (ValueError, KeyError, TypeError) as error:
        raise InvalidSetting(
            f"{path} is broken; put back a copy, or delete it and add the reviewers again: "
            "flask --app app.wsgi reviewers add NAME"
        ) from error


def normalise_name(name: str) -> str:
    """Return a name as it is compared: NFKC, lower case, without white space around it."""
    return unicodedata.normalize("NFKC", name).strip().casefold()


def session_key(folder: Path, given: str) -> bytes:
    """Return what sessions are signed with: `given`, or a key made once and kept in `folder`.

    Raises InvalidSetting for a key that somebody could guess, an empty file included.
    """
    if given:
        return _strong(given, "LOOKALIKE_SESSION_KEY")
    path = folder / "session.key"
    if not path.exists():
        with file_lock(folder / "session.lock"):
            if not path.exists():
                write(path, secrets.token_hex(32).encode(), PRIVATE_MODE)
    kept = path.read_text(encoding="utf-8").strip()
    return _strong(kept, f"{path} (delete it to have one made)")


def _strong(key: str, where: str) -> bytes:
    if len(key) < 32 or len(set(key)) < 8:
        raise InvalidSetting(f"{where}: a session key has at least 32 characters, all at random")
    return key.encode()
