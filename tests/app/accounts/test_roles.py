"""Who may call what: every endpoint of the desk and of the API, for nobody, reviewers and admins.

The table is walked from the application's own routes, so that a page nobody thought of here is
still behind the door: under /trust, whatever is not named as open or as an admin's is a
reviewer's.
"""

from collections.abc import Iterator, Mapping

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from app.accounts.access import OPEN_ENDPOINTS, is_desk
from tests.support.reviewing import browser, signed_in
from tests.support.shop import Shop

ADMINS = {
    "trust_banks.add",
    "trust_banks.confirm_removal",
    "trust_banks.remove",
    "trust_banks.import_list",
    "trust_accounts.accounts",
    "trust_accounts.invite",
    "trust_accounts.reset",
    "trust_accounts.set_role",
    "trust_accounts.disable",
    "trust_accounts.enable",
    "trust_policy.preview",
    "trust_policy.save",
}


@pytest.fixture(scope="module")
def app(shop: Shop, tmp_path_factory: pytest.TempPathFactory) -> Iterator[APIFlask]:
    with shop.app(state_dir=tmp_path_factory.mktemp("state")) as app:
        yield app


@pytest.fixture(scope="module")
def people(app: APIFlask) -> Mapping[str, FlaskClient]:
    return {
        "nobody": browser(app),
        "reviewer": signed_in(app, "rika"),
        "admin": signed_in(app, "ada", "admin"),
    }


def calls(app: APIFlask) -> Iterator[tuple[Rule, str, str]]:
    """Yield every rule with one of its methods and an address that fits it."""
    adapter = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        values = {name: 1 if "int" in str(rule) else "anything" for name in rule.arguments}
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield rule, method, adapter.build(rule.endpoint, values, method=method)


def is_turned_away(client: FlaskClient, method: str, address: str) -> bool:
    """Say whether the door, and not the page behind it, answered."""
    answer = client.open(address, method=method)
    there = (answer.location or "").startswith("/trust/sign-in")
    answer.close()
    return answer.status_code in {401, 403} or (answer.status_code == 303 and there)


@pytest.mark.parametrize("role", ["nobody", "reviewer", "admin"])
def test_every_cell_of_role_and_endpoint(
    app: APIFlask, people: Mapping[str, FlaskClient], role: str
) -> None:
    table = {}
    for rule, method, address in calls(app):
        if rule.endpoint in {"sign_in.sign_in", "sign_in.sign_out"}:
            continue  # its own tests: the one leads back to itself, the other ends the session
        if rule.endpoint in {"shopper_photos.attach", "shopper_photos.remove"}:
            continue  # its own door and tests: the shop's server shows a token, whoever is there
        if rule.endpoint.startswith("changes."):
            continue  # the same: the shop's own systems show the writers' token
        if is_desk(str(rule)) or str(rule).startswith("/api/v1"):
            table[rule.endpoint, method] = (
                is_desk(str(rule)),
                is_turned_away(people[role], method, address),
            )
    assert len(table) > 15
    for (endpoint, method), (is_behind, turned_away) in table.items():
        may = not is_behind or endpoint in OPEN_ENDPOINTS or role == "admin"
        may = may or (role == "reviewer" and endpoint not in ADMINS)
        assert turned_away is not may, (role, endpoint, method)


def test_admins_endpoints_are_there(app: APIFlask) -> None:
    assert {rule.endpoint for rule in app.url_map.iter_rules()} > ADMINS


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
@pytest.mark.parametrize("path", ["/trust", "/trust/nowhere", "/trust/banks/a/b/c"])
def test_what_nobody_wrote_yet_is_behind_the_door_too(
    people: Mapping[str, FlaskClient], method: str, path: str
) -> None:
    assert is_turned_away(people["nobody"], method, path)


@pytest.mark.parametrize("path", ["/trust", "/trust/banks", "/trust/log"])
def test_program_without_a_session_is_told_401(app: APIFlask, path: str) -> None:
    answer = app.test_client().get(path, headers={"Accept": "application/json"})
    assert answer.status_code == 401
    assert answer.json is not None
    assert answer.json["code"] == "sign_in_needed"


def test_new_page_is_behind_the_door_without_being_told(shop: Shop) -> None:
    with shop.app() as app:
        app.add_url_rule("/trust/new", view_func=lambda: "seen by everybody")
        assert is_turned_away(browser(app), "GET", "/trust/new")


def test_cookie_from_elsewhere_opens_nothing(app: APIFlask) -> None:
    client = browser(app)
    client.set_cookie("lookalike_desk", "eyJuYW1lIjoiYWRhIn0.aaaaaa.bbbbbbbbbbb", path="/trust")
    assert is_turned_away(client, "GET", "/trust/banks")
