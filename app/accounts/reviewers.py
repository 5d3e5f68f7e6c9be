"""The accounts of the trust desk, in one private file with passwords as argon2id.

The file is read anew whenever it changes, so that a removal or a new password takes effect in every
worker at once. Each password has its own stamp; a session with another stamp has ended.
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
"""Admins may also change the banks; there is no other difference."""

NAME = re.compile(r"\w[\w.@+-]{0,63}")
MIN_PASSWORD_LENGTH, MAX_PASSWORD_LENGTH = 12, 256
"""Characters of a password; NIST SP 800-63B asks for at least 64 to be allowed."""

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
        # The hash for unknown names, so that refusing them takes as long as any other name.
        self._unknown_hash: str | None = None

    def list_all(self) -> tuple[Reviewer, ...]:
        """Return every account, by name."""
        return tuple(sorted(self._accounts().values(), key=lambda account: account.name))

    def find(self, name: str) -> Reviewer | None:
        """Return the account of this name, or None."""
        return self._accounts().get(name)

    def add(self, name: str, password: str, role: str = REVIEWER) -> Reviewer:
        """Create an account; raises InvalidQuery for a bad or taken name, password or role."""
        name = normalise_name(name)
        if not NAME.fullmatch(name):
            raise InvalidQuery("a name has 1 to 64 characters: letters, digits and . _ @ + -")
        if role not in ROLES:
            raise InvalidQuery(f"the role must be one of {', '.join(ROLES)}")
        account = Reviewer(
            name,
            role,
            datetime.now(UTC).isoformat(timespec="seconds"),
            secrets.token_urlsafe(16),
            self._hash(password),
        )
        with self._changing() as accounts:
            if name in accounts:
                raise InvalidQuery(f"there is already a reviewer {name!r}")
            accounts[name] = account
        return account

    def remove(self, name: str) -> None:
        """Delete an account; its sessions end. Raises NotFound."""
        with self._changing() as accounts:
            if accounts.pop(normalise_name(name), None) is None:
                raise NotFound(f"there is no reviewer {name[:64]!r}")

    def change_password(self, name: str, password: str) -> None:
        """Set another password; all sessions of the account end. Raises InvalidQuery, NotFound."""
        password_hash = self._hash(password)
        with self._changing() as accounts:
            known = accounts.get(normalise_name(name))
            if known is None:
                raise NotFound(f"there is no reviewer {name[:64]!r}")
            accounts[known.name] = replace(
                known, password_hash=password_hash, stamp=secrets.token_urlsafe(16)
            )

    def authenticate(self, name: str, password: str) -> Reviewer | None:
        """Return the account if the password is right, else None, in the same time.

        Raises Busy while too many passwords are being checked.
        """
        account = self.find(normalise_name(name))
        with self._turn():
            if self._unknown_hash is None:
                self._unknown_hash = self._hasher.hash(secrets.token_urlsafe(16))
            expected = account.password_hash if account else self._unknown_hash
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
            raise Busy("too many sign-ins at this moment: try again in a second")
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
        # A changed file has a new inode: it is written beside the old one and renamed.
        state = (status.st_ino, status.st_mtime_ns, status.st_size)
        before, accounts = self._read
        if before != state:
            accounts = parse_accounts(self._path.read_text(encoding="utf-8"), self._path)
            self._read = (state, accounts)
        return accounts


def parse_accounts(text: str, path: Path) -> dict[str, Reviewer]:
    """Return the accounts in a file's text, by name; raises InvalidSetting naming the file."""
    try:
        listed: list[dict[str, Json]] = json.loads(text)["reviewers"]
        return {account["name"]: Reviewer(**account) for account in listed}
    except (ValueError, KeyError, TypeError) as error:
        raise InvalidSetting(
            f"{path} is broken; put back a copy, or delete it and add the reviewers again: "
            "flask --app app.wsgi reviewers add NAME"
        ) from error


def normalise_name(name: str) -> str:
    """Return a name for comparison: NFKC, lower case, without white space around it."""
    return unicodedata.normalize("NFKC", name).strip().casefold()


def session_key(folder: Path, given: str) -> bytes:
    """Return the key that signs sessions: `given`, or one that is created in `folder` once.

    Raises InvalidSetting for a key that could be guessed, also for an empty file.
    """
    if given:
        return _checked(given, "LOOKALIKE_SESSION_KEY")
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
