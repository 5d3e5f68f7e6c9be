"""The desk with nothing but its own API key, and in the application."""

from collections.abc import Iterator

import pytest

from app.trust.desk.decision_log import LogFilter
from core.errors import EngineRefused
from mappings.engine.gateway import Gateway
from ops import keys
from ops.server import Server
from tests.support.desk import case, office, party
from tests.support.engine import Engine
from tests.support.shop import Shop


@pytest.fixture
def server(engine: Engine) -> Server:
    return Server(engine.url, engine.user, engine.password)


@pytest.fixture
def narrow(server: Server, alias: str) -> Iterator[Gateway]:
    """A gateway that logs in with the desk's key alone."""
    key = keys.create(server, "desk", keys.role_rights(f"{alias}-products", alias)["desk"])
    gateway = Gateway(server.url, api_key=key)
    yield gateway
    gateway.close()
    asked = Server(server.url, api_key=key).request("GET", "/_security/_authenticate")
    server.request("DELETE", "/_security/api_key", {"ids": [asked.body["api_key"]["id"]]})


def test_the_desk_s_own_key_is_enough_for_all_it_does(narrow: Gateway, alias: str) -> None:
    at_work = office(narrow, alias, second_looks=1.0)
    (asked,) = at_work.opened(case(b := party("b")))
    given = at_work.desk.claim_next("same_photo", "aoi")
    assert given is not None
    at_work.decided(given, "aoi")
    at_work.desk.undo(asked.id, "aoi")
    at_work.decided(asked, "aoi")
    assert at_work.desk.decided_pairs([(asked.representative, b)])
    assert at_work.desk.queue_states()["second_look"].open == 1
    assert at_work.desk.log_page(LogFilter()).total == 3
    assert len(list(at_work.desk.log_csv(LogFilter()))) == 4
    assert at_work.desk.agreement() == []


def test_the_desk_s_key_makes_no_other_index(narrow: Gateway) -> None:
    with pytest.raises(EngineRefused):
        office(narrow, "somebody-elses").desk.prepare()


def test_the_application_has_a_desk_under_the_name_it_was_given(
    shop: Shop, gateway: Gateway
) -> None:
    prefix = shop.environment.text("LOOKALIKE_DESK_INDEX")
    with shop.services() as services:
        assert services.desk.queue_states()["flood"].open == 0
        assert services.webhook is None
    assert f"{prefix}-cases" in gateway.indices(f"{prefix}-*")
