"""Nobody gets to the trust desk without an account, and an account ends when it is told to."""

import re
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from apiflask import APIFlask
from werkzeug.test import TestResponse

from app.accounts.session_key import session_key
from app.accounts.sessions import EXTENSION_KEY
from core.errors import InvalidSetting
from tests.support.reviewing import PASSWORD, browser, signed_in
from tests.support.shop import Shop

WRONG = "not the right password"


@pytest.fixture(scope="module")
def app(shop: Shop, tmp_path_factory: pytest.TempPathFactory) -> Iterator[APIFlask]:
    with shop.app(state_dir=tmp_path_factory.mktemp("state")) as app:
        yield app


@pytest.fixture(autouse=True)
def fresh(app: APIFlask) -> None:
    """Forget the tries of the tests before."""
    (state(app) / "sign-in-tries.json").unlink(missing_ok=True)


def state(app: APIFlask) -> Path:
    folder: Path = app.extensions[EXTENSION_KEY].ended_folder.parent
    return folder


def enter(app: APIFlask, name: str, password: str, **headers: str) -> TestResponse:
    client = browser(app)
    return client.post("/trust/sign-in", data={"name": name, "password": password}, headers=headers)


def test_right_password_opens_the_desk_and_a_wrong_one_does_not(app: APIFlask) -> None:
    client = signed_in(app, "rika")
    assert client.get("/trust/banks").status_code == 200
    refused = enter(app, "rika", WRONG)
    assert refused.status_code == 401
    assert "Set-Cookie" not in refused.headers
    assert "Wrong name or password" in refused.get_data(as_text=True)


def test_failed_sign_in_keeps_the_name_and_never_the_password(app: APIFlask) -> None:
    page = enter(app, '"Rika" & co', WRONG).get_data(as_text=True)
    assert 'value="&#34;Rika&#34; &amp; co"' in page
    assert WRONG not in page


def test_program_with_a_wrong_password_is_told_401(app: APIFlask) -> None:
    answer = enter(app, "rika", WRONG, Accept="application/json")
    assert (answer.status_code, answer.json and answer.json["code"]) == (401, "sign_in_needed")


def test_answer_does_not_tell_whether_the_name_exists(app: APIFlask) -> None:
    signed_in(app, "known")
    known, unknown = enter(app, "known", WRONG), enter(app, "nobody-at-all", WRONG)
    assert known.status_code == unknown.status_code
    told = known.get_data(as_text=True).replace('value="known"', 'value="nobody-at-all"')
    assert told == unknown.get_data(as_text=True)


def test_name_is_the_same_however_it_is_written(app: APIFlask) -> None:
    signed_in(app, "emi")
    assert enter(app, "  ＥＭＩ ", PASSWORD).location == "/trust"


def test_cookie_is_kept_from_scripts_and_other_sites(app: APIFlask) -> None:
    signed_in(app, "rika")
    cookie = enter(app, "rika", PASSWORD).headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Path=/trust" in cookie
    assert "Secure" not in cookie


@pytest.mark.parametrize(
    "site", ["https://localhost", "http://shop.example", "https://shop.example"]
)
def test_cookie_is_secure_wherever_it_leaves_the_machine(app: APIFlask, site: str) -> None:
    signed_in(app, "rika")
    answer = browser(app).post(
        "/trust/sign-in", data={"name": "rika", "password": PASSWORD}, base_url=site
    )
    assert "Secure" in answer.headers["Set-Cookie"]


def test_password_is_not_taken_over_plain_http_from_another_machine(app: APIFlask) -> None:
    answer = enter(app, "rika", PASSWORD, Origin="http://shop.example")
    assert answer.status_code == 403
    assert "https" in answer.get_data(as_text=True)


def test_signing_in_gives_another_session(app: APIFlask) -> None:
    client = signed_in(app, "rika")
    with client.session_transaction(path="/trust") as session:
        before = session["key"]
    client.post("/trust/sign-in", data={"name": "rika", "password": PASSWORD})
    with client.session_transaction(path="/trust") as session:
        assert session["key"] != before


def test_signing_out_ends_the_session_also_where_its_cookie_was_copied(app: APIFlask) -> None:
    client = signed_in(app, "rika")
    copied = client.get_cookie("lookalike_desk", path="/trust")
    assert copied is not None
    assert client.post("/trust/sign-out").location == "/trust/sign-in"
    assert client.get("/trust/banks").status_code == 303
    thief = browser(app)
    thief.set_cookie("lookalike_desk", copied.value, path="/trust")
    assert thief.get("/trust/banks").status_code == 303


def test_session_ends_with_the_account(app: APIFlask) -> None:
    client = signed_in(app, "leaving")
    app.extensions[EXTENSION_KEY].reviewers.remove("leaving")
    assert client.get("/trust/banks").status_code == 303
    signed_in(app, "leaving")
    assert client.get("/trust/banks").status_code == 303


def test_session_ends_with_the_password(app: APIFlask) -> None:
    client = signed_in(app, "careful")
    app.extensions[EXTENSION_KEY].reviewers.change_password("careful", "another long password")
    assert client.get("/trust/banks").status_code == 303
    assert enter(app, "careful", PASSWORD).location != "/trust"


def test_session_ends_after_twelve_hours(app: APIFlask, monkeypatch: pytest.MonkeyPatch) -> None:
    client = signed_in(app, "rika")
    with client.session_transaction(path="/trust") as session:
        session["since"] -= 12 * 3600 + 1
    assert client.get("/trust/banks").status_code == 303


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "none"}, 403),
        ({"Sec-Fetch-Site": "", "Origin": "https://evil.example"}, 403),
        ({"Sec-Fetch-Site": "", "Origin": "null"}, 403),
        ({"Sec-Fetch-Site": ""}, 403),
        ({"Sec-Fetch-Site": "", "Origin": "http://localhost"}, 303),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "http://localhost"}, 303),
    ],
)
def test_only_our_own_pages_may_change_anything(
    app: APIFlask, headers: dict[str, str], status: int
) -> None:
    client = signed_in(app, "rika")
    assert client.post("/trust/sign-out", headers=headers).status_code == status


@pytest.mark.parametrize(
    "wanted",
    [
        "https://evil.example",
        "//evil.example",
        "/trust\\evil",
        "/trustworthy",
        "/",
        "",
        "/trust/\n",
    ],
)
def test_signing_in_leads_nowhere_but_to_the_desk(app: APIFlask, wanted: str) -> None:
    signed_in(app, "rika")
    client = browser(app)
    data = {"name": "rika", "password": PASSWORD, "next": wanted}
    assert client.post("/trust/sign-in", data=data).location == "/trust"


def test_who_signs_in_comes_to_the_page_first_asked_for(app: APIFlask) -> None:
    signed_in(app, "rika")
    client = browser(app)
    sent = client.get("/trust/banks?bank=blocked")
    assert sent.location == "/trust/sign-in?next=%2Ftrust%2Fbanks%3Fbank%3Dblocked"
    form = client.get(sent.location).get_data(as_text=True)
    (wanted,) = re.findall(r'name="next" value="([^"]*)"', form)
    data = {"name": "rika", "password": PASSWORD, "next": wanted}
    assert client.post("/trust/sign-in", data=data).location == "/trust/banks?bank=blocked"


def test_guessing_at_one_account_is_slowed_and_tells_when_to_try_again(app: APIFlask) -> None:
    signed_in(app, "guessed")
    answers = [enter(app, "guessed", WRONG) for _ in range(6)]
    assert [one.status_code for one in answers][:4] == [401] * 4
    assert answers[-1].status_code == 429
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 60
    assert enter(app, "guessed", PASSWORD).status_code == 429
    assert enter(app, "GUESSED ", PASSWORD).status_code == 429


def test_desk_is_not_kept_by_any_cache(app: APIFlask) -> None:
    answer = signed_in(app, "rika").get("/trust/banks")
    assert answer.headers["Cache-Control"] == "no-store"


def test_session_key_is_made_once_and_only_we_can_read_it(tmp_path: Path) -> None:
    made = session_key(tmp_path, "")
    assert session_key(tmp_path, "") == made
    assert stat.S_IMODE((tmp_path / "session.key").stat().st_mode) == 0o600


@pytest.mark.parametrize("weak", ["short", "x" * 64, "changeme" * 2])
def test_session_key_that_can_be_guessed_is_refused(tmp_path: Path, weak: str) -> None:
    with pytest.raises(InvalidSetting, match="LOOKALIKE_SESSION_KEY"):
        session_key(tmp_path, weak)


def test_emptied_session_key_is_refused(tmp_path: Path) -> None:
    (tmp_path / "session.key").write_text("")
    with pytest.raises(InvalidSetting, match=r"session\.key"):
        session_key(tmp_path, "")
