"""A picture goes from a case's page into a bank, and the admin is back at the case."""

import re
from collections.abc import Iterator
from html import unescape

import pytest
from flask.testing import FlaskClient

from app.accounts.reviewers import ADMIN
from app.factory import create_app
from app.services import Services
from app.trust.banks.entry import PREFIX
from app.trust.examination.evidence import ListingPicture
from tests.support import casebook
from tests.support.reviewing import services, signed_in, started

__all__ = ["services", "started"]

OFFER = "Add this picture to a bank"


@pytest.fixture(scope="module")
def ada(started: Services) -> FlaskClient:
    return signed_in(create_app(started), "ada", ADMIN)


@pytest.fixture(scope="module")
def mika(started: Services) -> FlaskClient:
    return signed_in(create_app(started), "mika")


@pytest.fixture(autouse=True)
def emptied(started: Services) -> Iterator[None]:
    yield
    for entry in started.banks.page().entries:
        started.banks.remove(entry.id, "the test")


def shown(services: Services, client: FlaskClient, *parties: ListingPicture) -> str:
    """Return the page of a new case of these parties, the first one representing it."""
    first, *others = parties
    case = casebook.case(first, others)
    services.desk.open_cases([case])
    return unescape(client.get(f"/trust/cases/{case.id}?min_probability=0.5").text)


def forms(html: str) -> list[dict[str, str]]:
    """Return the hidden fields of every form that puts a picture into a bank."""
    found = re.findall(r'<form class="panel" action="/trust/banks".*?</form>', html, re.DOTALL)
    return [dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', one)) for one in found]


def test_either_party_s_picture_goes_into_a_bank_and_the_case_is_shown_again(
    services: Services, ada: FlaskClient
) -> None:
    parties = casebook.parties(services, 2)
    html = shown(services, ada, *parties)
    given = forms(html)
    assert [(one["product_id"], one["image_id"]) for one in given] == [
        (one.product_id, one.image_id) for one in parties
    ]
    for fields, bank in zip(given, ("blocked", "allowed"), strict=True):
        answer = ada.post("/trust/banks", data={**fields, "bank": bank, "reason": "asked for"})
        assert answer.status_code == 303
        assert answer.location.startswith(f"/trust/cases/{fields['case_id']}?show=")
        assert "&min_probability=0.5&banked=added" in answer.location
        assert "The picture is now in the bank" in ada.get(answer.location).text
    entries = {one.bank: one.image_id for one in services.banks.page().entries}
    assert entries == {"blocked": parties[0].image_id, "allowed": parties[1].image_id}


def test_picture_that_is_in_the_bank_already_is_told_so(
    services: Services, ada: FlaskClient
) -> None:
    first, _ = forms(shown(services, ada, *casebook.parties(services, 2)))
    sent = {**first, "bank": "allowed", "reason": "licensed"}
    ada.post("/trust/banks", data=sent)
    again = ada.post("/trust/banks", data=sent)
    assert "The picture was in the bank already" in ada.get(again.location).text


def test_reviewer_who_is_no_admin_is_offered_no_bank_and_refused(
    services: Services, ada: FlaskClient, mika: FlaskClient
) -> None:
    parties = casebook.parties(services, 2)
    first, _ = forms(shown(services, ada, *parties))
    html = mika.get(f"/trust/cases/{first['case_id']}").text
    assert OFFER not in html
    sent = {**first, "bank": "allowed", "reason": "licensed"}
    assert mika.post("/trust/banks", data=sent).status_code == 403
    assert services.banks.page().entries == ()


def test_what_is_no_listing_s_picture_any_more_is_not_offered(
    services: Services, ada: FlaskClient
) -> None:
    here, there = casebook.parties(services, 2)
    entry = ListingPicture(f"{PREFIX}blocked-{there.image_id}", there.image_id)
    (offered,) = forms(shown(services, ada, entry, here))
    assert offered["product_id"] == here.product_id
    gone = ListingPicture("no-such-product", there.image_id)
    (offered,) = forms(shown(services, ada, here, gone))
    assert offered["product_id"] == here.product_id


def test_case_s_name_leads_nowhere_else(services: Services, ada: FlaskClient) -> None:
    first, _ = forms(shown(services, ada, *casebook.parties(services, 2)))
    sent = {**first, "case_id": "//elsewhere.example/", "bank": "allowed", "reason": "licensed"}
    answer = ada.post("/trust/banks", data=sent)
    assert answer.location.startswith("/trust/cases/%2F%2Felsewhere.example%2F?")
