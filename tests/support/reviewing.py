"""People at the trust desk, for tests: accounts, browsers that are signed in, and an empty desk."""

from collections.abc import Iterator

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient

from app.accounts.reviewers import REVIEWER
from app.accounts.sessions import EXTENSION_KEY
from app.services import Services
from tests.support import casebook
from tests.support.shop import Shop

PASSWORD = "a long enough password"
PAGE = {"Accept": "text/html"}


@pytest.fixture(scope="module")
def started(shop: Shop) -> Iterator[Services]:
    """The services around the shop, with the desk's indices made."""
    with shop.services() as services:
        services.desk.prepare()
        yield services


@pytest.fixture
def services(started: Services, shop: Shop) -> Iterator[Services]:
    """The services around a desk with nothing on it."""
    yield started
    casebook.empty(shop)


def browser(app: APIFlask) -> FlaskClient:
    """Return a client that sends what a browser sends from our own pages."""
    client = app.test_client()
    client.environ_base["HTTP_SEC_FETCH_SITE"] = "same-origin"
    client.environ_base["HTTP_ACCEPT"] = "text/html"
    return client


def signed_in(app: APIFlask, name: str, role: str = REVIEWER) -> FlaskClient:
    """Return a browser at which this reviewer is signed in; the account is made if need be."""
    reviewers = app.extensions[EXTENSION_KEY].reviewers
    if reviewers.find(name) is None:
        reviewers.add(name, PASSWORD, role)
    client = browser(app)
    answer = client.post("/trust/sign-in", data={"name": name, "password": PASSWORD})
    assert (answer.status_code, answer.location) == (303, "/trust")
    return client
