"""Each API key can do its own work and nothing else.

On the local node, which goes afterwards: it cannot delete a data stream.
"""

import stat
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex

import pytest

from core.errors import EngineRefused
from ops import keys
from ops.keys import ApiKeys
from ops.server import Server
from tests.ops.conftest import Running

PRODUCT = {"title": "cup"}
EVENT = {"@timestamp": "2026-01-01T00:00:00Z", "message": "a search"}


@dataclass(frozen=True)
class Roles:
    """The server as each role sees it."""

    admin: Server
    search: Server
    indexer: Server
    events: Server
    desk: Server
    shoppers: Server
    writer: Server
    products: str
    cases: str
    log: str


@pytest.fixture(scope="module")
def roles(running: Running, tmp_path_factory: pytest.TempPathFactory) -> Roles:
    admin = running.server
    name = token_hex(6)
    path = tmp_path_factory.mktemp("keys") / "keys.json"
    made = keys.ensure(admin, f"test-{name}", f"desk-{name}", path)
    log = f"logs-lookalike.search-{name}"
    template = {"index_patterns": [log], "data_stream": {}, "priority": 900}
    assert admin.request("PUT", f"/_index_template/test-{name}", template).status == 200
    products = f"test-{name}-000001"
    # Mapped beforehand, as products are: nobody's document adds a field.
    mapped = {"mappings": {"dynamic": "strict", "properties": {"title": {"type": "text"}}}}
    assert admin.request("PUT", f"/{products}", mapped).status == 200
    return Roles(
        admin,
        search=Server(admin.url, api_key=made.search),
        indexer=Server(admin.url, api_key=made.indexer),
        events=Server(admin.url, api_key=made.events),
        desk=Server(admin.url, api_key=made.desk),
        shoppers=Server(admin.url, api_key=made.shoppers),
        writer=Server(admin.url, api_key=made.writer),
        products=products,
        cases=f"desk-{name}-cases",
        log=log,
    )


def write(server: Server, index: str) -> int:
    return server.request("POST", f"/{index}/_doc?refresh=true", PRODUCT).status


def append(server: Server, log: str) -> int:
    return server.request("POST", f"/{log}/_create/{token_hex(6)}", EVENT).status


def test_search_key_reads_and_sees_health(roles: Roles) -> None:
    assert roles.search.request("GET", f"/{roles.products}/_search").status == 200
    assert roles.search.request("GET", f"/{roles.products}/_mapping").status == 200
    assert roles.search.request("GET", f"/_cluster/health/{roles.products}").status == 200
    assert roles.search.request("GET", "/").status == 200


def test_search_key_cannot_write(roles: Roles) -> None:
    assert write(roles.search, roles.products) == 403
    assert roles.search.request("DELETE", f"/{roles.products}").status == 403
    assert write(roles.search, roles.log) == 403


def test_search_key_reads_no_other_index(roles: Roles) -> None:
    assert append(roles.events, roles.log) == 201
    assert roles.search.request("GET", f"/{roles.log}/_search").status == 403
    assert roles.search.request("GET", "/.security-7/_search").status == 403


def test_indexer_key_owns_the_products(roles: Roles) -> None:
    index = f"{roles.products}-new"
    assert roles.indexer.request("PUT", f"/{index}").status == 200
    assert write(roles.indexer, index) == 201
    action = {"add": {"index": index, "alias": f"{roles.products}-alias"}}
    assert roles.indexer.request("POST", "/_aliases", {"actions": [action]}).status == 200
    assert roles.indexer.request("DELETE", f"/{index}").status == 200


def test_indexer_key_makes_templates_and_inspects_the_log(roles: Roles) -> None:
    name = f"{roles.log}-made"
    template = {"index_patterns": [name], "data_stream": {}, "priority": 901}
    assert roles.indexer.request("PUT", f"/_index_template/{name}", template).status == 200
    assert append(roles.events, roles.log) == 201
    assert roles.indexer.request("GET", f"/{roles.log}/_mapping").status == 200
    assert roles.indexer.request("GET", f"/{roles.log}/_search").status == 403


def test_indexer_key_makes_no_users_and_touches_no_other_index(roles: Roles) -> None:
    user = {"password": "long-enough-1", "roles": ["superuser"]}
    assert roles.indexer.request("PUT", "/_security/user/intruder", user).status == 403
    assert roles.indexer.request("PUT", "/somebody-elses").status == 403


def test_events_key_appends(roles: Roles) -> None:
    assert append(roles.events, roles.log) == 201
    assert append(roles.events, "logs-other.search-default") == 403


def test_events_key_reads_the_log_alone_and_deletes_nothing(roles: Roles) -> None:
    assert append(roles.events, roles.log) == 201
    assert roles.events.request("GET", f"/{roles.log}/_search").status == 200
    assert roles.events.request("DELETE", f"/{roles.log}").status == 403
    assert roles.events.request("GET", f"/{roles.products}/_search").status == 403
    assert write(roles.events, roles.products) == 403


def test_desk_key_owns_the_desk_and_only_reads_the_products(roles: Roles) -> None:
    assert roles.desk.request("PUT", f"/{roles.cases}").status == 200
    assert write(roles.desk, roles.cases) == 201
    assert roles.desk.request("POST", f"/{roles.cases}/_refresh").status == 200
    assert roles.desk.request("GET", f"/{roles.products}/_search").status == 200
    assert write(roles.desk, roles.products) == 403
    assert roles.desk.request("GET", f"/{roles.log}/_search").status == 403


def test_shoppers_key_writes_products_and_deletes_nothing(roles: Roles) -> None:
    assert roles.shoppers.request("PUT", f"/{roles.products}/_doc/1", PRODUCT).status == 201
    assert roles.shoppers.request("GET", f"/{roles.products}/_doc/1").status == 200
    assert roles.shoppers.request("POST", f"/{roles.products}/_refresh").status == 200
    assert roles.shoppers.request("DELETE", f"/{roles.products}/_doc/1").status == 403
    assert roles.shoppers.request("DELETE", f"/{roles.products}").status == 403
    assert roles.shoppers.request("PUT", f"/{roles.products}/_mapping", {}).status == 403
    assert write(roles.shoppers, roles.log) == 403


def test_writer_key_makes_the_index_changes_and_deletes_products_and_nothing_else(
    roles: Roles,
) -> None:
    path = f"/{roles.products}/_doc/2"
    assert roles.writer.request("PUT", path, PRODUCT).status == 201
    change = {"script": {"source": "ctx._source.title = 'mug'"}}
    assert roles.writer.request("POST", f"/{roles.products}/_update/2", change).status == 200
    assert roles.writer.request("GET", path).body["_source"] == {"title": "mug"}
    assert roles.writer.request("DELETE", path).status == 200
    # It makes the index of a new shop, and may add fields to it.
    assert roles.writer.request("PUT", f"/{roles.products}/_mapping", {}).status == 200
    assert roles.writer.request("DELETE", f"/{roles.products}").status == 403
    assert roles.writer.request("POST", f"/{roles.products}/_close").status == 403
    assert write(roles.writer, roles.log) == 403


def test_no_other_key_sees_the_desk(roles: Roles) -> None:
    for other in (roles.search, roles.indexer, roles.events, roles.shoppers, roles.writer):
        assert other.request("GET", f"/{roles.cases}/_search").status == 403
        assert write(other, roles.cases) == 403


def test_keys_are_kept_until_they_stop_working(roles: Roles, tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    first = keys.ensure(roles.admin, "test-kept", "desk", path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert keys.ensure(roles.admin, "test-kept", "desk", path) == first
    other_index = keys.ensure(roles.admin, "test-other", "desk", path)
    assert other_index != first
    path.write_text(path.read_text().replace(other_index.search, first.indexer[:-4] + "AAAA"))
    assert keys.ensure(roles.admin, "test-other", "desk", path) != other_index
    path.write_text("{")
    assert isinstance(keys.ensure(roles.admin, "test-other", "desk", path), ApiKeys)


def test_who_may_not_make_keys_is_told(roles: Roles, tmp_path: Path) -> None:
    with pytest.raises(EngineRefused, match="search key"):
        keys.ensure(roles.search, "test-refused", "desk", tmp_path / "keys.json")


def test_keys_do_not_show_in_a_log() -> None:
    assert "hidden" not in repr(ApiKeys(*["hidden"] * 6))
    assert "hidden" not in repr(Server("http://x", password="hidden", api_key="hidden"))
