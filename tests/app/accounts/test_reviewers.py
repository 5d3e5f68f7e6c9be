"""Accounts are kept privately, change at once for every process, and say what is wrong."""

import stat
import threading
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from app.accounts.reviewers import Reviewers
from core.errors import InvalidQuery, InvalidSetting, NotFound

PASSWORD = "a long enough password"


@pytest.fixture
def accounts(tmp_path: Path) -> Reviewers:
    # As quick as argon2 can be: what it costs is argon2's to test.
    return Reviewers(tmp_path, PasswordHasher(1, 8, 1))


def test_password_is_known_again_and_no_other(accounts: Reviewers) -> None:
    made = accounts.add("Rika", PASSWORD)
    assert accounts.authenticate("rika", PASSWORD) == made
    assert accounts.authenticate("rika", f"{PASSWORD}!") is None
    assert accounts.authenticate("nobody", PASSWORD) is None


def test_file_is_private_and_holds_no_password(accounts: Reviewers, tmp_path: Path) -> None:
    accounts.add("rika", PASSWORD)
    path = tmp_path / "reviewers.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert PASSWORD not in path.read_text()
    assert "$argon2id$" in path.read_text()


def test_default_hash_is_the_second_choice_of_rfc_9106(tmp_path: Path) -> None:
    made = Reviewers(tmp_path).add("rika", PASSWORD)
    assert made.password_hash.startswith("$argon2id$v=19$m=65536,t=3,p=4$")


def test_change_is_seen_by_who_read_before(accounts: Reviewers, tmp_path: Path) -> None:
    other = Reviewers(tmp_path)
    assert other.list_all() == ()
    accounts.add("rika", PASSWORD)
    assert [one.name for one in other.list_all()] == ["rika"]
    accounts.remove("rika")
    assert other.list_all() == ()


def test_changes_at_the_same_time_are_all_kept(tmp_path: Path) -> None:
    names = [f"reviewer-{number}" for number in range(8)]
    threads = [
        threading.Thread(
            target=Reviewers(tmp_path, PasswordHasher(1, 8, 1)).add, args=(name, PASSWORD)
        )
        for name in names
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [one.name for one in Reviewers(tmp_path).list_all()] == names


@pytest.mark.parametrize(
    ("name", "password", "role"),
    [
        ("", PASSWORD, "reviewer"),
        ("a b", PASSWORD, "reviewer"),
        ("../etc", PASSWORD, "reviewer"),
        ("x" * 65, PASSWORD, "reviewer"),
        ("rika", "too short", "reviewer"),
        ("rika", "x" * 257, "reviewer"),
        ("rika", PASSWORD, "owner"),
    ],
)
def test_bad_account_is_refused(accounts: Reviewers, name: str, password: str, role: str) -> None:
    with pytest.raises(InvalidQuery):
        accounts.add(name, password, role)
    assert accounts.list_all() == ()


def test_name_is_taken_once(accounts: Reviewers) -> None:
    accounts.add("rika", PASSWORD)
    with pytest.raises(InvalidQuery, match="already"):
        accounts.add("RIKA", PASSWORD)


def test_nobody_can_be_neither_removed_nor_changed(accounts: Reviewers) -> None:
    with pytest.raises(NotFound):
        accounts.remove("nobody")
    with pytest.raises(NotFound):
        accounts.change_password("nobody", PASSWORD)


def test_broken_file_is_named(accounts: Reviewers, tmp_path: Path) -> None:
    (tmp_path / "reviewers.json").write_text("[]")
    with pytest.raises(InvalidSetting, match=r"reviewers\.json"):
        accounts.list_all()
