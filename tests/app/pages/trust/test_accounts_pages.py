"""Admins invite, reset, change and disable accounts in the desk; a disabled reviewer is out."""

import re
from collections.abc import Iterator

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient

from app.accounts.reviewers import ADMIN
from app.accounts.sessions import EXTENSION_KEY
from app.factory import create_app
from app.services import Services
from tests.app.pages.trust.desk_pages import get, opened_pair, post, version
from tests.support.reviewing import PASSWORD, browser, services, signed_in, started

__all__ = ["services", "started"]


@pytest.fixture(scope="module")
def app(started: Services) -> APIFlask:
    return create_app(started)


@pytest.fixture(scope="module")
def ada(app: APIFlask) -> FlaskClient:
    return signed_in(app, "ada", ADMIN)


@pytest.fixture(autouse=True)
def cleared(app: APIFlask) -> Iterator[None]:
    yield
    reviewers = app.extensions[EXTENSION_KEY].reviewers
    for account in reviewers.list_all():
        if account.name != "ada":
            reviewers.remove(account.name)


def link(html: str) -> str:
    """Return the path of the one link that a page shows."""
    (path,) = re.findall(r'value="http://localhost(/trust/invitations/[^"]+)"', html)
    return path


def test_invited_reviewer_chooses_a_password_and_is_in(
    app: APIFlask, services: Services, ada: FlaskClient
) -> None:
    path = link(post(ada, "/trust/accounts", name="Emi", role="reviewer").text)
    emi = browser(app)
    assert "Your name at the trust desk is emi." in get(emi, path)
    assert "differ" in post(emi, path, password=PASSWORD, again="other").text
    assert post(emi, path, password="short", again="short").status_code == 422
    answer = post(emi, path, password=PASSWORD, again=PASSWORD)
    assert (answer.status_code, answer.location) == (303, "/trust")
    assert emi.get("/trust").status_code == 200
    get(browser(app), path, 404)
    assert "can sign in" in get(ada, "/trust/accounts")


def test_taken_name_is_refused_and_stays_in_the_form(ada: FlaskClient, services: Services) -> None:
    answer = post(ada, "/trust/accounts", name="ada", role="reviewer")
    assert answer.status_code == 422
    assert "there is already a reviewer" in answer.text
    assert 'value="ada"' in answer.text


def test_reset_ends_a_session_and_gives_a_link(
    app: APIFlask, services: Services, ada: FlaskClient
) -> None:
    emi = signed_in(app, "emi")
    path = link(post(ada, "/trust/accounts/emi/reset").text)
    assert emi.get("/trust").location.startswith("/trust/sign-in")
    assert post(browser(app), path, password=PASSWORD, again=PASSWORD).location == "/trust"


def test_role_is_changed_and_the_only_admin_stays(
    app: APIFlask, services: Services, ada: FlaskClient
) -> None:
    emi = signed_in(app, "emi")
    assert emi.get("/trust/accounts").status_code == 403
    assert "Accounts</a>" not in get(emi, "/trust")
    answer = post(ada, "/trust/accounts/ada/role", role="reviewer")
    assert answer.status_code == 422
    assert "only admin" in answer.text
    answer = post(ada, "/trust/accounts/emi/role", role="admin")
    assert "emi has another role now." in get(ada, answer.location)
    assert emi.get("/trust/accounts").status_code == 200


def test_reviewer_disabled_in_mid_case_is_out_and_the_case_waits_again(
    app: APIFlask, services: Services, ada: FlaskClient
) -> None:
    case = opened_pair(services)
    emi = signed_in(app, "emi")
    page = post(emi, "/trust/next/same_photo").location
    fields = {**version(get(emi, page)), "verdict": "different"}
    answer = post(ada, "/trust/accounts/emi/disable")
    assert "emi is disabled." in get(ada, answer.location)
    assert services.desk.case(case.id).claimed_by is None
    refused = post(emi, f"{page}/decide", **fields)
    assert refused.location == "/trust/sign-in?next=%2Ftrust&ended=yes"
    assert "was not saved" in get(emi, refused.location)
    assert services.desk.case(case.id).state == "open"
    failed = post(browser(app), "/trust/sign-in", name="emi", password=PASSWORD)
    assert failed.status_code == 401
    assert 'value="emi"' in failed.text
    assert post(ada, "/trust/next/same_photo").location == page
    assert "emi can sign in again." in get(ada, post(ada, "/trust/accounts/emi/enable").location)


@pytest.mark.parametrize("way", ["reset", "role", "disable", "enable"])
def test_nobody_has_no_account_to_change(services: Services, ada: FlaskClient, way: str) -> None:
    assert post(ada, f"/trust/accounts/nobody/{way}", role="admin").status_code == 404
