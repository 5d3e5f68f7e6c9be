"""The trust desk's first account: a new installation has one, with a password nobody can guess."""

import secrets
from pathlib import Path

from app.accounts.reviewers import ADMIN, Reviewers
from core.environment import Environment
from ops.credentials import save_secret

FIRST_ACCOUNT = "admin"


def ensure_first_account(environment: Environment) -> Path | None:
    """Return the file with the first account's password; None once somebody deleted it.

    Where the desk has no account at all, the account is made, with a password of its own.
    """
    folder = environment.state_dir()
    path = folder / "desk-password"
    accounts = Reviewers(folder)
    if not accounts.list_all():
        password = secrets.token_urlsafe(16)
        # Written first: an account whose password nobody knows would be there for good.
        save_secret(path, f"{password}\n")
        accounts.add(FIRST_ACCOUNT, password, ADMIN)
    return path if path.is_file() else None
