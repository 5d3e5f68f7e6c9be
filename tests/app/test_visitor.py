"""A shopper is a pair of pseudonyms, in a cookie that nobody can forge."""

import time
from unittest.mock import patch

import pytest
from apiflask import APIFlask
from flask import g

from app.http import visitor
from app.http.visitor import COOKIE, SESSION_S, Visitor, current_visitor

PAGE = {"Accept": "text/html"}


@pytest.fixture
def app() -> APIFlask:
    app = APIFlask("shop")
    app.secret_key = b"0123456789abcdef0123456789abcdef"
    visitor.install(app)

    @app.get("/")
    @app.get("/images/a.jpg")
    @app.get("/trust")
    def who() -> list[str]:
        found = current_visitor()
        return [found.client_id, found.session_id] if found else []

    return app


def test_browser_stays_the_same_client_in_one_session(app: APIFlask) -> None:
    browser = app.test_client()
    first, second = browser.get("/", headers=PAGE).json, browser.get("/", headers=PAGE).json
    assert first == second
    assert first != app.test_client().get("/", headers=PAGE).json


def test_session_ends_after_half_an_hour_and_the_client_stays(app: APIFlask) -> None:
    browser = app.test_client()
    (client, session) = browser.get("/", headers=PAGE).json or ("", "")
    later = time.time() + SESSION_S + 1
    # Only the clock is replaced: nobody waits for half an hour.
    with patch("app.http.visitor.time.time", return_value=later):
        (client_later, session_later) = browser.get("/", headers=PAGE).json or ("", "")
    assert client_later == client
    assert session_later != session


def test_program_is_nobody(app: APIFlask) -> None:
    answer = app.test_client().get("/", headers={"Accept": "*/*"})
    assert answer.json == []
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("path", ["/images/a.jpg", "/trust"])
def test_cached_files_and_the_desk_set_no_cookie(app: APIFlask, path: str) -> None:
    browser = app.test_client()
    browser.get("/", headers=PAGE)
    assert "Set-Cookie" not in browser.get(path, headers=PAGE).headers


def test_forged_cookie_is_nobodys(app: APIFlask) -> None:
    browser = app.test_client()
    browser.set_cookie(COOKIE, "WyJhIiwiYiIsMV0.forged")
    assert browser.get("/", headers={"Accept": "*/*"}).json == []


def test_cookie_is_closed_to_scripts_and_to_other_sites(app: APIFlask) -> None:
    cookie = app.test_client().get("/", headers=PAGE).headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_outside_a_request_there_is_no_visitor(app: APIFlask) -> None:
    assert current_visitor() is None
    with app.test_request_context("/"):
        g.visitor = Visitor("client", "session", 0)
        assert current_visitor() == Visitor("client", "session", 0)
