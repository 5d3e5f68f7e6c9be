"""An account is invited or reset by a link that works once, and one admin always remains."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from app.accounts.reviewers import ADMIN, INVITATION_DAYS, REVIEWER, Reviewers
from core.errors import InvalidQuery, NotFound

PASSWORD = "a long enough password"


@pytest.fixture
def accounts(tmp_path: Path) -> Reviewers:
    made = Reviewers(tmp_path, PasswordHasher(1, 8, 1))
    made.add("ada", PASSWORD, ADMIN)
    return made


def test_invited_account_signs_in_once_it_has_a_password(accounts: Reviewers) -> None:
    key = accounts.invite("Mika")
    assert accounts.authenticate("mika", "") is None
    assert accounts.find_invited(key).name == "mika"
    chosen = accounts.accept_invitation(key, PASSWORD)
    assert accounts.authenticate("mika", PASSWORD) == chosen
    with pytest.raises(NotFound, match="used already"):
        accounts.accept_invitation(key, f"{PASSWORD}!")


def test_password_that_is_too_short_leaves_the_link_usable(accounts: Reviewers) -> None:
    key = accounts.invite("mika")
    with pytest.raises(InvalidQuery, match="12 to 256"):
        accounts.accept_invitation(key, "short")
    assert accounts.accept_invitation(key, PASSWORD).can_sign_in


def test_link_ends_after_some_days(accounts: Reviewers) -> None:
    key = accounts.invite("mika")
    account = accounts.find("mika")
    assert account is not None
    limit = datetime.now(UTC) + timedelta(days=INVITATION_DAYS)
    assert account.accepts(key, limit - timedelta(minutes=1))
    assert not account.accepts(key, limit + timedelta(minutes=1))
    assert not account.accepts("another", limit - timedelta(minutes=1))


def test_key_is_not_in_the_file(accounts: Reviewers, tmp_path: Path) -> None:
    key = accounts.invite("mika")
    assert key not in (tmp_path / "reviewers.json").read_text(encoding="utf-8")


def test_reset_ends_the_password_and_the_stamp(accounts: Reviewers) -> None:
    before = accounts.add("mika", PASSWORD)
    key = accounts.reset("mika")
    after = accounts.find("mika")
    assert after is not None
    assert after.stamp != before.stamp
    assert accounts.authenticate("mika", PASSWORD) is None
    accounts.accept_invitation(key, f"{PASSWORD}!")
    assert accounts.authenticate("mika", f"{PASSWORD}!") is not None


def test_disabled_account_cannot_sign_in_until_enabled(accounts: Reviewers) -> None:
    before = accounts.add("mika", PASSWORD)
    accounts.disable("mika")
    disabled = accounts.find("mika")
    assert disabled is not None
    assert disabled.stamp != before.stamp
    assert accounts.authenticate("mika", PASSWORD) is None
    accounts.enable("mika")
    assert accounts.authenticate("mika", PASSWORD) is not None


def test_disabling_ends_an_invitation(accounts: Reviewers) -> None:
    key = accounts.invite("mika")
    accounts.disable("mika")
    accounts.enable("mika")
    with pytest.raises(NotFound):
        accounts.accept_invitation(key, PASSWORD)


@pytest.mark.parametrize(
    "change",
    [
        lambda accounts: accounts.disable("ada"),
        lambda accounts: accounts.reset("ada"),
        lambda accounts: accounts.set_role("ada", REVIEWER),
    ],
    ids=["disable", "reset", "role"],
)
def test_only_admin_stays(accounts: Reviewers, change: Callable[[Reviewers], None]) -> None:
    accounts.invite("emi", ADMIN)  # has no password yet, so cannot help
    with pytest.raises(InvalidQuery, match="only admin"):
        change(accounts)
    assert accounts.authenticate("ada", PASSWORD) is not None
    accounts.add("rika", PASSWORD, ADMIN)
    change(accounts)


def test_unknown_role_or_name_is_refused(accounts: Reviewers) -> None:
    with pytest.raises(InvalidQuery, match="role"):
        accounts.invite("mika", "owner")
    with pytest.raises(InvalidQuery, match="role"):
        accounts.set_role("ada", "owner")
    with pytest.raises(NotFound, match="nobody"):
        accounts.disable("nobody")


def test_file_of_an_earlier_version_is_read(tmp_path: Path) -> None:
    made = Reviewers(tmp_path, PasswordHasher(1, 8, 1))
    made.add("ada", PASSWORD)
    path = tmp_path / "reviewers.json"
    lines = path.read_text(encoding="utf-8").splitlines()
    new = ('"invitation"', '"invited_until"', '"is_disabled"')
    old = [line for line in lines if not line.strip().startswith(new)]
    path.write_text("\n".join(old).replace('",\n  }', '"\n  }'), encoding="utf-8")
    text = path.read_text(encoding="utf-8")
    assert "invited_until" not in text
    again = Reviewers(tmp_path, PasswordHasher(1, 8, 1))
    assert again.authenticate("ada", PASSWORD) is not None
