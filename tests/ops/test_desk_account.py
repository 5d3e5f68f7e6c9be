"""A fresh desk has one admin, whose password lies where only we can read it."""

import stat
from pathlib import Path

from app.accounts.reviewers import Reviewers
from core.environment import Environment
from ops.desk_account import ensure_first_account


def test_first_start_makes_an_admin_and_later_ones_do_not(tmp_path: Path) -> None:
    environment = Environment({"LOOKALIKE_STATE_DIR": str(tmp_path)})
    path = ensure_first_account(environment)
    assert path is not None
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    accounts = Reviewers(tmp_path)
    first = accounts.authenticate("admin", path.read_text().strip())
    assert first is not None
    assert first.is_admin
    assert ensure_first_account(environment) == path
    assert accounts.list_all() == (first,)


def test_deleted_password_is_not_made_anew(tmp_path: Path) -> None:
    environment = Environment({"LOOKALIKE_STATE_DIR": str(tmp_path)})
    path = ensure_first_account(environment)
    assert path is not None
    path.unlink()
    assert ensure_first_account(environment) is None
    assert len(Reviewers(tmp_path).list_all()) == 1
