"""The policy page: seen by all, changed by admins, with the size of the queues before a change."""

from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from app.accounts.reviewers import ADMIN
from app.factory import create_app
from app.pages.trust import policy
from app.services import Services
from app.trust.desk.case_policy import CasePolicy
from app.trust.desk.decision_log import LogFilter
from app.trust.examination.evidence import PairFinding
from app.trust.sweeping.checkpoint import PictureRecord
from app.trust.sweeping.stored_findings import StoredFindings
from app.trust.sweeping.sweep import FOLDER
from tests.app.pages.trust.desk_pages import get, post
from tests.support import casebook
from tests.support.reviewing import services, signed_in, started

__all__ = ["services", "started"]

WIDE = {"shared_from": 0}


@pytest.fixture(scope="module")
def admin(started: Services) -> FlaskClient:
    return signed_in(create_app(started), "root", ADMIN)


@pytest.fixture(scope="module")
def mika(started: Services) -> FlaskClient:
    return signed_in(create_app(started), "mika")


@pytest.fixture
def findings(services: Services) -> Iterator[StoredFindings]:
    """The findings of a sweep that found two listings alike."""
    stored = StoredFindings(services.settings.state_dir / FOLDER)
    first, second = casebook.parties(services, 2)
    finding = PairFinding(second, "same_photo", 0.97, 0.99)
    stored.replace([(0, PictureRecord(first, findings=(finding,)))])
    yield stored
    stored.path.unlink()


def test_policy_of_the_settings_is_shown_until_an_admin_stores_another(
    services: Services, admin: FlaskClient, mika: FlaskClient
) -> None:
    html = get(mika, "/trust/policy")
    assert "settings of this server" in html
    assert "Admins can change" in html
    answer = post(admin, "/trust/policy", other_group="yes", shared_from=5)
    assert answer.status_code == 303
    assert services.desk.policies.current() == CasePolicy(False, True, 5)
    html = get(mika, "/trust/policy")
    assert "root changed this policy" in html
    (entry,) = services.desk.log_page(LogFilter(action="policy_changed")).entries
    assert entry.comment == "other_seller no, other_group yes, shared_from 5"
    assert "changed the policy" in get(mika, "/trust/log")


def test_preview_counts_the_cases_and_changes_nothing(
    services: Services, admin: FlaskClient, findings: StoredFindings
) -> None:
    before = services.desk.policies.in_force()
    answer = post(admin, "/trust/policy/preview", **WIDE)
    assert "About 1 cases would be open. Now 0 are." in answer.text
    assert services.desk.policies.in_force() == before
    findings.path.rename(findings.path.with_suffix(".away"))
    answer = post(admin, "/trust/policy/preview", **WIDE)
    findings.path.with_suffix(".away").rename(findings.path)
    assert "Not known before the first sweep" in answer.text


def test_policy_that_opens_very_many_cases_says_so_first(
    services: Services,
    admin: FlaskClient,
    findings: StoredFindings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Ten thousand real listings would take minutes to write; the limit is what is lowered.
    monkeypatch.setattr(policy, "MANY_CASES", 0)
    answer = post(admin, "/trust/policy", **WIDE)
    assert answer.status_code == 409
    assert "would open about 1 cases" in answer.text
    assert services.desk.policies.current() == CasePolicy()
    assert post(admin, "/trust/policy", **WIDE, confirmed="yes").status_code == 303
    assert services.desk.policies.current() == CasePolicy(False, False, 0)


@pytest.mark.parametrize("typed", ["", "many", "-1", "1001"])
def test_unreadable_number_is_refused_with_its_name(admin: FlaskClient, typed: str) -> None:
    answer = post(admin, "/trust/policy", shared_from=typed)
    assert answer.status_code == 422
    assert "shared_from" in answer.text


def test_reviewers_cannot_change_it(mika: FlaskClient) -> None:
    assert post(mika, "/trust/policy", **WIDE).status_code == 403
