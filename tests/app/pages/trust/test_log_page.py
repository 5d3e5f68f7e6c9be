"""The log of decisions on its page and as CSV."""

import pytest
from flask.testing import FlaskClient

from app.factory import create_app
from app.services import Services
from tests.app.pages.trust.desk_pages import get, opened, pair, post, version
from tests.support.reviewing import services, signed_in, started

__all__ = ["services", "started"]


@pytest.fixture(scope="module")
def mika(started: Services) -> FlaskClient:
    return signed_in(create_app(started), "mika")


def test_log_is_filtered_and_downloaded(services: Services, mika: FlaskClient) -> None:
    (key,) = opened(services, pair(services))
    page = post(mika, "/trust/next/same_photo").location
    post(mika, f"{page}/decide", verdict="duplicate", **version(get(mika, page)))
    html = get(mika, f"/trust/log?verdict=duplicate&case_id={key}&since=2020-01-01")
    assert "1 entry" in html
    (product,) = {member.picture.product_id for member in services.desk.case(key).members}
    title = services.catalogue.products([product])[product]["title"]
    assert f'<a href="/products/{product}">{title}</a>' in html
    assert "No log entries match" in get(mika, "/trust/log?reviewer=nobody")
    table = mika.get("/trust/log.csv?action=decided")
    assert table.mimetype == "text/csv"
    assert table.text.count("duplicate") == 1
    get(mika, "/trust/log?action=dreamt", 422)
    get(mika, "/trust/log?since=yesterday", 422)
    assert "No two reviewers" in get(mika, "/trust/agreement")


@pytest.mark.parametrize("day", ["0001-01-01", "2026-11-30", "9999-12-31"])
def test_log_takes_any_day_of_the_calendar(mika: FlaskClient, day: str) -> None:
    for address in ("/trust/log", "/trust/log.csv"):
        for name in ("since", "until"):
            assert mika.get(f"{address}?{name}={day}").status_code == 200
