"""The accounts of the trust desk, in one private file with passwords as argon2id.

The file is read anew whenever it changes, so that a removal or a new password takes effect in every
worker at once. Each password has its own stamp; a session with another stamp has ended.

An account is invited, or its password reset, by a link that works once: the file has the digest of
the link's key, and the link has the key. Until the link is used, the account has no password.
"""

import hashlib
import json
import re
import secrets
import threading
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from core.atomic_file import PRIVATE_MODE, write
from core.errors import Busy, InvalidQuery, InvalidSetting, NotFound
from core.locks import file_lock
from features.base import Json

REVIEWER, ADMIN = "reviewer", "admin"
ROLES = (REVIEWER, ADMIN)
"""Admins may also change the banks and the accounts; there is no other difference."""

NAME = re.compile(r"\w[\w.@+-]{0,63}")
MIN_PASSWORD_LENGTH, MAX_PASSWORD_LENGTH = 12, 256
"""Characters of a password; NIST SP 800-63B asks for at least 64 to be allowed."""

MAX_PARALLEL_HASHES = 2
"""Passwords hashed at the same time in one worker: each takes 64 MiB (RFC 9106, second choice)."""

MAX_WAIT_S = 2.0

INVITATION_DAYS = 7
"""Days that a link to choose a password works."""


@dataclass(frozen=True)
class Reviewer:
    """One account. `stamp` changes with the password; `password_hash` is '' before the first.

    `invitation` is the digest of the key to choose a password with, until `invited_until` (ISO
    8601); both are '' where there is none. An account that `is_disabled` cannot sign in.
    """

    name: str
    role: str
    added_at: str
    stamp: str = field(repr=False)
    password_hash: str = field(repr=False)
    invitation: str = field(default="", repr=False)
    invited_until: str = ""
    is_disabled: bool = False

    @property
    def is_admin(self) -> bool:
        """Say whether this account may change the banks and the accounts."""
        return self.role == ADMIN

    @property
    def can_sign_in(self) -> bool:
        """Say whether this account has a password and is not disabled."""
        return bool(self.password_hash) and not self.is_disabled

    def accepts(self, key: str, at: datetime) -> bool:
        """Say whether a password may be chosen with this key at that time."""
        is_known = secrets.compare_digest(self.invitation, _digest(key))
        return is_known and not self.is_disabled and at < datetime.fromisoformat(self.invited_until)


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
        account = replace(_new_account(name, role), password_hash=self._hash(password))
        self._store_new(account)
        return account

    def invite(self, name: str, role: str = REVIEWER) -> str:
        """Create an account without a password; return the key to choose one with.

        Raises InvalidQuery for a bad or taken name or role.
        """
        key = secrets.token_urlsafe(32)
        self._store_new(_invited(_new_account(name, role), key))
        return key

    def reset(self, name: str) -> str:
        """End an account's password and sessions; return the key to choose another with.

        Raises NotFound, and InvalidQuery for the only admin who can sign in.
        """
        key = secrets.token_urlsafe(32)
        self._change(name, lambda account: _invited(account, key))
        return key

    def find_invited(self, key: str) -> Reviewer:
        """Return the account that a password may be chosen for with this key; raises NotFound."""
        at = datetime.now(UTC)
        for account in self._accounts().values():
            if account.invitation and account.accepts(key, at):
                return account
        raise NotFound("this link was used already, or is too old: ask an admin for a new one")

    def accept_invitation(self, key: str, password: str) -> Reviewer:
        """Set the first password of an invited account; the key works no longer.

        Raises NotFound for a key that does not work, InvalidQuery for a bad password.
        """
        self.find_invited(key)
        password_hash = self._hash(password)
        with self._changing() as accounts:
            account = replace(self.find_invited(key), password_hash=password_hash)
            accounts[account.name] = _restamped(account)
        return accounts[account.name]

    def set_role(self, name: str, role: str) -> None:
        """Change an account's role; raises NotFound, and InvalidQuery for the only admin."""
        _check_role(role)
        self._change(name, lambda account: replace(account, role=role))

    def disable(self, name: str) -> None:
        """Keep an account from signing in, and end its sessions and its invitation.

        Raises NotFound, and InvalidQuery for the only admin.
        """
        self._change(name, lambda account: _restamped(replace(account, is_disabled=True)))

    def enable(self, name: str) -> None:
        """Let a disabled account sign in again; raises NotFound."""
        self._change(name, lambda account: replace(account, is_disabled=False))

    def remove(self, name: str) -> None:
        """Delete an account; its sessions end. Raises NotFound."""
        with self._changing() as accounts:
            if accounts.pop(normalise_name(name), None) is None:
                raise NotFound(f"there is no reviewer {name[:64]!r}")

    def change_password(self, name: str, password: str) -> None:
        """Set another password; all sessions of the account end. Raises InvalidQuery, NotFound."""
        password_hash = self._hash(password)
        self._change(
            name, lambda account: _restamped(replace(account, password_hash=password_hash))
        )

    def authenticate(self, name: str, password: str) -> Reviewer | None:
        """Return the account if it can sign in with this password, else None, in the same time.

        Raises Busy while too many passwords are being checked.
        """
        account = self.find(normalise_name(name))
        with self._turn():
            if self._unknown_hash is None:
                self._unknown_hash = self._hasher.hash(secrets.token_urlsafe(16))
            is_usable = account is not None and account.can_sign_in
            expected = account.password_hash if account and is_usable else self._unknown_hash
            try:
                self._hasher.verify(expected, password[: MAX_PASSWORD_LENGTH + 1])
            except (Argon2Error, InvalidHashError):
                return None
        return account if is_usable else None

    def _store_new(self, account: Reviewer) -> None:
        with self._changing() as accounts:
            if account.name in accounts:
                raise InvalidQuery(f"there is already a reviewer {account.name!r}")
            accounts[account.name] = account

    def _change(self, name: str, change: Callable[[Reviewer], Reviewer]) -> None:
        """Change an account; one admin who can sign in must remain where there was one."""
        with self._changing() as accounts:
            before = accounts.get(normalise_name(name))
            if before is None:
                raise NotFound(f"there is no reviewer {name[:64]!r}")
            had_admin = _has_admin(accounts)
            accounts[before.name] = change(before)
            if had_admin and not _has_admin(accounts):
                raise InvalidQuery(
                    f"{before.name} is the only admin: make somebody else an admin first"
                )

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


def _new_account(name: str, role: str) -> Reviewer:
    name = normalise_name(name)
    if not NAME.fullmatch(name):
        raise InvalidQuery("a name has 1 to 64 characters: letters, digits and . _ @ + -")
    _check_role(role)
    added_at = datetime.now(UTC).isoformat(timespec="seconds")
    return Reviewer(name, role, added_at, secrets.token_urlsafe(16), "")


def _check_role(role: str) -> None:
    if role not in ROLES:
        raise InvalidQuery(f"the role must be one of {', '.join(ROLES)}")


def _invited(account: Reviewer, key: str) -> Reviewer:
    until = datetime.now(UTC) + timedelta(days=INVITATION_DAYS)
    return replace(
        _restamped(account),
        password_hash="",
        invitation=_digest(key),
        invited_until=until.isoformat(timespec="seconds"),
    )


def _restamped(account: Reviewer) -> Reviewer:
    """Return the account with no session and no invitation."""
    return replace(account, stamp=secrets.token_urlsafe(16), invitation="", invited_until="")


def _has_admin(accounts: Mapping[str, Reviewer]) -> bool:
    return any(account.is_admin and account.can_sign_in for account in accounts.values())


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


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
