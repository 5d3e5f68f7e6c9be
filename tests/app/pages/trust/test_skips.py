"""A skip is for now: it is taken back at once, or when nothing else waits."""

import pytest
from flask.testing import FlaskClient

from app.factory import create_app
from app.services import Services
from app.trust.desk import second_looks
from app.trust.desk.case import Case
from tests.app.pages.trust.desk_pages import decide, get, opened_pair, post
from tests.support.reviewing import services, signed_in, started

__all__ = ["services", "started"]


@pytest.fixture(scope="module")
def mika(started: Services) -> FlaskClient:
    return signed_in(create_app(started), "mika")


def skip(client: FlaskClient, case: Case) -> str:
    """Skip a case, and return where that leads."""
    assert post(client, "/trust/next/same_photo").location == f"/trust/cases/{case.id}"
    return post(client, f"/trust/cases/{case.id}/skip").location


def test_skip_is_taken_back_from_the_next_case(services: Services, mika: FlaskClient) -> None:
    first = opened_pair(services, hours=3)
    second = opened_pair(services, 2, hours=1)
    onward = skip(mika, first)
    assert onward == f"/trust/cases/{second.id}?skipped={first.id}"
    html = get(mika, onward)
    assert "Skipped for now." in html
    assert f'action="/trust/cases/{first.id}/claim"' in html
    assert post(mika, f"/trust/cases/{first.id}/claim").location == f"/trust/cases/{first.id}"
    taken = services.desk.case(first.id)
    assert (taken.claimed_by, taken.skipped_by) == ("mika", ())
    assert "Skipped for now." not in get(mika, onward)


def test_skipped_cases_are_offered_again_when_nothing_else_waits(
    services: Services, mika: FlaskClient
) -> None:
    first = opened_pair(services, hours=3)
    second = opened_pair(services, 2, hours=1)
    skip(mika, first)
    html = get(mika, skip(mika, second))
    assert "You skipped 2 cases here." in html
    assert 'action="/trust/next/same_photo/skipped"' in html
    assert "You skipped this case." in get(mika, f"/trust/cases/{first.id}")
    answer = post(mika, "/trust/next/same_photo/skipped")
    assert answer.location == f"/trust/cases/{first.id}"
    assert services.desk.case(second.id).skipped_by == ()


def test_skipped_case_that_somebody_has_stays_skipped(
    services: Services, mika: FlaskClient
) -> None:
    case = opened_pair(services)
    skip(mika, case)
    services.desk.claim(case.id, "jon")
    answer = post(mika, "/trust/next/same_photo/skipped")
    assert answer.location == "/trust/next/same_photo"
    assert services.desk.case(case.id).claimed_by == "jon"
    assert post(mika, f"/trust/cases/{case.id}/claim").status_code == 409


def test_second_look_at_ones_own_decision_is_no_skip(services: Services, mika: FlaskClient) -> None:
    case = opened_pair(services)
    decide(services, case, "mika", "different")
    first = services.desk.case(case.id)
    assert first.decided_at is not None
    look = second_looks.second_look(first, first.decided_at)
    services.desk.open_cases([look])
    html = get(mika, "/trust/next/second_look")
    assert "You skipped" not in html
    assert post(mika, "/trust/next/second_look/skipped").location == "/trust/next/second_look"
    assert services.desk.case(look.id).skipped_by == ("mika",)


def test_unknown_queue_has_no_skips(services: Services, mika: FlaskClient) -> None:
    assert post(mika, "/trust/next/anything/skipped").status_code == 404
