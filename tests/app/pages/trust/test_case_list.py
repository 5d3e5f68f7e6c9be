"""Cases are found by listing, seller, queue, state and reviewer; a seller has a history."""

import pytest
from flask.testing import FlaskClient

from app.factory import create_app
from app.services import Services
from app.trust.desk.case import Case
from app.trust.examination.evidence import ListingPicture
from tests.app.pages.trust.desk_pages import decide, get, opened_pair
from tests.support import casebook
from tests.support.reviewing import services, signed_in, started

__all__ = ["services", "started"]


@pytest.fixture(scope="module")
def mika(started: Services) -> FlaskClient:
    return signed_in(create_app(started), "mika")


def found(html: str, *cases: Case) -> list[bool]:
    """Say for each case whether a page links to it."""
    return [f'href="/trust/cases/{case.id}"' in html for case in cases]


def test_list_is_filtered_by_state_queue_and_reviewer(
    services: Services, mika: FlaskClient
) -> None:
    waiting = opened_pair(services)
    claimed = opened_pair(services, 2, queue="flood")
    decided = opened_pair(services, 4)
    services.desk.claim(claimed.id, "jon")
    decide(services, decided, "emi", "stolen_photo")
    cases = (waiting, claimed, decided)
    assert "3 cases, latest change first" in get(mika, "/trust/cases")
    assert found(get(mika, "/trust/cases?state=waiting"), *cases) == [True, False, False]
    assert found(get(mika, "/trust/cases?state=claimed"), *cases) == [False, True, False]
    assert found(get(mika, "/trust/cases?state=decided"), *cases) == [False, False, True]
    assert found(get(mika, "/trust/cases?queue=flood"), *cases) == [False, True, False]
    assert found(get(mika, "/trust/cases?reviewer=jon"), *cases) == [False, True, False]
    html = get(mika, "/trust/cases?reviewer=emi&state=decided")
    assert found(html, *cases) == [False, False, True]
    assert "Used without permission" in html
    services.desk.release(claimed.id, "jon")
    assert "No case matches" in get(mika, "/trust/cases?reviewer=jon")


def test_listing_is_found_by_id_and_by_words_of_its_title(
    services: Services, mika: FlaskClient
) -> None:
    first, second = opened_pair(services), opened_pair(services, 2)
    product = second.members[0].picture.product_id
    title = services.catalogue.product(product)["title"]
    assert found(get(mika, f"/trust/cases?listing={product}"), first, second) == [False, True]
    assert found(get(mika, f"/trust/cases?listing={title.upper()}"), second) == [True]
    representative = first.representative.product_id
    assert found(get(mika, f"/trust/cases?listing={representative}"), first) == [True]
    assert "No case matches" in get(mika, "/trust/cases?listing=nothing+of+this+name")


def test_listing_that_is_gone_is_found_by_its_id(services: Services, mika: FlaskClient) -> None:
    here, there = casebook.parties(services, 2)
    case = casebook.case(here, [ListingPicture("gone-long-ago", there.image_id)])
    services.desk.open_cases([case])
    assert found(get(mika, "/trust/cases?listing=gone-long-ago"), case) == [True]
    html = get(mika, f"/trust/cases/{case.id}")
    assert "no longer in the catalogue" in html


def test_pages_go_on_where_the_last_ended(
    services: Services, mika: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.pages.trust.case_list.PAGE", 1)
    older, newer = opened_pair(services, hours=9), opened_pair(services, 2, hours=1)
    html = get(mika, "/trust/cases")
    assert found(html, newer, older) == [True, False]
    following = html.split('rel="next" href="')[1].split('"')[0]
    html = get(mika, following)
    assert found(html, newer, older) == [False, True]
    assert '<a href="/trust/cases">' in html


@pytest.mark.parametrize("query", ["state=dreamt", "queue=nowhere", "cursor=xyz"])
def test_unknown_filter_is_refused(services: Services, mika: FlaskClient, query: str) -> None:
    get(mika, f"/trust/cases?{query}", 422)


def test_page_of_an_unknown_seller_is_not_found(services: Services, mika: FlaskClient) -> None:
    get(mika, "/trust/sellers/nobody", 404)
